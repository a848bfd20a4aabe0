// The recordings of an export, and which of their files hold a table.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { RecordingTable } from '#core/recording';
import { parquetPath } from './parquet-files.ts';
import { tableSource } from './read-recording.ts';
import type { StoredHeader } from './recording-header.ts';

export interface ExportSource {
  /** Its id, in the first column. */
  readonly run: string;
  readonly folder: string;
  readonly header: StoredHeader;
}

/**
 * Tells in the temporary table `files (path, position)` which file belongs to which run.
 * @returns their paths, of the runs that have rows in that table
 */
export async function addFiles(
  connection: DuckDBConnection,
  sources: readonly ExportSource[],
  table: RecordingTable,
): Promise<string[]> {
  const paths = new Set<string>();
  const appender = await connection.createAppender('files', 'main', 'temp');
  for (const [position, { folder, header }] of sources.entries()) {
    if ((await tableSource(folder, header, table)) === null) continue;
    const path = parquetPath(folder, table);
    paths.add(path);
    appender.appendVarchar(path);
    appender.appendInteger(position);
    appender.endRow();
  }
  appender.closeSync();
  return [...paths];
}
