// The one DuckDB of this process that reads Parquet, shared by all readers.

import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { databaseOptions } from './duckdb.ts';

/** A bench may run beside it. */
const READER_THREADS = 1;
const READER_MEMORY_MB = 128;

let shared: Promise<DuckDBInstance> | null = null;

/** Hands a connection of its own to `use`; a streamed result would not outlive another query on the same one. */
export async function withReader<Result>(use: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
  shared ??= DuckDBInstance.create(
    ':memory:',
    databaseOptions({
      threads: READER_THREADS,
      memoryMb: READER_MEMORY_MB,
      spillFolder: join(tmpdir(), `encodelab-spill-${randomUUID()}`),
    }),
  );
  const connection = await (await shared).connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
  }
}

/** Frees the memory of the shared reader; the next read makes a new one. */
export async function closeReader(): Promise<void> {
  const instance = shared;
  shared = null;
  (await instance)?.closeSync();
}
