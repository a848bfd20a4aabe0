// Opening DuckDB with manners: its defaults would take every core and most of the memory from the encoder beside it.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

export interface DatabaseLimits {
  readonly threads: number;
  readonly memoryMb: number;
  /** Folder for what does not fit into the memory limit; made when it is needed. */
  readonly spillFolder: string;
}

/** Options for a DuckDB instance; extensions are never looked for on disk or network. */
export function databaseOptions(limits: DatabaseLimits): Record<string, string> {
  return {
    threads: String(limits.threads),
    memory_limit: `${limits.memoryMb}MB`,
    temp_directory: limits.spillFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  };
}

export interface Database {
  readonly connection: DuckDBConnection;
  close(): void;
}

/** Opens a database file with one connection. */
export async function openDatabase(path: string, limits: DatabaseLimits): Promise<Database> {
  const instance = await DuckDBInstance.create(path, databaseOptions(limits));
  try {
    const connection = await instance.connect();
    let closed = false;
    return {
      connection,
      close() {
        if (closed) return;
        closed = true;
        connection.closeSync();
        instance.closeSync();
      },
    };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}
