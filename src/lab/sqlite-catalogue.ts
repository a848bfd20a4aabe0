// The catalogue of a lab on one machine: SQLite, which several processes may have open.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type {
  BenchmarkRecord,
  Catalogue,
  CellRecord,
  Exclusions,
  LockHolder,
  Progress,
  RunEnd,
  RunFacts,
  RunFilter,
  RunPlace,
  RunText,
} from '#core/catalogue';
import type { RunRecord } from '#core/run';
import { isSameProcess, ownIdentity, processStartTicks } from '#system/process-identity';
import { catalogueError } from './catalogue-error.ts';
import { openCatalogueFile, transaction } from './catalogue-file.ts';
import {
  cellToText,
  conditions,
  RUN_COLUMNS,
  rowToBenchmark,
  rowToCell,
  rowToHolder,
  rowToRun,
  rowToRunText,
  runToRow,
  type Row,
} from './catalogue-rows.ts';

/** Rows of `runs` where the filter sets no limit. */
const DEFAULT_RUN_LIMIT = 1_000;
const MAX_PREFIX_MATCHES = 10;
const RUN = RUN_COLUMNS.join(', ');
const INTO_RUNS = `INTO runs (${RUN}, owner_pid, owner_start_ticks)
  VALUES (${Array.from({ length: RUN_COLUMNS.length + 2 }, () => '?').join(', ')})`;

/** Of a reason whose first line is told. */
const REASON_CHARACTERS = 500;
/** What makes a run a result. */
const IS_RESULT = 'outcome IS NOT NULL AND interrupted = 0 AND repeat >= 1';

export interface OpenCatalogueOptions {
  readonly readonly?: boolean | undefined;
  /** Which runs are left out: the lab has that in a file of its own. None where it is left out. */
  readonly exclusions?: (() => Promise<Exclusions>) | undefined;
}

/**
 * Opens the catalogue in a file, or makes it.
 * @throws UserError where it is no catalogue, one of a newer encodelab, or can't be written
 */
export async function openCatalogue(path: string, options: OpenCatalogueOptions = {}): Promise<SqliteCatalogue> {
  return new SqliteCatalogue(path, await openCatalogueFile(path, options.readonly ?? false), options);
}

export class SqliteCatalogue implements Catalogue {
  readonly #path: string;
  readonly #database: DatabaseSync;
  /** By their text: there are few different ones. */
  readonly #statements = new Map<string, StatementSync>();
  readonly #exclusions: (() => Promise<Exclusions>) | undefined;
  readonly #isReadonly: boolean;
  /** A catalogue of an older encodelab that is only read has none. */
  readonly #hasFacts: boolean;
  readonly #facts = new Map<number, RunFacts>();

  constructor(path: string, database: DatabaseSync, options: OpenCatalogueOptions) {
    this.#path = path;
    this.#database = database;
    this.#exclusions = options.exclusions;
    this.#isReadonly = options.readonly ?? false;
    this.#hasFacts = this.#all("SELECT name FROM sqlite_schema WHERE name = 'run_facts'").length > 0;
  }

