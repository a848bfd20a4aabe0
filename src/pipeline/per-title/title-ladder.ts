// The ladder of one title: as it is, or with the rungs that probes found for it.

import { rm } from 'node:fs/promises';
import { formatQuantity } from '#core/format-quantity';
import type { Ladder } from '#core/title';
import { encodeProbe, type ProbeContext } from './encode-probe.ts';
import { findRungs, type RunProbe } from './find-rungs.ts';

export interface LadderContext extends ProbeContext {
  /** Told of each probe; left out where nobody listens. */
  readonly onNote?: ((text: string) => void) | undefined;
}

/**
 * A fixed ladder comes back as it is. Otherwise its rungs are found: about twenty probes an encoder, each some 13 CPU seconds for
 * pictures of 1080p (comparing costs most), whatever the title's length.
 * @throws UserError with everything that is wrong with an encoder's settings; Error where a probe fails
 */
export async function titleLadder(context: LadderContext): Promise<Ladder> {
  const { ladder, checked, folder } = context;
  if (ladder.perTitle === null) return ladder;
  try {
    const { rungs } = await findRungs(checked, ladder.perTitle, told(encodeProbe(context), context));
    return { ...ladder, rungs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The search tells how it comes along: it may take minutes. */
function told(probe: RunProbe, { ladder, onNote }: LadderContext): RunProbe {
  let number = 0;
  return async (rung, pieces) => {
    const point = await probe(rung, pieces);
    const rate = formatQuantity(point.rate, 'bit/s');
    onNote?.(
      `probe ${++number}: ${String(rung['encoder'])} ${String(rung['resolution'])} crf ${String(rung['crf'])}: ${rate}, ${ladder.perTitle!.metric} ${point.quality.toFixed(2)} dB`,
    );
    return point;
  };
}
