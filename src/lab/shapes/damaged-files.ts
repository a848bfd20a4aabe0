// Which files of merged shapes can't be read, where a statement over all of them failed.

import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { formatProblem } from '#core/user-error';
import { readWhole } from '#recording/damaged-table';
import type { ShapeFile } from './shape-files.ts';
import { filesRelation } from './shape-relation.ts';

/** Reads every value. @returns by the name of each file that can't be read a sentence that says why, and what to do */
export async function damagedFiles(
  connection: DuckDBConnection,
  folder: string,
  files: readonly ShapeFile[],
): Promise<ReadonlyMap<string, string>> {
  const damaged = new Map<string, string>();
  for (const { name } of files) {
    const path = join(folder, name);
    const why = await readWhole(connection, filesRelation([path]), 'shapes');
    if (why === null) continue;
    const what = `a file of merged shapes can't be read, its rows are missing (${why})`;
    const todo = 'Put it right, or move it away: then what the recordings still have of it is merged again.';
    damaged.set(name, formatProblem({ what, where: path, todo }));
  }
  return damaged;
}
