// Custom stats over HTTP: kept by name, computed of runs a batch at a time.

import { Hono } from 'hono';
import { z } from 'zod';
import { UserError } from '#core/user-error';
import { MAX_STAT_RUNS } from '#explore/stats/stat-expression';
import { statColumnsOf } from '#lab/stat-run';
import { computeStats } from '#lab/stat-values';
import type { SavedStat, SavedStatList, StatColumns, StatValues } from './explore-wire.ts';
import type { LabView } from './lab-view.ts';
import { body } from './live-bodies.ts';
import { checkStatName, EXPRESSION, SavedStats, STAT } from './saved-stats.ts';

const VALUES = z.strictObject({
  expression: EXPRESSION,
  runs: z
    .array(z.string().regex(/^[0-9a-f-]{36}$/, 'is no id of a run'))
    .min(1)
    .max(MAX_STAT_RUNS),
  trial: z.boolean().default(false),
});

export function exploreStatsApi(lab: LabView) {
  const saved = new SavedStats(lab.path);
  return new Hono()
    .get('/explore/stats', async (c) => c.json((await saved.list()) satisfies SavedStatList))
    .put(
      '/explore/stats/:name',
      body(STAT, '{"expression": "mean(frames.bytes where key)", "unit": null, "better": null}'),
      async (c) => {
        const stat: SavedStat = { name: c.req.param('name'), ...c.req.valid('json') };
        await checkStatName(lab.catalogue, stat.name);
        await saved.save(stat);
        return c.json(stat);
      },
    )
    .delete('/explore/stats/:name', async (c) => {
      await saved.delete(c.req.param('name'));
      return c.json({});
    })
    .post('/explore/stats/values', body(VALUES, '{"expression": "mean(frames.bytes)", "runs": ["…"]}'), async (c) => {
      const { expression, runs, trial } = c.req.valid('json');
      const known = new Map((await lab.catalogue.runsById(runs)).map((run) => [run.id, run]));
      const missing = runs.find((id) => !known.has(id));
      if (missing !== undefined) throw new UserError({ what: `there is no run ${missing} in this lab` });
      const wanted = runs.map((id) => known.get(id)!);
      const options = { keep: !trial, signal: c.req.raw.signal };
      return c.json((await computeStats(lab, expression, wanted, options)) satisfies StatValues);
    })
    .get('/explore/stats/columns', async (c) => {
      const run = await lab.catalogue.run(c.req.query('run') ?? '');
      if (run === null) throw new UserError({ what: `there is no run ${c.req.query('run') ?? ''} in this lab` });
      return c.json({ columns: await statColumnsOf(lab, run) } satisfies StatColumns);
    });
}
