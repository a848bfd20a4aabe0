// A ladder by its name, or from a file of the user's.

import { nearestName } from '#core/nearest-name';
import type { Ladder } from '#core/title';
import { UserError } from '#core/user-error';
import { readText } from '#system/yaml/read-text';
import { BUILT_IN_LADDERS } from './ladders/built-in.ts';
import { parseLadder } from './ladders/parse-ladder.ts';

/** Names of the ladders that come with encodelab. */
export const LADDER_NAMES: readonly string[] = BUILT_IN_LADDERS.map(({ name }) => name);

/**
 * @param nameOrPath `web`, or the path of a YAML file (docs/ladders.md describes the format)
 * @throws UserError where there is no such ladder, or with everything that is wrong with the file
 */
export async function readLadder(nameOrPath: string): Promise<Ladder> {
  const builtIn = BUILT_IN_LADDERS.find(({ name }) => name === nameOrPath);
  if (builtIn !== undefined) return builtIn;
  if (/^[\w-]+$/.test(nameOrPath)) {
    const near = nearestName(nameOrPath, LADDER_NAMES);
    throw new UserError({
      what: `there is no ladder ${nameOrPath}${near === null ? '' : `: did you mean ${near}?`}`,
      todo: `Ladders here: ${LADDER_NAMES.join(', ')}; or name a file: ./${nameOrPath}.yaml`,
    });
  }
  return parseLadder(await readText(nameOrPath, 'ladder'), nameOrPath);
}
