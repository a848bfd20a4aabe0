// Where a source is cut into chunks: at scene cuts that lie well, else where a keyframe would stand anyway.

import type { ChunkLengths } from './chunk-lengths.ts';

/** A source's frames and scenes, as far as cutting needs them. */
export interface CutSource {
  readonly frames: number;
  /** Seconds at which each frame begins, ascending, and behind them the end of the last: one more than there are frames. */
  readonly times: Float64Array;
  /** Frames at which a scene begins, ascending. */
  readonly scenes: readonly number[];
  /** How far each frame lies from the one before; the clearest of scenes that crowd together is the one. */
  readonly change: ArrayLike<number>;
}

/** Of scenes closer together than this share of a chunk's wanted length the clearest counts: planning stays quick whatever they are. */
const SCENE_SPACING = 1 / 32;
/**
 * What a cut within a scene costs, on the scale of `deviation`: chunks of 0.73 and 1.37 of the wanted length are as good,
 * if a scene begins between them.
 */
const WITHIN_SCENE = 0.2;
/** What a wholly wasted keyframe at the end of a chunk costs: its last GOP is short. */
const SHORT_GOP = 0.05;

/**
 * First frames of the chunks, ascending, from 0: the cheapest way through all places that may be cut. No chunk is shorter
 * than `lengths.shortest`, save where the source is; none is longer than `lengths.longest`, save where there is no place to cut.
 * @param gop frames between keyframes
 */
export function cutPlaces(source: CutSource, gop: number, lengths: ChunkLengths): number[] {
  const { frames, times } = source;
  const start = times[0]!;
  if (times[frames]! - start < 2 * lengths.shortest) return [0];
  const { places, atScene } = candidates(source, gop, lengths.target);
  const cost = new Float64Array(places.length).fill(Infinity);
  const from = new Int32Array(places.length).fill(-1);
  cost[0] = 0;
  let near = 0; // The first place within the longest chunk's reach, and the last one before it that can be come to.
  let before = -1;
  for (let to = 1; to < places.length; to++) {
    const end = times[places[to]!]!;
    while (end - times[places[near]!]! > lengths.longest) {
      if (cost[near]! < Infinity) before = near;
      near++;
    }
    const penalty = atScene[to] === 1 ? 0 : WITHIN_SCENE;
    const consider = (place: number) => {
      const length = end - times[places[place]!]!;
      const shortGop = 1 - (((places[to]! - places[place]! - 1) % gop) + 1) / gop;
      const all = cost[place]! + deviation(length / lengths.target) + SHORT_GOP * shortGop + penalty;
      if (all >= cost[to]!) return;
      cost[to] = all;
      from[to] = place;
    };
    for (let place = near; place < to && end - times[places[place]!]! >= lengths.shortest; place++) consider(place);
    if (from[to] === -1 && before !== -1) consider(before);
  }
  const cuts: number[] = [];
  for (let place = from.at(-1)!; place !== -1; place = from[place]!) cuts.push(places[place]!);
  return cuts.reverse();
}

/** Zero at one, and the same for twice as long and half as long. Exact arithmetic only: a plan is the same on every machine. */
function deviation(ratio: number): number {
  return ratio + 1 / ratio - 2;
}

/** Frames that a chunk may begin at, ascending, from 0 to one behind the last; and which of them begin a scene. */
function candidates(
  { frames, times, scenes, change }: CutSource,
  gop: number,
  targetS: number,
): { readonly places: readonly number[]; readonly atScene: Uint8Array } {
  const spacing = SCENE_SPACING * targetS;
  const chosen: number[] = [];
  for (const scene of scenes) {
    if (scene <= 0 || scene >= frames) continue;
    const before = chosen.at(-1);
    if (before === undefined || times[scene]! - times[before]! >= spacing) chosen.push(scene);
    else if (change[scene]! > change[before]!) chosen[chosen.length - 1] = scene;
  }
  const all = new Set([0, ...chosen, frames]);
  // A frame rate that varies may have any number of keyframes in a chunk; places closer than scenes may be bring nothing.
  let last = times[0]!;
  for (let frame = gop; frame < frames; frame += gop) {
    if (times[frame]! - last < spacing) continue;
    all.add(frame);
    last = times[frame]!;
  }
  const places = [...all].sort((a, b) => a - b);
  const isScene = new Set([...chosen, 0, frames]);
  return { places, atScene: Uint8Array.from(places, (place) => (isScene.has(place) ? 1 : 0)) };
}
