// What the item `package` tells the item `publish` and people.

import { z } from 'zod';
import { PROTECTIONS } from '#core/title';

const PACKAGE_FACTS = z.object({
  version: z.literal(1),
  /** Folder of all files but the manifests, relative to them. */
  folder: z.string(),
  /** Names of the manifests. */
  dash: z.string(),
  hls: z.string(),
  protection: z.enum(PROTECTIONS),
  /** Ids of the keys, by label; no secrets. */
  keyIds: z.record(z.string(), z.string()),
  /** Renditions that are not in it: subtitles without a cue. */
  leftOut: z.array(z.string()),
});

export type PackageFacts = z.infer<typeof PACKAGE_FACTS>;

/** @throws Error where they are not what a package item left */
export function readPackageFacts(facts: unknown): PackageFacts {
  return PACKAGE_FACTS.parse(facts);
}
