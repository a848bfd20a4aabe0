// What a page keeps in the lab by name: a file of JSON each, in a folder.

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { UserError } from '#core/user-error';
import { writeFileAtomic } from '#system/atomic-file';
import { makeFolder } from '#system/make-folder';

/** A name becomes the name of a file: nothing that leads elsewhere. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$/u;
const MAX_FILE_NAME = 200;

export interface NamedJsonOptions<Kept> {
  /** Absolute. */
  readonly folder: string;
  /** One of them in words, `layout`. */
  readonly what: string;
  readonly most: number;
  /** Of one file. */
  readonly maxBytes: number;
  readonly schema: z.ZodType<Kept>;
}

export class NamedJson<Kept> {
  readonly #options: NamedJsonOptions<Kept>;

  constructor(options: NamedJsonOptions<Kept>) {
    this.#options = options;
  }

  /** Names in their order. */
  async list(): Promise<string[]> {
    return (await this.#files()).flatMap((file) => nameOf(file) ?? []).toSorted();
  }

  /**
   * @returns null where there is none of that name
   * @throws UserError where the file is damaged, or of a newer encodelab
   */
  async read(name: string): Promise<Kept | null> {
    const path = this.#path(name);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return null;
    try {
      return this.#options.schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new UserError(
        { what: `this ${this.#options.what} is damaged`, where: path, todo: 'delete the file' },
        { cause },
      );
    }
  }

  async save(name: string, kept: Kept): Promise<void> {
    const { what, most, maxBytes, folder } = this.#options;
    const path = this.#path(name);
    const text = `${JSON.stringify(kept)}\n`;
    if (Buffer.byteLength(text) > maxBytes)
      throw new UserError({ what: `a ${what} has ${maxBytes} bytes at most`, where: name });
    await makeFolder(folder);
    const files = await this.#files();
    if (files.length >= most && !files.includes(fileName(name)))
      throw new UserError({ what: `the lab has ${files.length} ${what}s`, where: name, todo: 'delete one first' });
    await writeFileAtomic(path, text);
  }

  async delete(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async #files(): Promise<string[]> {
    const entries = await readdir(this.#options.folder).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return entries.filter((entry) => entry.endsWith('.json'));
  }

  #path(name: string): string {
    if (!NAME.test(name) || fileName(name).length > MAX_FILE_NAME)
      throw new UserError({
        what: `"${name}" can't be the name of a ${this.#options.what}`,
        todo: 'letters and digits, with blanks, . _ or - between them, 64 at most',
      });
    return join(this.#options.folder, fileName(name));
  }
}

/** Null where the file is none of ours. */
function nameOf(file: string): string | null {
  try {
    const name = decodeURIComponent(file.slice(0, -'.json'.length));
    return NAME.test(name) && fileName(name) === file ? name : null;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function fileName(name: string): string {
  return `${encodeURIComponent(name)}.json`;
}
