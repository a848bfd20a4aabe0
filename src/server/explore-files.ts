// What people keep of the explorer in the lab: views by name, and what they call properties and values.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { NO_NAMES, type DisplayNames } from '#explore/data/dataset';
import type { View } from '#explore/view';
import { UserError } from '#core/user-error';
import { writeFileAtomic } from '#system/atomic-file';
import { makeFolder } from '#system/make-folder';
import { NAMES, VIEW } from './explore-bodies.ts';
import { EXPLORE_VERSION, type SavedNames, type SavedView } from './explore-wire.ts';
import { NamedJson } from './named-json.ts';

const MAX_VIEWS = 200;
/** Bytes of one view. */
const MAX_VIEW_BYTES = 64 * 1024;
const MAX_NAMES_BYTES = 512 * 1024;

const SAVED_VIEW: z.ZodType<SavedView> = z.object({
  version: z.literal(EXPLORE_VERSION),
  name: z.string(),
  savedAt: z.string(),
  view: VIEW,
});
const SAVED_NAMES: z.ZodType<SavedNames> = z.object({ version: z.literal(EXPLORE_VERSION), names: NAMES });

export class ExploreFiles {
  readonly #views: NamedJson<SavedView>;
  readonly #namesPath: string;

  constructor(labPath: string) {
    const folder = join(labPath, 'explore');
    this.#views = new NamedJson({
      folder: join(folder, 'views'),
      what: 'view',
      most: MAX_VIEWS,
      maxBytes: MAX_VIEW_BYTES,
      schema: SAVED_VIEW,
    });
    this.#namesPath = join(folder, 'names.json');
  }

  /** Saved views by name, and problems with those that can't be read: one damaged file hides no other. */
  async views(): Promise<{ views: SavedView[]; problems: string[] }> {
    const views: SavedView[] = [];
    const problems: string[] = [];
    for (const name of await this.#views.list())
      try {
        const view = await this.#views.read(name);
        if (view !== null) views.push(view);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        problems.push(error.message);
      }
    return { views, problems };
  }

  /** @returns null where there is none of that name */
  view(name: string): Promise<SavedView | null> {
    return this.#views.read(name);
  }

  async saveView(name: string, view: View): Promise<SavedView> {
    const saved: SavedView = { version: EXPLORE_VERSION, name, savedAt: new Date().toISOString(), view };
    await this.#views.save(name, saved);
    return saved;
  }

  deleteView(name: string): Promise<void> {
    return this.#views.delete(name);
  }

  /** @throws UserError where the file is damaged */
  async names(): Promise<SavedNames> {
    const text = await readFile(this.#namesPath, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return { version: EXPLORE_VERSION, names: NO_NAMES };
    try {
      return SAVED_NAMES.parse(JSON.parse(text));
    } catch (cause) {
      throw new UserError(
        {
          what: 'the names of properties and values are damaged',
          where: this.#namesPath,
          todo: 'Mend the file, or move it away.',
        },
        { cause },
      );
    }
  }

  /** @throws UserError where what is there is damaged: it stays as it is */
  async saveNames(names: DisplayNames): Promise<SavedNames> {
    await this.names();
    const saved: SavedNames = { version: EXPLORE_VERSION, names };
    const text = `${JSON.stringify(saved, null, 2)}\n`;
    if (Buffer.byteLength(text) > MAX_NAMES_BYTES)
      throw new UserError({ what: `all names together have ${MAX_NAMES_BYTES} bytes at most` });
    await makeFolder(dirname(this.#namesPath));
    await writeFileAtomic(this.#namesPath, text);
    return saved;
  }
}
