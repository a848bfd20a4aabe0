// Findings of a lab: runs in columns, some of their frames, and what the explorer sees in them. Computed in a thread of its own, and kept
// until something was written.

import { Hono } from 'hono';
import { Worker } from 'node:worker_threads';
import type { Found } from '#explore/findings/find-findings';
import { UserError } from '#core/user-error';
import { NO_NAMES, type DisplayNames } from '#explore/data/dataset';
import { withShortPaths } from '#explore/data/short-paths';
import { toldApart } from '#explore/data/told-apart';
import { keptDataset } from '#lab/kept-datasets';
import { readSomeFrames } from './explore-frames.ts';
import { ExploreFiles } from './explore-files.ts';
import { findInJob, type FindingsJob } from './explore-findings-job.ts';
import type { LabView } from './lab-view.ts';
import { EXPLORE_VERSION, type FindingsPage } from './explore-wire.ts';

/** Answers that are kept. */
const MAX_KEPT = 16;
/** Up to so many runs the thread would take longer to start than the search takes. */
const FEW_RUNS = 50;
/** Recordings that one request looks into for facts that nobody looked up yet. */
const MAX_HEADERS = 200;
/** Far more than 250,000 runs take. */
const TIMEOUT_MS = 120_000;
const MEMORY = { maxOldGenerationSizeMb: 2_000 };

/**
 * Looks for findings in the results of benchmarks.
 * @param benchmarks names; none for the whole lab
 */
export async function labFindings(lab: LabView, benchmarks: readonly string[]): Promise<FindingsPage> {
  return search(lab, benchmarks, (job) => Promise.resolve(findInJob(job)));
}

async function search(
  lab: LabView,
  benchmarks: readonly string[],
  find: (job: FindingsJob) => Promise<Found>,
  maxHeaders?: number,
): Promise<FindingsPage> {
  const { dataset, leftOut } = await keptDataset(lab, benchmarks, maxHeaders);
  const { columns, notes } = await readSomeFrames(lab, dataset);
  const { names, problem } = await namesOf(lab);
  const found = await find({
    dataset,
    frames: columns,
    names: withShortPaths(toldApart(names, dataset.properties), dataset),
  });
  const old = leftOut > 0 ? [`the oldest ${leftOut} runs were not looked at`] : [];
  return { version: EXPLORE_VERSION, findings: found.findings, notes: [...found.notes, ...notes, ...old, ...problem] };
}

/** What people call things; the names in the files where that can't be read. */
async function namesOf({ path }: LabView): Promise<{ names: DisplayNames; problem: string[] }> {
  try {
    return { names: (await new ExploreFiles(path).names()).names, problem: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      names: NO_NAMES,
      problem: [
        `${error.problems[0]!.what}, so that the plain ones are used here: ${error.problems[0]!.where ?? path}`,
      ],
    };
  }
}

/** `GET /explore/findings?benchmark=…` */
export function exploreFindingsApi(lab: LabView) {
  const pages = new FindingsPages(lab);
  return new Hono().get('/explore/findings', async (c) =>
    c.json(await pages.page(c.req.queries('benchmark') ?? [], c.req.raw.signal), 200),
  );
}

/** Keeps answers until runs change; asked twice at once it searches once, one search after the other. */
class FindingsPages {
  readonly #lab: LabView;
  readonly #kept = new Map<string, { readonly change: string; readonly page: Promise<FindingsPage> }>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(lab: LabView) {
    this.#lab = lab;
  }

  async page(benchmarks: readonly string[], signal: AbortSignal): Promise<FindingsPage> {
    const key = JSON.stringify(benchmarks.toSorted());
    const { catalogue } = this.#lab;
    const { names } = await namesOf(this.#lab);
    const change = JSON.stringify([await catalogue.changeCounter(), (await catalogue.exclusions()).stamp, names]);
    const known = this.#kept.get(key);
    if (known?.change === change) return known.page;
    const page = this.#last.then(() => {
      signal.throwIfAborted();
      return search(this.#lab, benchmarks, findInThread, MAX_HEADERS);
    });
    this.#last = page.catch(() => undefined);
    this.#kept.delete(key);
    this.#kept.set(key, { change, page });
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    page.catch(() => {
      if (this.#kept.get(key)?.page === page) this.#kept.delete(key);
    });
    return page;
  }
}

function findInThread(job: FindingsJob): Promise<Found> {
  if (job.dataset.count <= FEW_RUNS) return Promise.resolve(findInJob(job));
  const fromSource = import.meta.url.endsWith('.ts');
  const worker = new Worker(new URL(`./explore-findings-thread.${fromSource ? 'ts' : 'js'}`, import.meta.url), {
    workerData: job,
    resourceLimits: MEMORY,
    execArgv: fromSource ? ['--conditions=encodelab-source', '--disable-warning=ExperimentalWarning'] : [],
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`looking for findings took more than ${TIMEOUT_MS / 1000} s`));
      void worker.terminate();
    }, TIMEOUT_MS);
    worker.once('message', (found: Found) => resolve(found));
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the search for findings ended with code ${code}`));
    });
  });
}
