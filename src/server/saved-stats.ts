// Stats of people's own, kept in the lab by name.

import { join } from 'node:path';
import { z } from 'zod';
import type { Catalogue } from '#core/catalogue';
import { UserError } from '#core/user-error';
import { meaningOf } from '#explore/stats/check-stat';
import { MAX_EXPRESSION } from '#explore/stats/stat-expression';
import type { SavedStat, SavedStatList } from './explore-wire.ts';
import { NamedJson } from './named-json.ts';

const MAX_SAVED = 200;
const MAX_SAVED_BYTES = 8 * 1024;
const MAX_UNIT = 32;

export const EXPRESSION = z.string().min(1).max(MAX_EXPRESSION);

/** Without its name. */
export const STAT = z.strictObject({
  expression: EXPRESSION,
  unit: z.string().min(1).max(MAX_UNIT).nullable(),
  better: z.enum(['higher', 'lower']).nullable(),
});
const SAVED: z.ZodType<SavedStat> = STAT.extend({ name: z.string() });

/** The run's own number, which an expression has by this name. */
const DURATION = 'duration';

/**
 * A stat stands among the metrics: what is drawn, exported and compared is told by its name alone.
 * @throws UserError where a metric of the lab has the name
 */
export async function checkStatName(catalogue: Catalogue, name: string): Promise<void> {
  const todo = 'Take another name';
  if (name === DURATION) throw new UserError({ what: `${name} is a number that every run has`, todo });
  const [run] = await catalogue.runs({ metric: name, limit: 1 });
  if (run === undefined) return;
  throw new UserError({ what: `${name} is a metric that runs of this lab have`, todo });
}

export class SavedStats {
  readonly #files: NamedJson<SavedStat>;

  constructor(labPath: string) {
    this.#files = new NamedJson<SavedStat>({
      folder: join(labPath, 'explore', 'stats'),
      what: 'stat',
      most: MAX_SAVED,
      maxBytes: MAX_SAVED_BYTES,
      schema: SAVED,
    });
  }

  /** Those that there are, and problems with those that can't be read: one damaged file hides no other. */
  async list(): Promise<SavedStatList> {
    const stats: SavedStat[] = [];
    const problems: string[] = [];
    for (const name of await this.#files.list())
      try {
        const stat = await this.#files.read(name);
        // The file is what it is called by: it may have been copied.
        if (stat !== null) stats.push({ ...stat, name });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        problems.push(error.message);
      }
    return { stats, problems };
  }

  /** @throws UserError where the expression means nothing: it is refused before it is kept */
  async save(stat: SavedStat): Promise<void> {
    meaningOf(stat.expression);
    await this.#files.save(stat.name, stat);
  }

  delete(name: string): Promise<void> {
    return this.#files.delete(name);
  }
}
