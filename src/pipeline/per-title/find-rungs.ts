// The rungs of one title: probe encodes of a few short pieces, and rungs placed on the convex hull of what they show.

import type { Settings } from '#core/settings';
import type { CheckedSource } from '#core/source-check';
import type { PerTitle } from '#core/title';
import { upperHull, type RatePoint } from '#analysis/rate-quality';
import { UserError } from '#core/user-error';
import { boxOf, fitInto, shownSize } from '../plan/picture-fit.ts';
import { placeRungs, type ProbePoint } from './place-rungs.ts';
import { probePieces, type Piece } from './probe-pieces.ts';
import { PROBED_ENCODERS, qualityScale } from './quality-scale.ts';

/** Encodes pieces of the source with the settings of a rung, and tells rate (bit/s) and quality (dB) of them together. */
export type RunProbe = (rung: Settings, pieces: readonly Piece[]) => Promise<RatePoint>;

export interface FoundRungs {
  readonly rungs: readonly Settings[];
  /** What was probed, by encoder: for a person who wants to see why. */
  readonly probes: readonly { readonly encoder: Settings; readonly points: readonly ProbePoint[] }[];
}

/** Seconds of a piece: about a GOP, so that a keyframe weighs what it weighs in the title. */
const PIECE_S = 2;
/** A better quality is not tried where this one takes so much more than the highest rung may. */
const FAR_ABOVE = 1.5;

/**
 * Deterministic: equal sources and equal answers of the probes give equal rungs, in the order of their rate for each encoder.
 * @throws UserError for an encoder whose scale of quality is not known
 */
export async function findRungs(checked: CheckedSource, perTitle: PerTitle, runProbe: RunProbe): Promise<FoundRungs> {
  const { video } = checked.info;
  const pieces = probePieces(checked, Math.max(1, Math.round(PIECE_S * video.averageFrameRate)));
  const heights = fittingHeights(checked, perTitle.heights);
  const rungs: Settings[] = [];
  const probes: FoundRungs['probes'][number][] = [];
  for (const encoder of perTitle.encoders) {
    const scale = qualityScale(String(encoder['encoder']));
    if (scale === null)
      throw new UserError({
        what: `rungs of ${String(encoder['encoder'])} can't be found: its scale of quality is not known`,
        todo: `Encoders that can be probed: ${PROBED_ENCODERS.join(', ')}.`,
      });
    const points = await probeSizes(heights, scale.probed, FAR_ABOVE * perTitle.bitrate[1], (height, crf) =>
      runProbe({ ...encoder, resolution: `${height}p`, crf }, pieces),
    );
    probes.push({ encoder, points });
    for (const { height, crf, rate } of placeRungs(points, perTitle.rungs, perTitle.bitrate))
      rungs.push({
        ...encoder,
        resolution: `${height}p`,
        crf: Number((scale.step * Math.round(crf / scale.step)).toFixed(1)),
        ...scale.cap?.(rate),
      });
  }
  return { rungs, probes };
}

/**
 * The smallest size is probed at all qualities. A larger one is probed from good to poor, and no further than to where smaller
 * ones look better at the same rate: they do so below it too.
 * @param heights ascending
 * @param qualities from poor to good
 * @param dearest rate above which no better quality is tried, of this size or a larger one
 */
async function probeSizes(
  heights: readonly number[],
  qualities: readonly number[],
  dearest: number,
  probe: (height: number, crf: number) => Promise<RatePoint>,
): Promise<ProbePoint[]> {
  const points: ProbePoint[] = [];
  let tried = qualities;
  for (const [index, height] of heights.entries()) {
    const smaller = upperHull(points);
    for (const crf of index === 0 ? tried : tried.toReversed()) {
      const point = await probe(height, crf);
      points.push({ ...point, height, crf });
      // At least the poorest stays: a larger size may be asked for at it.
      if (point.rate > dearest) tried = tried.slice(0, Math.max(1, tried.indexOf(crf)));
      if (index === 0 ? point.rate > dearest : isBelow(point, smaller)) break;
    }
  }
  return points;
}

/** True where the hull's straight lines, over the logarithm of the rate, pass above a point. */
function isBelow({ rate, quality }: RatePoint, hull: readonly RatePoint[]): boolean {
  const next = hull.findIndex((point) => point.rate >= rate);
  if (next <= 0) return false;
  const [a, b] = [hull[next - 1]!, hull[next]!];
  const share = Math.log(rate / a.rate) / Math.log(b.rate / a.rate);
  return quality < a.quality + share * (b.quality - a.quality);
}

/** Heights that the source fills, ascending; the smallest where it fills none. */
function fittingHeights({ info }: CheckedSource, heights: readonly number[]): readonly number[] {
  const shown = shownSize(info.video);
  const sorted = heights.toSorted((a, b) => a - b);
  const fitting = sorted.filter((height) => !fitInto(boxOf(`${height}p`, shown)!, shown).tooLarge);
  return fitting.length > 0 ? fitting : sorted.slice(0, 1);
}
