// Runs perf and makes slices of a profile of what it tells, as it tells it: a child, so that nobody else's work waits for it. It
// ends with its standard input, and perf with it.

import { constants, setPriority } from 'node:os';
import type { Profile } from '#core/profile';
import { packProfile } from '#profile/pack';
import { usedRows } from '#profile/used-rows';
import { GrowingPerfProfile } from './assemble/profile-from-perf.ts';
import { sliceFrame } from './record/slice-frames.ts';
import { startPerfRecord } from './record/start-perf-record.ts';
import type { SlicesBegun, SlicesEnded, SliceTold, SlicesJob } from './take-slices.ts';
import { openImages } from './symbols/open-images.ts';

/** A second has its cells then; perf writes whole rounds, and the one before the last is sure. */
const SLICE_MS = 1_000;
const FLUSH_MS = 250;
/** What perf told and is not yet assembled: some seconds of a large machine. */
const MAX_WAITING_BYTES = 128 * 2 ** 20;

const job = JSON.parse(process.argv[2]!) as SlicesJob;
const growing = new GrowingPerfProfile(openImages());
const ended = Promise.withResolvers<string | null>();
let waitingBytes = 0;
let fed: Promise<void> = Promise.resolve();
let cpuBefore = 0;

process.stdin.on('data', () => ended.resolve(null)).on('end', () => ended.resolve(null));
// Who listened is gone: so are we.
process.stdout.on('error', () => process.exit(1));

const started = await startPerfRecord({
  wanted: job.wanted,
  pids: job.pids,
  output: take,
  maxBytes: job.maxBytes,
  maxSeconds: job.maxSeconds,
});
if ('reason' in started) tell({ type: 'refused', reason: started.reason } satisfies SlicesBegun);
else {
  const { scope, switches, absent } = started;
  // What is measured goes before the measuring; perf itself must not wait.
  setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  tell({ type: 'begun', scope, switches, absent } satisfies SlicesBegun);
  const flush = setInterval(() => started.flush(), FLUSH_MS);
  const slice = setInterval(() => tellSlice(started.cpuS), SLICE_MS);
  void started.ended.then(() => ended.resolve(null));
  const problem = await ended.promise;
  clearInterval(flush);
  clearInterval(slice);
  const end = await started.stop();
  await fed;
  growing.end();
  tellSlice(end.overheadCpuS);
  tell({ type: 'ended', problem: problem ?? end.problem } satisfies SlicesEnded);
}
process.stdin.destroy();

/** Bytes are fed one after the other. */
function take(chunk: Buffer): void {
  if (waitingBytes > MAX_WAITING_BYTES) return ended.resolve('perf tells more than could be assembled in time');
  waitingBytes += chunk.length;
  fed = fed
    .then(() => growing.feed(chunk))
    .catch((error: unknown) => ended.resolve(error instanceof Error ? error.message : String(error)))
    .finally(() => (waitingBytes -= chunk.length));
}

/** @param perfCpuS of perf until now */
function tellSlice(perfCpuS: number | null): void {
  const slice = growing.slice();
  if (slice === null) return;
  const { user, system } = process.cpuUsage();
  const cpuS = (user + system) / 1e6 + (perfCpuS ?? 0);
  const overheadCpuS = perfCpuS === null ? null : Math.max(0, cpuS - cpuBefore);
  cpuBefore = cpuS;
  const { header } = slice;
  const absent = [...new Set([...job.absent, ...('reason' in started ? [] : started.absent), ...header.absent])];
  const whole: Profile = { ...slice, header: { ...header, frequencyHz: job.wanted.frequencyHz, overheadCpuS, absent } };
  const { startNs, endNs } = header;
  const told: SliceTold = { type: 'slice', startNs, endNs, samples: slice.samples.timeNs.length, overheadCpuS };
  tell(told, packProfile(usedRows(whole)));
}

function tell(told: object, bytes?: Uint8Array): void {
  process.stdout.write(sliceFrame(told, bytes));
}
