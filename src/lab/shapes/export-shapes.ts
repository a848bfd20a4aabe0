// Exports the merged shapes as CSV, JSON or Parquet.

import type { Writable } from 'node:stream';
import { FORMAT_OPTIONS, writeExport, type ExportFormat } from '#recording/export';
import { quoteText } from '#recording/sql-text';
import { withShapes, type ShapesOf } from './read-shapes.ts';
import { conditionOf, type ShapeFilter } from './shape-relation.ts';

/** Counts of bytes and pixels: kept as fractions can be, written as the whole numbers that they are. */
const WHOLE_NUMBERS = ['output_pixels', 'source_pixels', 'memory_peak', 'disk_read', 'disk_written', 'network']
  .map((name) => `CAST(round(${name}) AS BIGINT) AS ${name}`)
  .join(', ');

/**
 * Writes the rows that the filter lets through, by id and phase; columns as docs/shapes.md names them.
 * @param to path of a file, which is there whole or not at all; or a stream, which is left open
 * @returns the number of rows
 * @throws UserError where the target can't be written
 */
export async function exportShapes(
  lab: ShapesOf,
  filter: ShapeFilter,
  format: ExportFormat,
  to: string | Writable,
): Promise<number> {
  return writeExport(to, (path) =>
    withShapes(lab, async (connection, relation) => {
      const rows = `SELECT * REPLACE (${WHOLE_NUMBERS}) FROM ${relation} WHERE ${conditionOf(filter)} ORDER BY id, phase`;
      const result = await connection.run(`COPY (${rows}) TO ${quoteText(path)} (${FORMAT_OPTIONS[format]})`);
      return Number((await result.getRows())[0]![0]);
    }),
  );
}
