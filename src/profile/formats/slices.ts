// Stretches of time with one stack, of formats that tell when functions began and ended.

import type { ProfileBuilder } from '../profile-builder.ts';

/** A longer stretch is several samples: a selection of part of it, and a heatmap, would have all of it in one moment. */
const SAMPLE_NS = 10_000_000;
/** So many samples at most are made of one stretch. */
const MAX_PIECES = 1000;

/** A profile with more samples gets only one more of each stretch. */
const MAX_SAMPLES = 2_000_000;

/** Adds samples that stand for a thread's time in [fromNs, toNs); nothing where that is empty. */
export function addSlice(builder: ProfileBuilder, thread: number, stack: number, fromNs: number, toNs: number): void {
  const lengthNs = toNs - fromNs;
  if (!(lengthNs > 0)) return;
  const pieces = builder.sampleCount > MAX_SAMPLES ? 1 : Math.min(MAX_PIECES, Math.ceil(lengthNs / SAMPLE_NS));
  for (let piece = 0; piece < pieces; piece++) {
    const begin = Math.round(fromNs + (lengthNs * piece) / pieces);
    const end = piece === pieces - 1 ? toNs : Math.round(fromNs + (lengthNs * (piece + 1)) / pieces);
    builder.addSample(begin, -1, thread, stack, 0, end - begin);
  }
}
