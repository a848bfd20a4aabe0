// From the times of an encoder's calls to a step for each frame: which call took which frame, and which gave its packet.

import { STEPS, STEP_OUTCOMES, type StepBatch } from '#core/recording';
import type { CallTimes } from './call-times.ts';

const STEP_ENCODE = STEPS.indexOf('encode');
const OUTCOME_OK = STEP_OUTCOMES.indexOf('ok');

type Columns = Omit<StepBatch, 'stream' | 'role'>;

/**
 * ffmpeg up to 6.0 calls the encoder with each frame and asks for packets until there is none: one time is told for the
 * frame, and one more for each packet that it gave. At the end it drains: a time for each packet, and one for none.
 * @param order frame numbers of the packets, in the order of coding
 * @returns null where the calls can't be told apart
 */
export function stepsOfCalls(order: Int32Array, encode: CallTimes, flush: CallTimes): Columns | null {
  if (encode.overflowed || flush.overflowed) return null;
  const calls = matchCalls(order.length, encode, Math.max(0, flush.count - 1));
  if (calls === null) return null;
  const { taken, given } = calls;
  const steps = emptySteps(order.length);
  for (let packet = 0; packet < order.length; packet++) {
    const frame = order[packet]!;
    if (frame < 0 || frame >= taken.length) return null;
    const call = taken[frame]!;
    const startUs = encode.endUs[call]! - encode.tookUs[call]!;
    const drained = packet - (order.length - Math.max(0, flush.count - 1));
    const endUs = drained >= 0 ? flush.endUs[drained]! : encode.endUs[given[packet]!]!;
    const busyUs = encode.tookUs[call]! + (drained >= 0 ? flush.tookUs[drained]! : 0);
    // A packet comes out at the end of its own frame's call at the earliest.
    set(steps, packet, frame, startUs, Math.max(endUs - startUs, encode.tookUs[call]!), busyUs);
  }
  return steps;
}

/**
 * From 6.0 on each frame that goes in and each packet that comes out is told, without the time of the calls.
 * @returns null where frames were dropped or doubled by the encoder
 */
export function stepsOfStats(order: Int32Array, frames: CallTimes, packets: CallTimes): Columns | null {
  if (frames.overflowed || packets.overflowed) return null;
  if (frames.count !== order.length || packets.count !== order.length) return null;
  const steps = emptySteps(order.length);
  for (let packet = 0; packet < order.length; packet++) {
    const frame = order[packet]!;
    if (frame < 0 || frame >= frames.count) return null;
    set(steps, packet, frame, frames.endUs[frame]!, Math.max(0, packets.endUs[packet]! - frames.endUs[frame]!), -1);
  }
  return steps;
}

interface Matched {
  /** Position of the call that took each frame. */
  readonly taken: Int32Array;
  /** Position of the call that gave each packet before draining. */
  readonly given: Int32Array;
}

function matchCalls(frames: number, encode: CallTimes, drained: number): Matched | null {
  if (encode.count !== 2 * frames - drained) return null;
  return matchConstantDelay(frames, encode, drained) ?? matchGroups(frames, encode, drained);
}

/** Most encoders hold so many frames as they have to be drained of, and then give one packet for each frame. */
function matchConstantDelay(frames: number, encode: CallTimes, drained: number): Matched | null {
  const taken = new Int32Array(frames);
  const given = new Int32Array(Math.max(0, frames - drained));
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    taken[frame] = at;
    if (frame < drained) {
      at++;
      continue;
    }
    given[frame - drained] = at;
    // The second time of a call follows the first at once.
    if (encode.apart[at + 1] === 1) return null;
    at += 2;
  }
  return { taken, given };
}

/** Where something was done between all frames, the calls in between belong to one. */
function matchGroups(frames: number, encode: CallTimes, drained: number): Matched | null {
  const taken = new Int32Array(frames);
  const given = new Int32Array(Math.max(0, frames - drained));
  let frame = -1;
  let packet = 0;
  for (let at = 0; at < encode.count; at++) {
    if (encode.apart[at] === 1) {
      if (++frame === frames) return null;
      taken[frame] = at;
    } else given[packet++] = at - 1;
    if (packet > given.length) return null;
  }
  return frame === frames - 1 && packet === given.length ? { taken, given } : null;
}

function emptySteps(count: number): Columns {
  return {
    frame: new Int32Array(count),
    step: new Uint8Array(count).fill(STEP_ENCODE),
    startUs: new Float64Array(count),
    durationUs: new Int32Array(count),
    busyUs: new Int32Array(count),
    outcome: new Uint8Array(count).fill(OUTCOME_OK),
  };
}

function set(steps: Columns, row: number, frame: number, startUs: number, durationUs: number, busyUs: number): void {
  steps.frame[row] = frame;
  steps.startUs[row] = Math.round(startUs);
  steps.durationUs[row] = Math.round(durationUs);
  steps.busyUs[row] = busyUs;
}
