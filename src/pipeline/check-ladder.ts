// What of a ladder is wrong whatever the source: encoders and parameters that this machine does not have.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE } from '#core/engine';
import { formatSettingValue, type Settings } from '#core/settings';
import type { Ladder } from '#core/title';
import { UserError, type Problem } from '#core/user-error';
import { findEncoder, resolveOptions } from '#media/encode-settings';
import { encodersOf } from './plan-ladder.ts';
import { PASSES, rungName, rungPlace } from './rung.ts';

/**
 * Takes a second where the engine was not asked for these encoders before.
 * @throws UserError with everything that is wrong, each with file:line:column where the ladder was read from a file
 */
export async function checkLadder(ladder: Ladder, cacheFolder: string): Promise<void> {
  if (ladder.rungs.length === 0) return;
  const encoders = await encodersOf({ ...ladder, perTitle: null }, { cacheFolder });
  const problems = ladder.rungs.flatMap((rung, i) => rungProblems(ladder, rung, i + 1, encoders));
  if (problems.length > 0) throw new UserError(problems);
}

function rungProblems(
  ladder: Ladder,
  rung: Settings,
  number: number,
  encoders: readonly EncoderInfo[],
): readonly Problem[] {
  const problems: Problem[] = [];
  const problem = (setting: string, what: string, todo?: string) =>
    problems.push({ what: `${rungName(rung, number)}: ${what}`, where: rungPlace(ladder, rung, setting), todo });
  const engine = formatSettingValue(rung['engine'] ?? BUNDLED_ENGINE);
  const ofEngine = encoders.filter((encoder) => encoder.engine === engine);
  const encoder = findEncoder(rung['encoder'], ofEngine, problem);
  if (encoder !== null) resolveOptions(rung, [PASSES], encoder, problem);
  return problems;
}
