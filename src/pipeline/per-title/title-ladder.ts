// The ladder of one title: as it is, or with the rungs that probes found for it.

import { rm } from 'node:fs/promises';
import type { Ladder } from '#core/title';
import { encodeProbe, type ProbeContext } from './encode-probe.ts';
import { findRungs } from './find-rungs.ts';

/**
 * A fixed ladder comes back as it is. Otherwise its rungs are found: that takes from half a minute to some minutes, by the
 * encoders' speed and the picture's size, and hardly depends on the title's length.
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
