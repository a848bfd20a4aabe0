// The JSON interface of a lab, /api/v1. Its type is the page's client.

import { Hono } from 'hono';
import type { Catalogue } from '#core/catalogue';
import type { BenchmarkPages } from './benchmark-pages.ts';
import { readResults } from '#matrix/bench-results';
import { curvesPage } from './curve-pages.ts';
import { exploreApi } from './explore-api.ts';
import { exploreFindingsApi } from './explore-findings.ts';
import { exploreReportApi } from './explore-report.ts';
import { exploreStatsApi } from './explore-stats.ts';
import { exportApi } from './export-api.ts';
import type { LabView } from './lab-view.ts';
import { encodersApi } from './encoders-api.ts';
import type { EncoderPages } from './encoder-pages.ts';
import { liveApi, type LiveParts } from './live-api.ts';
import { profileApi } from './profile-api.ts';
import { qualityApi } from './quality-api.ts';
import { finite, selection } from './query.ts';
import { RunPages } from './run-pages.ts';
import type { ScriptRunner } from './script-runner.ts';
import { shapesApi } from './shapes-api.ts';
import { ShapePages } from './shapes-pages.ts';
import { titlesApi } from './titles-api.ts';
import type { TitlePages } from './titles-pages.ts';
import { SCRIPT_ACTIONS, WIRE_VERSION, type ScriptAction, type ScriptFile } from './wire.ts';

const MAX_LIST = 10_000;

export interface ApiParts {
  readonly lab: LabView;
  readonly benchmarks: BenchmarkPages;
  readonly scripts: ScriptRunner;
  readonly encoders: EncoderPages;
  readonly titles: TitlePages;
  /** Absent where the server has no collector. */
  readonly live?: LiveParts | undefined;
  /** Folder of the built page; only tests say. */
  readonly webRoot?: URL | undefined;
}

export function createApi({ lab, benchmarks, scripts, encoders, titles, live, webRoot }: ApiParts) {
  const { catalogue } = lab;
  const runs = new RunPages(lab);
  return new Hono()
    .get('/benchmarks', async (c) => c.json({ version: WIRE_VERSION, benchmarks: await benchmarks.list() }))
    .get('/benchmarks/:name', async (c) => {
      const metrics = c.req.queries('metric');
      const page = await benchmarks.page(c.req.param('name'), metrics === undefined ? null : new Set(metrics));
      return page === null
        ? c.json(problem(`there is no benchmark ${c.req.param('name')} in this lab`), 404)
        : c.json(page, 200);
    })
    .get('/benchmarks/:name/drift', async (c) => {
      const benchmark = await catalogue.benchmark(c.req.param('name'));
      if (benchmark === null) return c.json(problem(`there is no benchmark ${c.req.param('name')} in this lab`), 404);
      return c.json({ drift: (await readResults(catalogue, benchmark)).drift }, 200);
    })
    .get('/benchmarks/:name/curves', async (c) => {
      const { metric = null, against = null, hull } = c.req.query();
      const page = await curvesPage(catalogue, c.req.param('name'), { metric, against, hull: hull === '1' });
      return page === null
        ? c.json(problem(`there is no benchmark ${c.req.param('name')} in this lab`), 404)
        : c.json(page, 200);
    })
    .get('/runs', async (c) => {
      const limit = Math.min(MAX_LIST, Math.max(1, finite('limit', c.req.query('limit') ?? '100')));
      const offset = Math.max(0, finite('offset', c.req.query('offset') ?? '0'));
      const filter = { benchmark: c.req.query('benchmark'), cell: c.req.query('cell') };
      const [list, total] = await Promise.all([
        catalogue.runs({ ...filter, limit, offset }),
        catalogue.countRuns(filter),
      ]);
      return c.json({ version: WIRE_VERSION, total, runs: list });
    })
    .get('/runs/:id', async (c) => {
      const page = await runs.page(c.req.param('id'));
      return page === null
        ? c.json(problem(`there is no run ${c.req.param('id')} in this lab`), 404)
        : c.json(page, 200);
    })
    .get('/runs/:id/frames', selection, async (c) => {
      const stream = c.req.query('stream') ?? null;
      const frames = await runs.frames(c.req.param('id'), c.req.valid('query'), stream);
      const missing = stream === null ? 'recorded frames' : `recorded stream named ${stream}`;
      return frames === null ? c.json(problem(`this run has no ${missing}`), 404) : c.json(frames, 200);
    })
    .get('/runs/:id/series', selection, async (c) => {
      const series = await runs.series(c.req.param('id'), c.req.valid('query'));
      return series === null ? c.json(problem('this run has no recorded indicators'), 404) : c.json({ series }, 200);
    })
    .get('/scripts', async (c) =>
      c.json({ version: WIRE_VERSION, scripts: await scriptFiles(scripts, catalogue), state: scripts.state() }),
    )
    .post('/scripts/:name/:action', async (c) => {
      const action = SCRIPT_ACTIONS.find((known) => known === c.req.param('action'));
      if (action === undefined) return c.json(problem('test, run and stop are what a script can be asked for'), 404);
      return c.json(await actOn(scripts, c.req.param('name'), action), 200);
    })
    .route('/', qualityApi(lab, runs))
    .route('/', profileApi(lab, runs, webRoot))
    .route('/', encodersApi(encoders))
    .route('/', titlesApi(titles))
    .route('/', shapesApi(new ShapePages(lab)))
    .route('/', liveApi(live, catalogue))
    .route('/', exploreApi(lab))
    .route('/', exploreFindingsApi(lab))
    .route('/', exploreStatsApi(lab))
    .route('/', exploreReportApi(lab))
    .route('/', exportApi(lab));
}

export type Api = ReturnType<typeof createApi>;

function actOn(scripts: ScriptRunner, name: string, action: ScriptAction) {
  return action === 'stop' ? scripts.stop(name) : scripts.start(name, action);
}

/** The files with the benchmarks that they were last run as: of a file that changed its name, the newest. */
async function scriptFiles(scripts: ScriptRunner, catalogue: Catalogue): Promise<ScriptFile[]> {
  const [files, records] = await Promise.all([scripts.list(), catalogue.benchmarks()]);
  const newestFirst = records.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  // Started from a terminal, a file's path may have been written from another folder.
  const isOf = (file: string, name: string) => `/${file}`.endsWith(`/benchmarks/${name}`);
  return files.map((file) => ({
    ...file,
    benchmark: newestFirst.find((record) => isOf(record.file, file.name))?.name ?? null,
  }));
}

function problem(what: string) {
  return { problems: [{ what }] };
}
