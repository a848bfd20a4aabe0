// The recording while it is made: a DuckDB file of its own, in which every flush is one transaction.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  ENUM,
  FLOAT,
  INTEGER,
  VARCHAR,
  type DuckDBAppender,
  type DuckDBType,
} from '@duckdb/node-api';
import { PROFILE_TABLES, RECORDING_TABLES, type RecordingTable } from '#core/recording';
import { UserError } from '#core/user-error';
import { openDatabase, type Database } from './duckdb.ts';
import type { RowBatch } from './row-batch.ts';
import { quoteText } from './sql-text.ts';
import { columnsOf, SQL_TYPES, type ColumnKind, type ColumnLayout } from './table-layout.ts';

export const LIVE_FILE = 'live.duckdb';
export const LIVE_WAL = `${LIVE_FILE}.wal`;
const SPILL_FOLDER = `${LIVE_FILE}.tmp`;
/** DuckDB's own size of a vector: no chunk may be longer. */
const CHUNK_ROWS = 2048;
const LIVE_MEMORY_MB = 40;
/** A profile never comes row by row. */
const LIVE_TABLES = RECORDING_TABLES.filter((table) => !(PROFILE_TABLES as readonly string[]).includes(table));

/**
 * DuckDB takes what follows a `?` for arguments and puts its log elsewhere.
 * @throws UserError where recordings can't be made below this folder
 */
export function checkRecordingPlace(folder: string): void {
  if (folder.includes('?'))
    throw new UserError({
      what: "recordings can't be made here: the path holds a question mark",
      where: folder,
      todo: 'Use another place.',
    });
}

/** Opens the live file of a recording; the log of a writer that died is replayed. */
export async function openLiveFile(folder: string): Promise<Database> {
  const database = await openDatabase(join(folder, LIVE_FILE), {
    threads: 1,
    memoryMb: LIVE_MEMORY_MB,
    spillFolder: join(folder, SPILL_FOLDER),
  });
  // It is exported and deleted afterwards: folding the log into the file first would be work for nothing.
  await database.connection.run('PRAGMA disable_checkpoint_on_shutdown');
  return database;
}

export async function removeLiveFile(folder: string): Promise<void> {
  // The file first: a log without its file is nothing, a file without its log would look like a whole recording.
  for (const name of [LIVE_FILE, LIVE_WAL, SPILL_FOLDER])
    await rm(join(folder, name), { force: true, recursive: true });
}

/** That everything up to this number of an agent's instance was written: in the live file only, in one transaction with its rows. */
export interface BatchMark {
  readonly agent: string;
  readonly instance: string;
  readonly number: number;
}

/** Frames of a stream that belong to a recording. */
export interface FrameWindow {
  readonly stream: string;
  readonly first: number;
  /** Null while it goes on. */
  readonly last: number | null;
}

const MAKE_BATCHES = 'CREATE TABLE IF NOT EXISTS batches (agent VARCHAR, instance VARCHAR, number BIGINT)';

/** The writing side of a live file. */
export class LiveWriter {
  readonly #database: Database;
  readonly #appenders: ReadonlyMap<RecordingTable, DuckDBAppender>;
  readonly #marks: DuckDBAppender;
  #closed = false;

  private constructor(
    database: Database,
    appenders: ReadonlyMap<RecordingTable, DuckDBAppender>,
    marks: DuckDBAppender,
  ) {
    this.#database = database;
    this.#appenders = appenders;
    this.#marks = marks;
  }

  /** Makes the file, or goes on with that of a writer that died. */
  static async open(folder: string): Promise<LiveWriter> {
    const database = await openLiveFile(folder);
    try {
      const appenders = new Map<RecordingTable, DuckDBAppender>();
      await database.connection.run([...LIVE_TABLES.map(createTable), MAKE_BATCHES].join('\n'));
      for (const table of LIVE_TABLES) appenders.set(table, await database.connection.createAppender(table));
      return new LiveWriter(database, appenders, await database.connection.createAppender('batches'));
    } catch (error) {
      database.close();
      throw error;
    }
  }

  get connection(): Database['connection'] {
    return this.#database.connection;
  }

