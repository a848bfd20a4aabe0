// Runs of a lab in columns: what the explorer, its reports and comparisons begin with.

import { setImmediate } from 'node:timers/promises';
import type { Catalogue, RunFacts, RunPlace } from '#core/catalogue';
import type { Dataset } from '#explore/data/dataset';
import { DatasetBuilder } from '#explore/data/dataset-builder';
import { readFacts } from './run-facts.ts';

/** Runs that are read at once: others have their turn after some 10 ms. */
const BATCH_RUNS = 500;
/** What a page could hold. The newest are taken. */
const MAX_RUNS = 250_000;

export interface LabDataset {
  readonly dataset: Dataset;
  /** Names of benchmarks that were asked for, and are not in this lab. */
  readonly missing: readonly string[];
  /** Names of those that are, the one started last first. */
  readonly benchmarks: readonly string[];
  /** Runs that are more than can be held: the oldest. */
  readonly leftOut: number;
  /** Runs whose facts nobody has looked up yet. */
  readonly withoutFacts: number;
}

interface ReadLab {
  readonly path: string;
  readonly catalogue: Catalogue;
}

/**
 * Results of benchmarks, or every result of the lab; warm-ups, visits of the sentinel and what was interrupted are none.
 * @param benchmarks names; none for the whole lab
 * @param maxHeaders recordings that are looked into for facts that the catalogue does not have yet: 0.2 ms each
 * @throws UserError where the lab can't be read, or its list of runs that are left out is damaged
 */
export async function readDataset(
  lab: ReadLab,
  benchmarks: readonly string[],
  maxHeaders = Infinity,
): Promise<LabDataset> {
  const { catalogue } = lab;
  const records = await catalogue.benchmarks();
  const { reasons } = await catalogue.exclusions();
  const all = await catalogue.runIds(benchmarks);
  const ids = all.slice(Math.max(0, all.length - MAX_RUNS));
  const builder = new DatasetBuilder(ids.length);
  let headersLeft = maxHeaders;
  let withoutFacts = 0;
  for (let begin = 0; begin < ids.length; begin += BATCH_RUNS) {
    const runs = await catalogue.runTexts(ids.slice(begin, begin + BATCH_RUNS));
    const unknown = runs.filter(({ facts }) => facts === null);
    const looked = await lookUp(lab, unknown.slice(0, headersLeft));
    headersLeft -= looked.size;
    withoutFacts += unknown.length - looked.size;
    for (const run of runs) builder.add(run, run.facts ?? looked.get(run.id) ?? NO_FACTS);
    await setImmediate();
  }
  const names = records.map(({ name }) => name);
  const asked = records.filter(({ name }) => benchmarks.length === 0 || benchmarks.includes(name));
  return {
    dataset: builder.finish(
      asked.flatMap(({ properties }) => properties),
      reasons,
    ),
    missing: benchmarks.filter((name) => !names.includes(name)),
    benchmarks: names,
    leftOut: all.length - ids.length,
    withoutFacts,
  };
}

const NO_FACTS: RunFacts = {};

async function lookUp(lab: ReadLab, runs: readonly RunPlace[]): Promise<Map<string, RunFacts>> {
  const facts = await readFacts(lab.path, runs);
  await lab.catalogue.saveFacts(facts);
  return facts;
}

/**
 * Looks up facts of runs that have none yet, the newest first, until the time is over.
 * @param budgetMs it ends within that and one batch
 * @returns whether all have theirs now
 */
export async function completeFacts({ path, catalogue }: ReadLab, budgetMs: number): Promise<boolean> {
  const began = performance.now();
  do {
    const runs = await catalogue.runsWithoutFacts(BATCH_RUNS);
    if (runs.length === 0) return true;
    await catalogue.saveFacts(await readFacts(path, runs));
  } while (performance.now() - began < budgetMs);
  return false;
}
