// The keys of a package: those of the title's key source, with initialisation vectors that are fixed once for all tries.

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '#core/queue';
import type { Protection } from '#core/title';
import { UserError } from '#core/user-error';
import { uuidText, type KeyLabel, type KeySource } from './content-key.ts';
import { IV_BYTES, labelOf, type PackageInput, type PackageKeys } from './package-plan.ts';

/** What is written into the queue: ids and vectors stand in the stream itself, and are no secrets. Keys are never in it. */
const FIXED = z.object({
  version: z.literal(1),
  scheme: z.enum(['cenc', 'cbcs']),
  keyIds: z.record(z.string(), z.string()),
  ivs: z.record(z.string(), z.string()),
});

/**
 * @param fix sets what the package's bytes depend on, or returns what was set before
 * @throws UserError where a key is missing, or is not the one that was fixed
 */
export async function packageKeys(
  title: string,
  scheme: Exclude<Protection, 'none'>,
  inputs: readonly PackageInput[],
  source: KeySource,
  fix: (value: Json) => Promise<Json>,
): Promise<PackageKeys> {
  const labels = new Set(inputs.map(labelOf).filter((label): label is KeyLabel => label !== null));
  const all = await source.keys(title);
  const keys = [...labels].map((label) => {
    const key = all.keys.find((one) => one.label === label);
    if (key === undefined)
      throw new UserError({
        what: `there is no key for ${label} of title ${title}`,
        todo: 'add one to its CPIX document',
      });
    return key;
  });
  const fixed = FIXED.parse(
    await fix({
      version: 1,
      scheme,
      keyIds: Object.fromEntries(keys.map(({ label, keyId }) => [label, keyId])),
      ivs: newVectors(scheme, inputs),
    }),
  );
  for (const { label, keyId } of keys)
    if (fixed.keyIds[label] !== keyId)
      throw new UserError({
        what: `the key for ${label} of title ${title} is ${uuidText(keyId)} now, and was ${uuidText(fixed.keyIds[label] ?? '')} when packaging began`,
        todo: 'put its CPIX document back as it was',
      });
  return { scheme: fixed.scheme, keys, systems: all.systems, ivs: fixed.ivs };
}

function newVectors(scheme: Exclude<Protection, 'none'>, inputs: readonly PackageInput[]): Record<string, string> {
  return Object.fromEntries(
    inputs.flatMap((input) =>
      labelOf(input) === null ? [] : [[input.id, randomBytes(IV_BYTES[scheme]).toString('hex')]],
    ),
  );
}
