// What a call tree counts: samples of a selection, or the waits of its threads. Either way columns, by time, and which parts of them.

import type { Profile, ProfileSelection } from '#core/profile';
import type { CallUnit } from './call-tree.ts';

export interface CallEvents {
  readonly unit: CallUnit;
  readonly cpu: Int16Array;
  readonly thread: Uint32Array;
  readonly stack: Int32Array;
  /** Null where no sample tells. */
  readonly instruction: Uint8Array | null;
  /** Null where each has `each`. */
  readonly weight: Float64Array | null;
  readonly each: number;
  /** Pairs [from, to) of positions. */
  readonly pieces: readonly number[];
}

const tellsInstructions = new WeakMap<Uint8Array, boolean>();

/** The samples of a selection's times; CPUs and threads are still to be looked at. */
export function sampleEvents(profile: Profile, { rangesNs }: ProfileSelection): CallEvents {
  const { samples, header } = profile;
  const isTime = header.sampleNs !== null && header.weightUnit === 'ns';
  let tells = tellsInstructions.get(samples.instruction);
  if (tells === undefined) {
    tells = samples.instruction.some((kind) => kind !== 0);
    tellsInstructions.set(samples.instruction, tells);
  }
  const pieces: number[] = [];
  if (rangesNs === null) pieces.push(0, samples.timeNs.length);
  else for (const edge of rangesNs) pieces.push(firstFrom(samples.timeNs, edge));
  return {
    unit: samples.weight !== null ? header.weightUnit : isTime ? 'ns' : 'samples',
    cpu: samples.cpu,
    thread: samples.thread,
    stack: samples.stack,
    instruction: tells ? samples.instruction : null,
    weight: samples.weight,
    each: isTime ? header.sampleNs! : 1,
    pieces,
  };
}

/**
 * The times in which threads were off the CPU, from the end of a span to the start of the thread's next one, at the stack where it left;
 * of each the part that lies in the selection. What a thread does after its last span is not known and not counted.
 * @returns null where the scheduler was not watched
 */
export function waitEvents(profile: Profile, { rangesNs }: ProfileSelection): CallEvents | null {
  const { spans, threads } = profile;
  if (spans === null) return null;
  const count = spans.startNs.length;
  const weight = new Float64Array(count);
  const last = new Int32Array(threads.name.length).fill(-1);
  for (let span = 0; span < count; span++) {
    const thread = spans.thread[span]!;
    const before = last[thread]!;
    if (before >= 0) weight[before] = timeInside(rangesNs, spans.endNs[before]!, spans.startNs[span]!);
    last[thread] = span;
  }
  // Neighbours that wait make one piece.
  const pieces: number[] = [];
  for (let span = 0; span < count; span++) {
    if (weight[span]! <= 0) continue;
    if (pieces.at(-1) === span) pieces[pieces.length - 1] = span + 1;
    else pieces.push(span, span + 1);
  }
  const { cpu, thread, stack } = spans;
  return { unit: 'ns', cpu, thread, stack, instruction: null, weight, each: 1, pieces };
}

function timeInside(rangesNs: Float64Array | null, from: number, to: number): number {
  if (rangesNs === null) return to - from;
  let inside = 0;
  // The first range that ends after `from`: ends stand at odd places.
  for (let edge = firstFrom(rangesNs, from) & ~1; edge < rangesNs.length && rangesNs[edge]! < to; edge += 2)
    inside += Math.max(0, Math.min(to, rangesNs[edge + 1]!) - Math.max(from, rangesNs[edge]!));
  return inside;
}

/** Position of the first value that is not below. */
function firstFrom(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
