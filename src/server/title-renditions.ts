// The renditions of a title: what the plan wants, what was made of it, and how its seams and its buffer are.

import type { Queue } from '#core/queue';
import type { ItemResult, Rendition, TitlePlan } from '#core/title';
import type { AssembleFacts } from '#pipeline/items/assemble-facts';
import type { RenditionView } from './titles-wire.ts';

/** What a page keeps of a plan: without its items, which are many. */
export type PlanDigest = Pick<TitlePlan, 'renditions' | 'notes' | 'source'> & {
  readonly ladder: string;
  readonly seamsS: readonly number[];
};

/** Seams that are marked at most. */
const MAX_SEAMS = 4_000;

export function digestOf({ renditions, notes, source, ladder, chunks }: TitlePlan): PlanDigest {
  const { frameRate, frames, duration } = source;
  // Of a variable rate: about there.
  const frameS = frameRate === null ? duration / Math.max(1, frames) : frameRate.den / frameRate.num;
  const every = Math.ceil(chunks.length / MAX_SEAMS);
  const seamsS = chunks.filter(({ index }) => index > 0 && index % every === 0).map(({ first }) => first * frameS);
  return { renditions, notes, source, ladder: ladder.name, seamsS };
}

export async function renditionView(
  queue: Queue,
  title: string,
  rendition: Rendition,
  { source }: PlanDigest,
): Promise<RenditionView> {
  const isVideo = rendition.kind === 'video';
  const item = await queue.item(title, `${isVideo ? 'assemble' : rendition.kind}/${rendition.id}`);
  const result = (item?.result ?? null) as unknown as ItemResult | null;
  const output = result?.outputs[0];
  const facts = isVideo && result !== null ? (result.facts as unknown as AssembleFacts) : null;
  return {
    id: rendition.id,
    kind: rendition.kind,
    codec: rendition.kind === 'text' ? null : rendition.codec,
    width: isVideo ? rendition.width : null,
    height: isVideo ? rendition.height : null,
    maxBitrate: isVideo ? rendition.maxBitrate : null,
    language: isVideo ? null : rendition.language,
    made:
      output === undefined
        ? null
        : {
            bitrate: source.duration > 0 ? Math.round((output.bytes * 8) / source.duration) : 0,
            bytes: output.bytes,
            frames: isVideo ? output.frames : null,
          },
    seams: facts === null ? null : seamsOf(facts),
    bucket:
      facts === null || facts.bucket === null
        ? null
        : { underflows: facts.bucket.underflows, lowestShare: facts.bucket.lowestBits / facts.bucket.bufferBits },
    warnings: facts?.warnings ?? [],
  };
}

function seamsOf({ seams }: AssembleFacts): RenditionView['seams'] {
  let worstDip: number | null = null;
  for (const { dip } of seams.seams) if (dip !== null && (worstDip === null || dip > worstDip)) worstDip = dip;
  return { count: seams.seams.length, worstDip, limit: seams.limit, dips: seams.dips.length, absent: seams.absent };
}
