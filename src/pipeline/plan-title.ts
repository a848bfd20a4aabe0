// The plan of a title: chunks, renditions and items, from a checked source and a ladder. Pure, and quick.

import type { EncoderInfo } from '#core/encoder';
import type { VideoStreamInfo } from '#core/source';
import type { CheckedSource } from '#core/source-check';
import type { Ladder, TitlePlan } from '#core/title';
import { UserError, type Problem } from '#core/user-error';
import { audioRenditions, textRenditions } from './plan/beside-renditions.ts';
import { planChunks } from './plan/chunks.ts';
import { planItems } from './plan/items.ts';
import { sourceNotes } from './plan/source-notes.ts';
import { videoRenditions } from './plan/video-renditions.ts';

export interface PlanWish {
  readonly checked: CheckedSource;
  /** With the rungs of this title: those that are found for it are found before. */
  readonly ladder: Ladder;
  /** Seconds of a chunk; null decides by the source. */
  readonly chunkS: number | null;
  /** As discovered, of every engine that the ladder names. */
  readonly encoders: readonly EncoderInfo[];
}

/**
 * Plans a title: equal wishes give equal plans, to the last byte of their JSON.
 * @throws UserError with everything that is wrong with ladder and source together
 */
export function planTitle({ checked, ladder, chunkS, encoders }: PlanWish): TitlePlan {
  const { info } = checked;
  const { video } = info;
  const problems: Problem[] = [];
  const gop = gopFrames(ladder.gopS, video);
  const notes = sourceNotes(checked, gop);
  if (ladder.rungs.length === 0)
    problems.push({ what: 'the ladder has no rungs', where: `ladder ${ladder.name}`, todo: 'add some under rungs:' });
  const videos = videoRenditions(info, ladder, gop, encoders, { problems, notes });
  if (problems.length > 0) throw new UserError(problems);
  const audio = audioRenditions(info, ladder.audio, notes);
  const renditions = [...videos, ...audio, ...textRenditions(info, notes)];
  const chunks = planChunks(checked, gop, chunkS);
  return {
    version: 1,
    source: {
      hash: info.hash,
      stream: video.index,
      frames: checked.frames.pts.length,
      timeBase: video.timeBase,
      frameRate: video.frameRate,
      duration: video.duration,
    },
    ladder,
    gop,
    chunks,
    renditions,
    items: planItems(chunks, renditions, video, ladder),
    notes: [...new Set(notes)],
  };
}

/** The whole number of frames nearest to these seconds. */
export function gopFrames(gopS: number, { frameRate, averageFrameRate }: VideoStreamInfo): number {
  return Math.max(1, Math.round(gopS * (frameRate === null ? averageFrameRate : frameRate.num / frameRate.den)));
}
