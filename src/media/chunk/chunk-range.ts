// Where a chunk of a plan lies in its checked source. Pure.

import type { CheckedSource, SourceFault } from '#core/source-check';
import type { Chunk } from '#core/title';
import { lavfiGraph } from '../source-path.ts';
import { SEEK_AHEAD_S, type ChunkRange } from './chunk-job.ts';

/** Containers whose index leads exactly to a frame's keyframe (by FFmpeg's names of formats). */
const INDEXED = /\b(mov|mp4|matroska|webm)\b/;
/** Faults by which frames that the source should show never come out of a decoder. */
const LACKING: readonly SourceFault[] = ['undecodable', 'bad-packets'];
/** By which times are no way to find a frame. */
const UNTIMED: readonly SourceFault[] = ['times-missing', 'times-go-back'];

export function chunkRange({ first, last }: Pick<Chunk, 'first' | 'last'>, checked: CheckedSource): ChunkRange {
  const { frames, findings, info } = checked;
  const { pts } = frames;
  const has = (faults: readonly SourceFault[]) => findings.some(({ fault }) => faults.includes(fault));
  const lacks = has(LACKING);
  const counted = has(UNTIMED);
  return {
    first,
    last,
    frames: last - first + 1,
    firstPts: pts[first]!,
    lastPts: pts[last]!,
    endPts: last + 1 < pts.length ? pts[last + 1]! : endOf(checked),
    // Behind a fault a decoder may take long to find its feet: such sources are decoded from their beginning.
    seekPts: lacks || counted || lavfiGraph(info.path) !== null ? null : seekTime(first, checked),
    pts: lacks && !counted ? Array.from(pts.subarray(first, last + 1)) : null,
    counted,
  };
}

/** Time of the last keyframe before the chunk; further ahead where only a search in the file finds it. */
function seekTime(first: number, { frames, info }: CheckedSource): number | null {
  const from = frames.key.lastIndexOf(1, first);
  if (from <= 0) return null;
  const keyPts = frames.pts[from]!;
  if (INDEXED.test(info.container)) return keyPts;
  const { num, den } = info.video.timeBase;
  const ahead = Math.min(keyPts, frames.pts[first]! - Math.round((SEEK_AHEAD_S * den) / num));
  return ahead <= frames.pts[0]! ? null : ahead;
}

function endOf({ frames }: CheckedSource): number | null {
  const { pts, duration } = frames;
  const last = pts.length - 1;
  return duration[last]! > 0 ? pts[last]! + duration[last]! : null;
}
