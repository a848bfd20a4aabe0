// Rows of the catalogue and the records that they stand for.

import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Threshold } from '#core/benchmark';
import type { BenchmarkRecord, CellRecord, LockHolder, RunFacts, RunFilter, RunText } from '#core/catalogue';
import type { Metrics } from '#core/metric';
import type { Outcome, RunKind, RunRecord } from '#core/run';
import type { Settings } from '#core/settings';

export type Row = Readonly<Record<string, SQLOutputValue>>;

export const RUN_COLUMNS = [
  'id',
  'kind',
  'benchmark',
  'cell',
  'repeat',
  'settings',
  'labels',
  'same_key',
  'outcome',
  'reason',
  'interrupted',
  'started_at',
  'duration_s',
  'metrics',
  'recording',
] as const;

/** Values in the order of RUN_COLUMNS. */
export function runToRow(run: RunRecord): SQLInputValue[] {
  return [
    run.id,
    run.kind,
    run.benchmark,
    run.cell,
    run.repeat,
    JSON.stringify(run.settings),
    JSON.stringify(run.labels),
    run.sameKey,
    run.outcome,
    run.reason,
    run.interrupted ? 1 : 0,
    run.startedAt,
    run.durationS,
    JSON.stringify(run.metrics),
    run.recording,
  ];
}

export function rowToRun(row: Row): RunRecord {
  return {
    id: row['id'] as string,
    kind: row['kind'] as RunKind,
    benchmark: row['benchmark'] as string | null,
    cell: row['cell'] as string | null,
    repeat: row['repeat'] as number,
    settings: parseShared(row['settings'] as string) as Settings,
    labels: parseShared(row['labels'] as string) as string[],
    sameKey: row['same_key'] as string,
    outcome: row['outcome'] as Outcome | null,
    reason: row['reason'] as string | null,
    interrupted: row['interrupted'] === 1,
    startedAt: row['started_at'] as string,
    durationS: row['duration_s'] as number | null,
    metrics: JSON.parse(row['metrics'] as string) as Metrics,
    recording: row['recording'] as string | null,
  };
}

/** A result whose JSON stays text. */
export function rowToRunText(row: Row, facts: RunFacts | null): RunText {
  return {
    id: row['id'] as string,
    recording: row['recording'] as string | null,
    kind: row['kind'] as RunKind,
    benchmark: row['benchmark'] as string | null,
    repeat: row['repeat'] as number,
    sameKey: row['same_key'] as string,
    outcome: row['outcome'] as Outcome,
    reason: row['reason'] as string | null,
    startedAt: row['started_at'] as string,
    settings: row['settings'] as string,
    labels: row['labels'] as string,
    metrics: row['metrics'] as string,
    facts,
  };
}

/** Texts kept parsed: the repeats of a cell have the same settings, and a page reads thousands of runs. */
const MAX_SHARED = 4096;
const shared = new Map<string, unknown>();

function parseShared(text: string): unknown {
  let value = shared.get(text);
  if (value !== undefined) return value;
  value = JSON.parse(text);
  if (shared.size >= MAX_SHARED) shared.clear();
  shared.set(text, value);
  return value;
}

export function rowToBenchmark(row: Row): BenchmarkRecord {
  return {
    name: row['name'] as string,
    file: row['file'] as string,
    properties: JSON.parse(row['properties'] as string) as BenchmarkRecord['properties'],
    repeat: row['repeat'] as number,
    seed: row['seed'] as number | null,
    thresholds: JSON.parse(row['thresholds'] as string) as Threshold[],
    startedAt: row['started_at'] as string,
  };
}

/** What of a cell is in no column of its own. */
export function cellToText({ label, properties, settings }: CellRecord): string {
  return JSON.stringify({ label, properties, settings });
}

export function rowToCell(row: Row): CellRecord {
  const rest = JSON.parse(row['cell'] as string) as Pick<CellRecord, 'label' | 'properties' | 'settings'>;
  return { index: row['position'] as number, ...rest, sameKey: row['same_key'] as string };
}

export function rowToHolder(row: Row): LockHolder {
  return { pid: row['pid'] as number, startTicks: row['start_ticks'] as number, what: row['what'] as string };
}

/** What a filter asks of a row: its SQL, and the values in it. */
export function conditions(filter: RunFilter): { readonly where: string; readonly values: SQLInputValue[] } {
  const tests: (readonly [sql: string, value: string | undefined])[] = [
    ['benchmark = ?', filter.benchmark],
    ['cell = ?', filter.cell],
    ['outcome = ?', filter.outcome],
    [
      'same_key IN (SELECT value FROM json_each(?))',
      filter.sameKeys === undefined ? undefined : JSON.stringify(filter.sameKeys),
    ],
    // Only a key has a bracket behind it, and a quote within a text is escaped: a hundred thousand runs need no JSON read.
    ['instr(metrics, ?) > 0', filter.metric === undefined ? undefined : `${JSON.stringify(filter.metric)}:{`],
  ];
  const given = tests.filter(([, value]) => value !== undefined);
  return {
    where: given.length === 0 ? '' : `WHERE ${given.map(([sql]) => sql).join(' AND ')}`,
    values: given.map(([, value]) => value!),
  };
}
