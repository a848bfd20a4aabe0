// The ladder of one title: as it is, or with the rungs that probes found for it.

import { rm } from 'node:fs/promises';
import type { Ladder } from '#core/title';
import { encodeProbe, type ProbeContext } from './encode-probe.ts';
import { findRungs } from './find-rungs.ts';

/**
 * A fixed ladder comes back as it is. Otherwise its rungs are found: about twenty probes an encoder, each some 13 CPU seconds for
 * pictures of 1080p (comparing costs most), whatever the title's length.
 * @throws UserError with everything that is wrong with an encoder's settings; Error where a probe fails
 */
export async function titleLadder(context: ProbeContext): Promise<Ladder> {
  const { ladder, checked, folder } = context;
  if (ladder.perTitle === null) return ladder;
  try {
    const { rungs } = await findRungs(checked, ladder.perTitle, encodeProbe(context));
    return { ...ladder, rungs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