  /** Writes all of these rows or none; once it resolves they survive a SIGKILL and a power cut. */
  async write(
    batches: ReadonlyMap<RecordingTable, readonly RowBatch[]>,
    marks: readonly BatchMark[] = [],
  ): Promise<void> {
    const connection = this.#database.connection;
    // A transaction of our own, for the commit with its wait for the disk then leaves the event loop alone.
    await connection.run('BEGIN');
    for (const [table, list] of batches) {
      const appender = this.#appenders.get(table)!;
      await appendRows(appender, columnsOf(table), list);
      appender.flushSync();
    }
    for (const { agent, instance, number } of marks) {
      this.#marks.appendVarchar(agent);
      this.#marks.appendVarchar(instance);
      this.#marks.appendBigInt(BigInt(number));
      this.#marks.endRow();
    }
    if (marks.length > 0) this.#marks.flushSync();
    await connection.run('COMMIT');
  }

  /** The last batch of each instance that was written. */
  async marks(): Promise<BatchMark[]> {
    const result = await this.#database.connection.run(
      'SELECT agent, instance, CAST(max(number) AS DOUBLE) FROM batches GROUP BY ALL',
    );
    return (await result.getRows()).map(([agent, instance, number]) => ({
      agent: agent as string,
      instance: instance as string,
      number: number as number,
    }));
  }

  /** Takes away the frames that lie in none of these windows, and their steps. */
  async keepOnly(windows: readonly FrameWindow[]): Promise<void> {
    const inside = windows.map(
      ({ stream, first, last }) =>
        `(stream = ${quoteText(stream)} AND frame >= ${first}${last === null ? '' : ` AND frame <= ${last}`})`,
    );
    for (const table of ['frames', 'steps'])
      await this.#database.connection.run(`DELETE FROM ${table} WHERE NOT (${['false', ...inside].join(' OR ')})`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const appender of [...this.#appenders.values(), this.#marks]) {
      try {
        appender.closeSync();
      } catch (error) {
        // After a failed write it can't be flushed again; the failure itself was reported when it happened.
        if (!(error instanceof Error)) throw error;
      }
    }
    this.#database.close();
  }
}

/** Lets the event loop in after each chunk: a sampler may be at work in this process, and wants its ticks in time. */
async function appendRows(
  appender: DuckDBAppender,
  columns: readonly ColumnLayout[],
  batches: readonly RowBatch[],
): Promise<void> {
  const types = columns.map(duckdbType);
  const total = batches.reduce((sum, batch) => sum + batch.rows, 0);
  let batch = 0;
  let row = 0;
  for (let done = 0; done < total; done += CHUNK_ROWS) {
    const size = Math.min(CHUNK_ROWS, total - done);
    const chunk = DuckDBDataChunk.create(types, size);
    const vectors = types.map((_, column) => chunk.getColumnVector(column));
    for (let filled = 0; filled < size;) {
      const { rows, columns: readers } = batches[batch]!;
      const part = Math.min(rows - row, size - filled);
      for (let column = 0; column < vectors.length; column++) {
        // Each kind of vector has a setItem for its own kind of value; a ColumnReader gives just that.
        const vector = vectors[column] as unknown as { setItem(index: number, value: unknown): void };
        const read = readers[column]!;
        for (let i = 0; i < part; i++) vector.setItem(filled + i, read(row + i));
      }
      filled += part;
      row += part;
      if (row === rows) {
        batch++;
        row = 0;
      }
    }
    for (const vector of vectors) vector.flush();
    appender.appendDataChunk(chunk);
    await nextTurn();
  }
}

function createTable(table: RecordingTable): string {
  const columns = columnsOf(table).map((column) => `${column.name} ${sqlType(column)}`);
  return `CREATE TABLE IF NOT EXISTS ${table} (${columns.join(', ')});`;
}

function sqlType(column: ColumnLayout): string {
  return column.values === undefined ? SQL_TYPES[column.kind] : `ENUM (${column.values.map(quoteText).join(', ')})`;
}

function duckdbType(column: ColumnLayout): DuckDBType {
  return column.values === undefined ? DUCKDB_TYPES[column.kind] : ENUM(column.values);
}

const DUCKDB_TYPES: Readonly<Record<ColumnKind, DuckDBType>> = {
  text: VARCHAR,
  integer: INTEGER,
  time: BIGINT,
  float: FLOAT,
  double: DOUBLE,
  boolean: BOOLEAN,
};
