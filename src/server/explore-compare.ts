// Baselines of the lab, for the explorer's comparison: the page compares by itself.

import { Hono } from 'hono';
import { UserError } from '#core/user-error';
import type { Baseline } from '#explore/compare/baseline';
import { baselineNames, readBaseline } from '#lab/baselines';

/** `GET /explore/baselines`. */
export interface BaselineList {
  readonly names: readonly string[];
}

/** `GET /explore/baselines/:name` gives the {@link Baseline} itself. */
export function compareApi(lab: { readonly path: string }) {
  return new Hono()
    .get('/explore/baselines', async (c) => c.json({ names: await baselineNames(lab) } satisfies BaselineList))
    .get('/explore/baselines/:name', async (c) => {
      try {
        return c.json((await readBaseline(lab, c.req.param('name'))) satisfies Baseline, 200);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return c.json({ problems: error.problems }, 404);
      }
    });
}
