// A stream as tests record it: what agents bring, a batch at a time.

import { STEPS, type Step, type StepBatch } from '#core/recording';
import type { RunIdentity } from '#run/execute-run';
import type { StreamAgent, StreamRows } from '#run/stream-run';

export const STREAM_IDENTITY: RunIdentity = {
  benchmark: null,
  cell: null,
  repeat: 1,
  settings: { encoder: 'libx264', framerate: 50 },
  labels: [],
  sameKey: 'by hand',
};

const indicator = (name: string, unit: string) => ({ name, unit, description: '' });

/** Each has a list of its own: `cpu.busy` stands first in the one and second in the other. */
export const GUEST: StreamAgent = {
  agent: { name: 'guest', role: 'guest', host: 'a' },
  indicators: [indicator('cpu.busy', 'core'), indicator('sender.cpu', 'core')],
};
export const CLIENT: StreamAgent = {
  agent: { name: 'client', role: 'client', host: 'b' },
  indicators: [indicator('receiver.cpu', 'core'), indicator('cpu.busy', 'core')],
};

export interface StepRow {
  readonly step: Step;
  readonly frame: number;
  readonly startUs: number;
  readonly durationUs?: number;
  /** Code in STEP_OUTCOMES. */
  readonly outcome?: number;
}

export function stepBatch(role: string, rows: readonly StepRow[], stream = 'video'): StepBatch {
  return {
    stream,
    role,
    frame: Int32Array.from(rows, ({ frame }) => frame),
    step: Uint8Array.from(rows, ({ step }) => STEPS.indexOf(step)),
    startUs: Float64Array.from(rows, ({ startUs }) => startUs),
    durationUs: Int32Array.from(rows, ({ durationUs }) => durationUs ?? 1000),
    busyUs: Int32Array.from(rows, ({ durationUs }) => durationUs ?? 1000),
    outcome: Uint8Array.from(rows, ({ outcome }) => outcome ?? 0),
  };
}

/** One encoded frame of the sender, captured at a time of its clock. */
export function frameRows(frame: number, captureUs: number, key = frame === 0, stream = 'video'): StreamRows['frames'] {
  return [
    {
      stream,
      timeBase: [1, 1_000_000],
      frame: Int32Array.of(frame),
      sourceFrame: Int32Array.of(frame),
      pts: Float64Array.of(captureUs),
      type: Uint8Array.of(key ? 1 : 2),
      key: Uint8Array.of(key ? 1 : 0),
      bytes: Int32Array.of(1000),
      quantizer: Float32Array.of(25),
    },
  ];
}

/** Values of the agent's first two indicators. */
export function seriesRows(agent: string, timeUs: number, values: readonly [number, number]): StreamRows['series'] {
  return [
    {
      agent,
      indicator: Uint16Array.of(0, 1),
      timeUs: Float64Array.of(timeUs, timeUs),
      value: Float64Array.from(values),
    },
  ];
}
