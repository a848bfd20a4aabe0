// Custom stats of runs: computed from their recordings once, and kept in the lab's cache by expression.

import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Unit } from '#core/metric';
import type { RunRecord } from '#core/run';
import { unitConversion } from '#core/same-unit';
import { UserError } from '#core/user-error';
import { meaningOf, notingMissing } from '#explore/stats/check-stat';
import { dividesByZero, evaluateStat } from '#explore/stats/evaluate-stat';
import { namesIn, type StatNode } from '#explore/stats/stat-expression';
import type { StatRun } from '#explore/stats/stat-tables';
import { writeFileAtomic } from '#system/atomic-file';
import { makeFolder } from '#system/make-folder';
import { readStatRun, type StatLab } from './stat-run.ts';

/** 3: what is added and compared is made one unit. */
const VERSION = 3;
/** Runs that are kept of one expression. */
const MOST_KEPT = 200_000;
/** Expressions that are kept; the one computed longest ago goes first. */
const MOST_EXPRESSIONS = 300;

export interface ComputedStats {
  readonly unit: Unit;
  /** Of each run in the order asked for; null where it has none. */
  readonly values: readonly (number | null)[];
  /** Why runs have none, with how many. */
  readonly absent: readonly { readonly why: string; readonly runs: number }[];
}

export interface ComputeOptions {
  /** False where somebody only tries: then nothing is kept for later. */
  readonly keep?: boolean;
  /** Once it is aborted the rest is left; what was computed is kept. */
  readonly signal?: AbortSignal;
  /** From then on, by performance.now(), only what is known already is told. */
  readonly untilMs?: number;
}

interface Kept {
  readonly version: typeof VERSION;
  readonly expression: string;
  readonly unit: Unit | null;
  /** Of a run that has none, why. */
  readonly values: Record<string, number | string>;
}

const NOT_WRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);
const NOT_ENDED = 'the run has not ended';
const NO_TIME = 'there was no time left to compute it';
const NOTHING = 'there is nothing to compute it from';

/**
 * @param runs that have ended; others have no value yet
 * @throws UserError where the expression means nothing, with the place in it; the reason of the signal
 */
export async function computeStats(
  lab: StatLab & { readonly cacheFolder: string },
  expression: string,
  runs: readonly RunRecord[],
  { keep = true, signal, untilMs = Infinity }: ComputeOptions = {},
): Promise<ComputedStats> {
  const tree = meaningOf(expression);
  const names = namesIn(tree);
  const path = keptPath(lab.cacheFolder, expression);
  const kept = await readKept(path, expression);
  let { unit } = kept;
  let isNew = false;
  const absent = new Map<string, number>();
  const values: (number | null)[] = [];
  for (const run of runs) {
    if (signal?.aborted === true) break;
    let value = kept.values[run.id];
    if (value === undefined) {
      if (run.outcome === null) value = NOT_ENDED;
      else if (performance.now() > untilMs) value = NO_TIME;
      else {
        const computed = await valueOf(lab, run, tree, names);
        unit ??= computed.unit;
        value = inUnit(computed, unit);
        if (computed.isFinal) {
          kept.values[run.id] = value;
          isNew = true;
        }
      }
    }
    if (typeof value === 'string') absent.set(value, (absent.get(value) ?? 0) + 1);
    values.push(typeof value === 'number' ? value : null);
  }
  if (keep && isNew && Object.keys(kept.values).length <= MOST_KEPT)
    await keepValues(path, { ...kept, unit }).catch((error: NodeJS.ErrnoException) => {
      // Who may only read computes again each time.
      if (!NOT_WRITABLE.has(error.code ?? '')) throw error;
    });
  signal?.throwIfAborted();
  return { unit: unit ?? '1', values, absent: [...absent].map(([why, count]) => ({ why, runs: count })) };
}

interface RunValue {
  /** Why, where there is none. */
  readonly value: number | string;
  readonly unit: Unit | null;
  /** A recording that can't be read may be mended. */
  readonly isFinal: boolean;
}

/** A recording that can't be read is that run's loss alone: it is told in words. */
async function valueOf(lab: StatLab, run: RunRecord, tree: StatNode, names: readonly string[]): Promise<RunValue> {
  let columns: Awaited<ReturnType<typeof readStatRun>>;
  try {
    columns = await readStatRun(lab, run, names);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { value: error.problems[0]!.what, unit: null, isFinal: false };
  }
  const missing = new Set<string>();
  const computed = evaluateStat(tree, notingMissing(columns, missing));
  if (computed !== null) {
    const { value, unit } = computed;
    return { value: Number.isFinite(value) ? value : whyNone(value, tree, columns), unit, isFinal: true };
  }
  const [name = ''] = missing;
  return { value: missingWords(run, name), unit: null, isFinal: true };
}

/** Runs of different origin may have a metric of one name in different units. */
function inUnit({ value, unit }: RunValue, wanted: Unit | null): number | string {
  if (typeof value === 'string' || unit === null || wanted === null) return value;
  return unitConversion(unit, wanted)?.(value) ?? `it is in ${unit}, and that of others in ${wanted}`;
}

function whyNone(value: number, tree: StatNode, run: StatRun): string {
  if (!Number.isNaN(value)) return 'it is larger than any number that can be computed with';
  return dividesByZero(tree, run) ? 'it is divided by zero' : NOTHING;
}

function missingWords(run: RunRecord, name: string): string {
  if (name.startsWith('metric ')) return `it has no ${name}`;
  if (name === 'duration') return 'its duration is not known';
  return run.recording === null ? 'it has no recording' : `its recording has no ${name}`;
}

function keptPath(cacheFolder: string, expression: string): string {
  const hash = createHash('sha256').update(expression).digest('hex').slice(0, 32);
  return join(cacheFolder, 'stats', `${hash}.json`);
}

/** What is damaged or of another version is computed again. */
async function readKept(path: string, expression: string): Promise<Kept> {
  const empty: Kept = { version: VERSION, expression, unit: null, values: {} };
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return empty;
  try {
    const kept = JSON.parse(text) as Kept;
    return kept.version === VERSION && kept.expression === expression ? kept : empty;
  } catch (error) {
    if (error instanceof SyntaxError) return empty;
    throw error;
  }
}

async function keepValues(path: string, kept: Kept): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  await writeFileAtomic(path, JSON.stringify(kept));
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  if (files.length <= MOST_EXPRESSIONS) return;
  const aged = await Promise.all(
    files.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  for (const { name } of aged.sort((a, b) => a.at - b.at).slice(0, files.length - MOST_EXPRESSIONS))
    await rm(join(folder, name), { force: true });
}
