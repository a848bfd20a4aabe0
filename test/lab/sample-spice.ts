// A recording of a stock SPICE session as a tap tells it, with a guest whose agent only measures and whose clock is another.

import { FRAME_TYPES, STEPS, type Step } from '#core/recording';
import { STREAM_PHASE } from '#run/session-result';
import { startRecording } from '#recording/recorder';
import { TEST_ENVIRONMENT } from './sample-run.ts';

/** How far each agent's clock is ahead of the reference, microseconds. */
const OFFSETS_US = { guest: 7_000_000, server: 1_000_000, client: -2_000_000 } as const;

export interface StockSample {
  /** Whether the logs of server and client were read. */
  readonly hasLogs: boolean;
  /** False for a recording that broke off before its length was told. */
  readonly hasEnded?: boolean;
}

/** Four frames that came to the tap at 0, 40, 80 and 120 ms of the reference clock; the client never showed the last. */
export async function recordStock(folder: string, { hasLogs, hasEnded = true }: StockSample): Promise<void> {
  const recorder = await startRecording(folder, {
    run: 'stock',
    kind: 'stream',
    settings: { session: 'spice', codec: 'h264' },
    environment: TEST_ENVIRONMENT,
    agents: Object.keys(OFFSETS_US).map((role) => ({ name: `${role} 1`, role, host: role })),
    anchor: { monotonicUs: 0, utc: '2026-11-01T12:00:00.000Z' },
    absent: [],
    accounting: 'none',
    indicators: [
      { name: 'tap.report.drops', unit: 'frame', description: '' },
      { name: 'tap.report.delay', unit: 'ms', description: '' },
    ],
  });
  const numbers = Int32Array.of(0, 1, 2, 3);
  const atUs = (role: keyof typeof OFFSETS_US, referenceUs: number) => referenceUs + OFFSETS_US[role];
  recorder.addClocks(
    Object.entries(OFFSETS_US).map(([role, offsetUs]) => ({ agent: `${role} 1`, timeUs: 0, offsetUs, errorUs: 20 })),
  );
  recorder.addFrames({
    stream: 'video',
    timeBase: [1, 1_000_000],
    frame: numbers,
    sourceFrame: numbers.map(() => -1),
    pts: Float64Array.from(numbers, (frame) => atUs('server', frame * 40_000)),
    type: Uint8Array.from(numbers, (frame) => FRAME_TYPES.indexOf(frame === 0 ? 'I' : 'unknown')),
    key: Uint8Array.from(numbers, (frame) => (frame === 0 ? 1 : 0)),
    bytes: numbers.map(() => 1_000),
    quantizer: new Float32Array(4).fill(NaN),
  });
  const add = (role: keyof typeof OFFSETS_US, step: Step, afterUs: number, durationUs: number, frames = numbers) =>
    recorder.addSteps({
      stream: 'video',
      role,
      step: new Uint8Array(frames.length).fill(STEPS.indexOf(step)),
      frame: frames,
      startUs: Float64Array.from(frames, (frame) => atUs(role, frame * 40_000 + afterUs)),
      durationUs: new Int32Array(frames.length).fill(durationUs),
      busyUs: new Int32Array(frames.length).fill(-1),
      outcome: new Uint8Array(frames.length),
    });
  add('server', 'send', 0, 2_000);
  if (hasLogs) {
    // Frame 2 was not found in the server's log.
    add('server', 'encode', -9_000, 8_000, Int32Array.of(0, 1, 3));
    add('client', 'decode', 5_000, 3_000, numbers.slice(0, 3));
    add('client', 'present', 8_000, 6_000, numbers.slice(0, 3));
  }
  recorder.addSeries({
    agent: 'server 1',
    indicator: Uint16Array.of(0, 1, 0, 1, 0, 1),
    timeUs: Float64Array.of(50_000, 50_000, 100_000, 100_000, 900_000, 900_000).map((us) => atUs('server', us)),
    value: Float64Array.of(2, 20, 3, 20, 100, 100),
  });
  if (hasEnded) recorder.addPhases([{ phase: STREAM_PHASE, startUs: 0, endUs: 200_000, cpuS: null }]);
  await recorder.finish('complete');
}