  async saveBenchmark(benchmark: BenchmarkRecord, cells: readonly CellRecord[]): Promise<void> {
    this.#write(() => {
      this.#run(
        'INSERT OR REPLACE INTO benchmarks (name, file, properties, repeat, seed, thresholds, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        benchmark.name,
        benchmark.file,
        JSON.stringify(benchmark.properties),
        benchmark.repeat,
        benchmark.seed,
        JSON.stringify(benchmark.thresholds),
        benchmark.startedAt,
      );
      this.#run('DELETE FROM cells WHERE benchmark = ?', benchmark.name);
      const insert = this.#prepare('INSERT INTO cells (benchmark, position, same_key, cell) VALUES (?, ?, ?, ?)');
      for (const cell of cells) insert.run(benchmark.name, cell.index, cell.sameKey, cellToText(cell));
    });
  }

  async benchmarks(): Promise<BenchmarkRecord[]> {
    return this.#all('SELECT * FROM benchmarks ORDER BY started_at DESC, name').map(rowToBenchmark);
  }

  async benchmark(name: string): Promise<BenchmarkRecord | null> {
    const [row] = this.#all('SELECT * FROM benchmarks WHERE name = ?', name);
    return row === undefined ? null : rowToBenchmark(row);
  }

  async cells(benchmark: string): Promise<CellRecord[]> {
    return this.#all('SELECT * FROM cells WHERE benchmark = ? ORDER BY position', benchmark).map(rowToCell);
  }

  /** This process is the run's owner from now on: while it lives, nobody else ends the run. */
  async startRun(run: RunRecord): Promise<void> {
    const { pid, startTicks } = ownIdentity();
    this.#write(() => this.#run(`INSERT ${INTO_RUNS}`, ...runToRow(run), pid, startTicks));
  }

  /** This process goes on with an open run, and is its owner from now on. */
  async adoptRun(id: string): Promise<void> {
    const { pid, startTicks } = ownIdentity();
    this.#write(() =>
      this.#run(
        'UPDATE runs SET owner_pid = ?, owner_start_ticks = ? WHERE id = ? AND outcome IS NULL',
        pid,
        startTicks,
        id,
      ),
    );
  }

  /** Those of the ids that are not in the catalogue, in their order. */
  async missingRuns(ids: readonly string[]): Promise<string[]> {
    const rows = this.#all(
      'SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT id FROM runs)',
      JSON.stringify(ids),
    );
    return rows.map((row) => row['id'] as string);
  }

  /**
   * Enters runs that have ended, as they are; a run that is there already is left alone.
   * @returns how many were not there
   */
  async restoreRuns(runs: readonly RunRecord[]): Promise<number> {
    const { pid, startTicks } = ownIdentity();
    return this.#write(() => {
      let restored = 0;
      for (const run of runs) restored += this.#run(`INSERT OR IGNORE ${INTO_RUNS}`, ...runToRow(run), pid, startTicks);
      return restored;
    });
  }

  /** Ends a run that is open; one that has ended keeps its end. */
  async endRun(id: string, end: RunEnd): Promise<void> {
    const changed = this.#write(() =>
      this.#run(
        'UPDATE runs SET outcome = ?, reason = ?, interrupted = ?, duration_s = ?, metrics = ? WHERE id = ? AND outcome IS NULL',
        end.outcome,
        end.reason,
        end.interrupted ? 1 : 0,
        end.durationS,
        JSON.stringify(end.metrics),
        id,
      ),
    );
    if (changed === 0) throw new Error(`run ${id} is not in the catalogue, or has ended already`);
  }

  async runs(filter: RunFilter): Promise<RunRecord[]> {
    const { where, values } = conditions(filter);
    return this.#all(
      `SELECT ${RUN} FROM runs ${where} ORDER BY id DESC LIMIT ? OFFSET ?`,
      ...values,
      filter.limit ?? DEFAULT_RUN_LIMIT,
      filter.offset ?? 0,
    ).map(rowToRun);
  }

  async countRuns(filter: RunFilter): Promise<number> {
    const { where, values } = conditions(filter);
    return this.#all(`SELECT count(*) AS count FROM runs ${where}`, ...values)[0]!['count'] as number;
  }

  async run(id: string): Promise<RunRecord | null> {
    const [row] = this.#all(`SELECT ${RUN} FROM runs WHERE id = ?`, id);
    return row === undefined ? null : rowToRun(row);
  }

  async runsByPrefix(prefix: string): Promise<string[]> {
    // `g` comes after every character of an id.
    const rows = this.#all(
      'SELECT id FROM runs WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3',
      prefix,
      `${prefix}g`,
      MAX_PREFIX_MATCHES,
    );
    return rows.map((row) => row['id'] as string);
  }

  async openRuns(): Promise<RunRecord[]> {
    return this.#all(`SELECT ${RUN} FROM runs WHERE outcome IS NULL ORDER BY id`).map(rowToRun);
  }

  /** Open runs whose process is gone. */
  async abandonedRuns(): Promise<RunRecord[]> {
    return this.#all(`SELECT ${RUN}, owner_pid, owner_start_ticks FROM runs WHERE outcome IS NULL ORDER BY id`)
      .filter((row) => !isSameProcess(row['owner_pid'] as number, row['owner_start_ticks'] as number))
      .map(rowToRun);
  }

  async results(benchmark: string): Promise<Map<string, RunRecord[]>> {
    const rows = this.#all(
      `SELECT ${RUN} FROM runs
       WHERE same_key IN (SELECT same_key FROM cells WHERE benchmark = ?) AND ${IS_RESULT}
       ORDER BY id`,
      benchmark,
    );
    const { reasons } = await this.exclusions();
    const counted = reasons.size === 0 ? rows : rows.filter((row) => !reasons.has(row['id'] as string));
    return Map.groupBy(counted.map(rowToRun), (run) => run.sameKey);
  }

  async runIds(benchmarks: readonly string[]): Promise<string[]> {
    if (benchmarks.length === 0) return this.#all('SELECT id FROM runs ORDER BY id').map((row) => row['id'] as string);
    const asked = JSON.stringify(benchmarks);
    const own = this.#all('SELECT id FROM runs WHERE benchmark IN (SELECT value FROM json_each(?)) ORDER BY id', asked);
    const same = this.#all(
      `WITH asked AS (SELECT value AS name FROM json_each(?))
       SELECT id FROM runs
       WHERE same_key IN (SELECT same_key FROM cells WHERE benchmark IN asked)
         AND (benchmark IS NULL OR benchmark NOT IN asked)`,
      asked,
    );
    const ids = [...own, ...same].map((row) => row['id'] as string);
    return same.length === 0 ? ids : ids.toSorted();
  }

  async runTexts(ids: readonly string[]): Promise<RunText[]> {
    const facts = this.#hasFacts
      ? '(SELECT facts FROM run_facts WHERE run = runs.id)'
      : // Of a catalogue of before there were any, which may only be read.
        'NULL';
    const rows = this.#all(
      `SELECT id, recording, kind, benchmark, repeat, same_key, outcome, substr(reason, 1, ${REASON_CHARACTERS}) AS reason,
         started_at, settings, labels, metrics, ${facts} AS facts
       FROM runs WHERE id IN (SELECT value FROM json_each(?)) AND ${IS_RESULT} ORDER BY id`,
      JSON.stringify(ids),
    );
    return rows.map((row) => rowToRunText(row, row['facts'] === null ? null : this.#factsOf(row['facts'] as number)));
  }

  async runsById(ids: readonly string[]): Promise<RunRecord[]> {
    return this.#all(
      `SELECT ${RUN} FROM runs WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
      JSON.stringify(ids),
    ).map(rowToRun);
  }

  async exclusions(): Promise<Exclusions> {
    return (await this.#exclusions?.()) ?? { reasons: new Map(), stamp: '' };
  }

  async runsWithoutFacts(limit: number): Promise<RunPlace[]> {
    if (!this.#hasFacts || this.#isReadonly) return [];
    return this.#all(
      `SELECT id, recording FROM runs WHERE ${IS_RESULT} AND id NOT IN (SELECT run FROM run_facts)
       ORDER BY id DESC LIMIT ?`,
      limit,
    ).map((row) => ({ id: row['id'] as string, recording: row['recording'] as string | null }));
  }

  async saveFacts(facts: ReadonlyMap<string, RunFacts>): Promise<void> {
    if (this.#isReadonly || facts.size === 0) return;
    this.#write(() => {
      for (const [run, known] of facts) {
        const text = JSON.stringify(known);
        this.#run('INSERT OR IGNORE INTO facts (facts) VALUES (?)', text);
        this.#run('INSERT OR REPLACE INTO run_facts (run, facts) SELECT ?, id FROM facts WHERE facts = ?', run, text);
      }
    });
  }

  /** There are as many as machines and builds; one never changes. */
  #factsOf(id: number): RunFacts {
    let facts = this.#facts.get(id);
    if (facts === undefined) {
      facts = JSON.parse(this.#all('SELECT facts FROM facts WHERE id = ?', id)[0]!['facts'] as string) as RunFacts;
      this.#facts.set(id, facts);
    }
    return facts;
  }

  async deleteRuns(ids: readonly string[]): Promise<number> {
    const list = JSON.stringify(ids);
    return this.#write(() => {
      this.#run('DELETE FROM run_facts WHERE run IN (SELECT value FROM json_each(?))', list);
      return this.#run('DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))', list);
    });
  }

  async setProgress(progress: Progress): Promise<void> {
    // Several times a second and soon stale: it need not survive a power cut, and must not make the disk work.
    this.#guard(() => this.#database.exec('PRAGMA synchronous = NORMAL'));
    try {
      this.#write(() =>
        this.#run(
          'INSERT OR REPLACE INTO progress (benchmark, pid, start_ticks, progress) VALUES (?, ?, ?, ?)',
          progress.benchmark,
          progress.pid,
          processStartTicks(progress.pid) ?? 0,
          JSON.stringify(progress),
        ),
      );
    } finally {
      this.#guard(() => this.#database.exec('PRAGMA synchronous = FULL'));
    }
  }

  async clearProgress(benchmark: string): Promise<void> {
    this.#write(() => this.#run('DELETE FROM progress WHERE benchmark = ?', benchmark));
  }

  /** Of the benches that are at work: one that was killed is left out. */
  async progress(): Promise<Progress[]> {
    return this.#all('SELECT * FROM progress ORDER BY benchmark')
      .filter((row) => isSameProcess(row['pid'] as number, row['start_ticks'] as number))
      .map((row) => JSON.parse(row['progress'] as string) as Progress);
  }

  async lock(name: string, holder: LockHolder): Promise<LockHolder | null> {
    return this.#write(() => {
      const [row] = this.#all('SELECT * FROM locks WHERE name = ?', name);
      if (row !== undefined) {
        const other = rowToHolder(row);
        if (isSameProcess(other.pid, other.startTicks)) return other;
      }
      this.#run(
        'INSERT OR REPLACE INTO locks (name, pid, start_ticks, what) VALUES (?, ?, ?, ?)',
        name,
        holder.pid,
        holder.startTicks,
        holder.what,
      );
      return null;
    });
  }

  async unlock(name: string, holder: LockHolder): Promise<void> {
    this.#write(() =>
      this.#run(
        'DELETE FROM locks WHERE name = ? AND pid = ? AND start_ticks = ?',
        name,
        holder.pid,
        holder.startTicks,
      ),
    );
  }

  async changeCounter(): Promise<number> {
    // data_version grows with commits of others only, total_changes with our own: neither ever shrinks.
    const others = this.#all('PRAGMA data_version')[0]!['data_version'] as number;
    const own = this.#all('SELECT total_changes() AS changes')[0]!['changes'] as number;
    return others + own;
  }

  async close(): Promise<void> {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#guard(() => this.#prepare(sql).all(...values));
  }

  /** Only inside #write. Returns the number of rows that were changed. */
  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  #write<Result>(work: () => Result): Result {
    return this.#guard(() => transaction(this.#database, work));
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw catalogueError(this.#path, error);
    }
  }
}
