// Which recording is damaged, where a statement over many of them failed.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { RecordingTable } from '#core/recording';
import { UserError } from '#core/user-error';
import { parquetPath } from './parquet-files.ts';
import { tableSource } from './read-recording.ts';
import type { StoredHeader } from './recording-header.ts';
import { columnsOf } from './table-layout.ts';

/**
 * Reads every value of these tables, one recording after the other.
 * @param failure what happened before; it becomes the cause
 * @returns the error for the first file that can't be read; null where all can
 */
export async function findDamagedTable(
  connection: DuckDBConnection,
  recordings: readonly { readonly folder: string; readonly header: StoredHeader }[],
  tables: readonly RecordingTable[],
  failure: unknown,
): Promise<UserError | null> {
  for (const { folder, header } of recordings)
    for (const table of tables) {
      const from = await tableSource(folder, header, table);
      if (from === null) continue;
      const why = await readWhole(connection, from, table);
      if (why === null) continue;
      const what = `the recording can't be read: its table ${table} is damaged (${why})`;
      const todo = `Leave the run ${header.run} out; its other tables may be whole.`;
      return new UserError({ what, where: parquetPath(folder, table), todo }, { cause: failure });
    }
  return null;
}

/**
 * Reads every value.
 * @param from what to select from, with the columns of the table
 * @returns null where it can be read, else why not
 */
export async function readWhole(
  connection: DuckDBConnection,
  from: string,
  table: RecordingTable,
): Promise<string | null> {
  const columns = columnsOf(table).map(({ name }) => name);
  try {
    // The hash wants every value; a count would be content with the numbers at the end of the file.
    await connection.run(`SELECT max(hash(${columns.join(', ')})) FROM ${from}`);
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.split('\n')[0]!;
  }
}
