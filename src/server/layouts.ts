// Layouts of charts, by name: a file each in the lab.

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '#core/user-error';
import { writeFileAtomic } from '#system/atomic-file';
import { makeFolder } from '#system/make-folder';
import type { SavedLayout } from './live-wire.ts';

const LAYOUT_VERSION = 1;
const MAX_LAYOUTS = 100;
/** Bytes of one layout. */
export const MAX_LAYOUT_BYTES = 64 * 1024;
/** A name becomes the name of a file: nothing that leads elsewhere. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$/u;
const MAX_FILE_NAME = 200;

const SAVED = z.object({
  version: z.literal(LAYOUT_VERSION),
  name: z.string(),
  savedAt: z.string(),
  layout: z.unknown(),
});

export class Layouts {
  readonly #folder: string;

  constructor(labPath: string) {
    this.#folder = join(labPath, 'layouts');
  }

  /** Names in their order. */
  async list(): Promise<string[]> {
    return (await this.#files()).map((file) => decodeURIComponent(file.slice(0, -'.json'.length))).toSorted();
  }

  /** @returns null where there is none of that name */
  async read(name: string): Promise<SavedLayout | null> {
    const path = this.#path(name);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return null;
    try {
      return SAVED.parse(JSON.parse(text));
    } catch (cause) {
      throw new UserError({ what: 'this layout is damaged', where: path, todo: 'delete the file' }, { cause });
    }
  }

  async save(name: string, layout: unknown): Promise<SavedLayout> {
    const path = this.#path(name);
    const saved: SavedLayout = { version: LAYOUT_VERSION, name, savedAt: new Date().toISOString(), layout };
    const text = `${JSON.stringify(saved)}\n`;
    if (Buffer.byteLength(text) > MAX_LAYOUT_BYTES)
      throw new UserError({ what: `a layout has ${MAX_LAYOUT_BYTES} bytes at most`, where: name });
    await makeFolder(this.#folder);
    const files = await this.#files();
    if (files.length >= MAX_LAYOUTS && !files.includes(fileName(name)))
      throw new UserError({ what: `the lab has ${files.length} layouts`, where: name, todo: 'delete one first' });
    await writeFileAtomic(path, text);
    return saved;
  }

  async delete(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async #files(): Promise<string[]> {
    const entries = await readdir(this.#folder).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return entries.filter((entry) => entry.endsWith('.json'));
  }

  #path(name: string): string {
    if (!NAME.test(name) || fileName(name).length > MAX_FILE_NAME)
      throw new UserError({
        what: `"${name}" can't be the name of a layout`,
        todo: 'letters and digits, with blanks, . _ or - between them, 64 at most',
      });
    return join(this.#folder, fileName(name));
  }
}

function fileName(name: string): string {
  return `${encodeURIComponent(name)}.json`;
}
