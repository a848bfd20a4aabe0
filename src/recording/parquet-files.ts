// The finished tables of a recording: one Parquet file for each that has rows, each whole or not there.

import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { RECORDING_TABLES, type RecordingTable } from '#core/recording';
import { syncFolder } from '#system/atomic-file';
import { quotePathToRead, quoteText } from './sql-text.ts';
import { columnsOf, TABLE_ORDER } from './table-layout.ts';

export type RowCounts = Readonly<Partial<Record<RecordingTable, number>>>;

const UNFINISHED = '.parquet.unfinished';
/** A larger table stays in the order in which it was recorded, which is nearly the same: sorting it could fail for memory. */
const MAX_SORTED_CELLS = 1_000_000;
/** A row group is held in memory while it is written, beyond any limit: DuckDB's own 122,880 rows would take 60 MB. */
const ROW_GROUP_ROWS = 20_480;
/** Of a table as wide as `shapes`, of texts mostly. */
const WIDE_ROW_GROUP_ROWS = 2_048;
const WIDE_COLUMNS = 20;

export function parquetPath(folder: string, table: RecordingTable): string {
  return join(folder, `${table}.parquet`);
}

/** Writes every table that has rows; what an earlier, broken-off attempt left is replaced. */
export async function writeParquetFiles(connection: DuckDBConnection, folder: string): Promise<RowCounts> {
  await removeUnfinished(folder);
  const rows: Partial<Record<RecordingTable, number>> = {};
  // A writer that died in its first milliseconds has not made its tables yet.
  const made = (await (await connection.run('SELECT table_name FROM duckdb_tables()')).getRows()).flat();
  for (const table of RECORDING_TABLES.filter((name) => made.includes(name))) {
    const count = await countRows(connection, table);
    if (count === 0) continue;
    const order = count * columnsOf(table).length <= MAX_SORTED_CELLS ? `ORDER BY ${TABLE_ORDER[table]}` : '';
    await writeParquetFile(connection, folder, table, `SELECT * FROM ${table} ${order}`);
    rows[table] = count;
  }
  await syncFolder(folder);
  return rows;
}

/**
 * Writes what a query gives as a table of the recording; the file is there whole or not at all.
 * @returns the number of rows
 */
export async function writeParquetFile(
  connection: DuckDBConnection,
  folder: string,
  table: RecordingTable,
  query: string,
): Promise<number> {
  const unfinished = join(folder, `${table}${UNFINISHED}`);
  const result = await connection.run(
    `COPY (${query}) TO ${quoteText(unfinished)} ` +
      '(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ' +
      `ROW_GROUP_SIZE ${columnsOf(table).length < WIDE_COLUMNS ? ROW_GROUP_ROWS : WIDE_ROW_GROUP_ROWS})`,
  );
  await syncFile(unfinished);
  await rename(unfinished, parquetPath(folder, table));
  return Number((await result.getRows())[0]![0]);
}

/** Rows of the Parquet files that are there and whole; the others are named in `damaged`. */
export async function countParquetFiles(
  connection: DuckDBConnection,
  folder: string,
): Promise<{ readonly rows: RowCounts; readonly damaged: readonly RecordingTable[] }> {
  const rows: Partial<Record<RecordingTable, number>> = {};
  const damaged: RecordingTable[] = [];
  for (const table of RECORDING_TABLES) {
    const path = parquetPath(folder, table);
    if ((await stat(path).catch(() => null)) === null) continue;
    try {
      rows[table] = await countRows(connection, `read_parquet(${quotePathToRead(path)})`);
    } catch (error) {
      // The end of a Parquet file says what is in it: a cut one does not open at all.
      if (!(error instanceof Error)) throw error;
      damaged.push(table);
    }
  }
  return { rows, damaged };
}

export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.endsWith(UNFINISHED)) await rm(join(folder, name), { force: true });
}

async function countRows(connection: DuckDBConnection, from: string): Promise<number> {
  const result = await connection.run(`SELECT count(*) FROM ${from}`);
  return Number((await result.getRows())[0]![0]);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
