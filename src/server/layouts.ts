// Layouts of charts, by name: a file each in the lab.

import { join } from 'node:path';
import { z } from 'zod';
import type { SavedLayout } from './live-wire.ts';
import { NamedJson } from './named-json.ts';

const LAYOUT_VERSION = 1;
const MAX_LAYOUTS = 100;
/** Bytes of one layout. */
export const MAX_LAYOUT_BYTES = 64 * 1024;

const SAVED = z.object({
  version: z.literal(LAYOUT_VERSION),
  name: z.string(),
  savedAt: z.string(),
  layout: z.unknown(),
});

export class Layouts {
  readonly #files: NamedJson<SavedLayout>;

  constructor(labPath: string) {
    this.#files = new NamedJson({
      folder: join(labPath, 'layouts'),
      what: 'layout',
      most: MAX_LAYOUTS,
      maxBytes: MAX_LAYOUT_BYTES,
      schema: SAVED,
    });
  }

  /** Names in their order. */
  list(): Promise<string[]> {
    return this.#files.list();
  }

  /** @returns null where there is none of that name */
  read(name: string): Promise<SavedLayout | null> {
    return this.#files.read(name);
  }

  async save(name: string, layout: unknown): Promise<SavedLayout> {
    const saved: SavedLayout = { version: LAYOUT_VERSION, name, savedAt: new Date().toISOString(), layout };
    await this.#files.save(name, saved);
    return saved;
  }

  delete(name: string): Promise<void> {
    return this.#files.delete(name);
  }
}
