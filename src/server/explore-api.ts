// The explorer over HTTP: runs in columns, what people keep of it, and which runs count.

import { Hono } from 'hono';
import { packDataset } from '#explore/data/pack-dataset';
import { deleteRuns } from '#lab/delete-runs';
import { changeExclusions } from '#lab/exclusions';
import { keptDataset } from '#lab/kept-datasets';
import { completeFacts } from '#lab/read-dataset';
import { compareApi } from './explore-compare.ts';
import { deleteBody, exclusionBody, namesBody, viewBody } from './explore-bodies.ts';
import { ExploreFiles } from './explore-files.ts';
import { EXPLORE_VERSION, type FactsProgress, type RunsAbout, type SavedViewList } from './explore-wire.ts';
import type { LabView } from './lab-view.ts';

/** Recordings that one request for runs looks into: it is answered soon, and `POST /explore/facts` does the rest. */
const MAX_HEADERS = 200;
const FACTS_BUDGET_MS = 500;

export function exploreApi(lab: LabView) {
  const files = new ExploreFiles(lab.path);
  return new Hono()
    .route('/', compareApi(lab))
    .get('/explore/runs', async (c) => {
      const { dataset, ...about } = await keptDataset(lab, c.req.queries('benchmark') ?? [], MAX_HEADERS);
      const packed = packDataset(dataset, { version: EXPLORE_VERSION, ...about } satisfies RunsAbout);
      // Not compressed: on the loopback address the bytes are there before gzip would have read them.
      return c.body(packed, 200, {
        'content-type': 'application/octet-stream',
        'content-length': String(packed.length),
      });
    })
    .post('/explore/facts', async (c) =>
      c.json({ complete: await completeFacts(lab, FACTS_BUDGET_MS) } satisfies FactsProgress),
    )
    .get('/explore/views', async (c) => c.json((await files.views()) satisfies SavedViewList))
    .get('/explore/views/:name', async (c) => {
      const view = await files.view(c.req.param('name'));
      return view === null
        ? c.json({ problems: [{ what: `there is no view ${c.req.param('name')} in this lab` }] }, 404)
        : c.json(view, 200);
    })
    .put('/explore/views/:name', viewBody, async (c) =>
      c.json(await files.saveView(c.req.param('name'), c.req.valid('json').view)),
    )
    .delete('/explore/views/:name', async (c) => {
      await files.deleteView(c.req.param('name'));
      return c.json({});
    })
    .get('/explore/names', async (c) => c.json(await files.names()))
    .put('/explore/names', namesBody, async (c) => c.json(await files.saveNames(c.req.valid('json').names)))
    .put('/explore/exclusions', exclusionBody, async (c) => {
      const { runs, reason } = c.req.valid('json');
      await changeExclusions(lab, runs, reason);
      return c.json({});
    })
    .post('/explore/delete', deleteBody, async (c) =>
      c.json({ deleted: await deleteRuns(lab, [...new Set(c.req.valid('json').runs)]) }),
    );
}
