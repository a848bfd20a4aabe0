// The rungs of one title: probe encodes of a few short pieces, and rungs placed on the convex hull of what they show.

import type { Settings } from '#core/settings';
import type { CheckedSource } from '#core/source-check';
import type { PerTitle } from '#core/title';
import type { RatePoint } from '#analysis/rate-quality';
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
/** A better quality of one size is not tried where this one takes so much more than the highest rung may. */
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
    const points: ProbePoint[] = [];
    for (const height of heights)
      for (const crf of scale.probed) {
        const point = await runProbe({ ...encoder, resolution: `${height}p`, crf }, pieces);
        points.push({ ...point, height, crf });
        if (point.rate > FAR_ABOVE * perTitle.bitrate[1]) break;
      }
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

/** Heights that the source fills, ascending; the smallest where it fills none. */
function fittingHeights({ info }: CheckedSource, heights: readonly number[]): readonly number[] {
  const shown = shownSize(info.video);
  const sorted = heights.toSorted((a, b) => a - b);
  const fitting = sorted.filter((height) => !fitInto(boxOf(`${height}p`, shown)!, shown).tooLarge);
  return fitting.length > 0 ? fitting : sorted.slice(0, 1);
}
