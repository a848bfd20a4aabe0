// Scores what the client of a stream saw, after the recording and apart from it: the received bitstream against its source.

import type { QualityMetric } from '#core/quality';
import {
  measureInChild,
  type MeasuredQuality,
  type MeasureOptions,
  type QualityJob,
  type QualitySink,
} from '#media/quality/measure-quality';

export interface SessionQualityJob {
  /** Kept file of the receiver: the bitstream. */
  readonly received: string;
  /** A file or `lavfi:GRAPH`: pictures by the number that each kept frame has; null for a live capture. */
  readonly source: string | null;
  /** Kept file of the sender: every Nth source picture, by the number of its frame. Where it is there it is taken. */
  readonly keptSources: string | null;
  /** Number of the last frame of the recording: what was received after it has no score; null for all. */
  readonly lastFrame?: number | null;
  readonly metrics: readonly QualityMetric[];
  /** See QualityJob. */
  readonly vmaf: QualityJob['vmaf'];
  readonly pictures: QualityJob['pictures'];
}

/**
 * Compares in a child that is watched, as `measureQuality` does. The header's `match` tells how many frames have a score
 * (`compared`) of how many that could be decoded (`of`); frames that could not are `missing`, those whose source picture is not to be
 * had `surplus`. A bitstream that breaks off is scored as far as it goes.
 * @param options `stream`: the name that the scores get
 */
export async function scoreSession(
  job: SessionQualityJob,
  sink: QualitySink,
  options: MeasureOptions = {},
): Promise<MeasuredQuality> {
  if (job.source === null && job.keptSources === null)
    return { ok: false, reason: 'the source was live, and no picture of it was kept' };
  return measureInChild({ base: import.meta.url, module: './score-child' }, job, sink, options);
}
