// A baseline: a side as it was once, in a file that needs nothing beside it.

import { UserError } from '#core/user-error';
import type { Side, SideCell, SideMetric } from './side.ts';

const BASELINE_VERSION = 1;

export interface Baseline {
  readonly version: typeof BASELINE_VERSION;
  readonly kind: 'encodelab-baseline';
  readonly name: string;
  /** Name of the benchmark that it was saved of. */
  readonly benchmark: string;
  /** UTC, ISO 8601. */
  readonly savedAt: string;
  /** Version of encodelab that wrote it. */
  readonly encodelab: string;
  readonly metrics: readonly SideMetric[];
  readonly facts: Readonly<Record<string, readonly string[]>>;
  readonly cells: readonly Pick<SideCell, 'settings' | 'values' | 'failed'>[];
}

export interface BaselineOrigin {
  readonly name: string;
  readonly benchmark: string;
  readonly savedAt: string;
  readonly encodelab: string;
}

export function makeBaseline(side: Side, origin: BaselineOrigin): Baseline {
  return {
    version: BASELINE_VERSION,
    kind: 'encodelab-baseline',
    ...origin,
    metrics: side.metrics,
    facts: side.facts,
    cells: side.cells.map(({ settings, values, failed }) => ({ settings, values, failed })),
  };
}

export function baselineSide({ name, metrics, facts, cells }: Baseline): Side {
  return {
    title: `baseline ${name}`,
    metrics,
    facts,
    cells: cells.map((cell) => ({ ...cell, reason: null, runs: [] })),
  };
}

/**
 * Reads the text of a baseline's file.
 * @param where its path, for the message
 * @throws UserError where it is damaged, no baseline, or of a newer encodelab
 */
export function parseBaseline(text: string, where: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError({ what: 'the baseline is damaged: it is no JSON', where, todo: SAVE_AGAIN }, { cause });
  }
  if (!isRecord(value) || value['kind'] !== 'encodelab-baseline')
    throw new UserError({ what: 'this is no baseline of encodelab', where, todo: SAVE_AGAIN });
  const version = value['version'];
  if (typeof version === 'number' && Number.isInteger(version) && version > BASELINE_VERSION)
    throw new UserError({
      what: `the baseline was made by a newer encodelab (its version is ${version}, ours ${BASELINE_VERSION})`,
      where,
      todo: 'update encodelab, or save the baseline with this one',
    });
  if (!isBaseline(value)) throw new UserError({ what: 'the baseline is damaged', where, todo: SAVE_AGAIN });
  return value;
}

const SAVE_AGAIN = '`encodelab bench baseline save` makes one';

function isBaseline(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & Baseline {
  const { version, name, benchmark, savedAt, encodelab, metrics, facts, cells } = value;
  if (version !== BASELINE_VERSION) return false;
  if (![name, benchmark, savedAt, encodelab].every((text) => typeof text === 'string')) return false;
  if (!Array.isArray(metrics) || !metrics.every(isMetric)) return false;
  const names = new Set(metrics.map((metric: SideMetric) => metric.name));
  if (!isRecord(facts) || !Object.values(facts).every(isTexts)) return false;
  return Array.isArray(cells) && cells.every((cell) => isCell(cell, names));
}

function isMetric(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, unit, better } = value;
  const isSide = better === null || better === 'higher' || better === 'lower';
  return typeof name === 'string' && typeof unit === 'string' && isSide;
}

function isCell(value: unknown, metrics: ReadonlySet<string>): boolean {
  if (!isRecord(value) || !isRecord(value['settings']) || !isRecord(value['values'])) return false;
  if (!Number.isInteger(value['failed'])) return false;
  if (!Object.values(value['settings']).every((setting) => typeof setting === 'string')) return false;
  return Object.entries(value['values']).every(
    ([name, numbers]) => metrics.has(name) && Array.isArray(numbers) && numbers.length > 0 && numbers.every(isNumber),
  );
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
