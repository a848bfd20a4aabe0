// Exports the merged shapes as CSV, JSON or Parquet.

import type { Writable } from 'node:stream';
import { FORMAT_OPTIONS, writeExport, type ExportFormat } from '#recording/export';
import { quoteText } from '#recording/sql-text';
import type { Lab } from '../lab.ts';
import { withShapes } from './read-shapes.ts';
import { conditionOf, type ShapeFilter } from './shape-relation.ts';

/**
 * Writes the rows that the filter lets through, by id and phase; columns as docs/shapes.md names them.
 * @param to path of a file, which is there whole or not at all; or a stream, which is left open
 * @returns the number of rows
 * @throws UserError where the target can't be written
 */
export async function exportShapes(
  lab: Pick<Lab, 'path'>,
  filter: ShapeFilter,
  format: ExportFormat,
  to: string | Writable,
): Promise<number> {
  return writeExport(to, (path) =>
    withShapes(lab, async (connection, relation) => {
      const rows = `SELECT * FROM ${relation} WHERE ${conditionOf(filter)} ORDER BY id, phase`;
      const result = await connection.run(`COPY (${rows}) TO ${quoteText(path)} (${FORMAT_OPTIONS[format]})`);
      return Number((await result.getRows())[0]![0]);
    }),
  );
}
