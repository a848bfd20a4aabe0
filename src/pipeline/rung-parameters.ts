// The encode of a rendition with everything decided; which frames of it are encoded is the chunk's part.

import type { EncoderInfo } from '#core/encoder';
import type { SourceInfo } from '#core/source';
import type { TitlePlan, VideoRendition } from '#core/title';
import { UserError } from '#core/user-error';
import type { EncodeParameters } from '#media/encode-job';
import { resolveEncode } from '#media/encode-settings';

/** What of a plan is needed. */
interface PlanOfRendition {
  readonly ladder: Pick<TitlePlan['ladder'], 'name'>;
  readonly source: Pick<TitlePlan['source'], 'stream'>;
}

/**
 * Parameters of a rendition over the whole source: constant rate in ticks of a frame, variable rate in the source's.
 * @param threads that the encoder may use
 * @throws UserError where the encoders of this machine can't do it
 */
export function renditionParameters(
  plan: PlanOfRendition,
  rendition: VideoRendition,
  info: SourceInfo,
  encoders: readonly EncoderInfo[],
  threads: number,
): EncodeParameters {
  const resolved = resolveEncode({ ...rendition.settings, threads }, [], info, encoders);
  if ('problems' in resolved)
    throw new UserError(
      resolved.problems.map(({ setting, what, todo }) => ({
        what: `${setting}: ${what}`,
        where: `ladder ${plan.ladder.name}, rendition ${rendition.id}`,
        todo,
      })),
    );
  return { ...resolved.job, sourceStream: plan.source.stream, frames: null };
}
