// Rows of shapes on their way into their table.

import type { ShapeRow } from '#core/shape';
import { fromRows, time, type CellValue, type RowBatch } from './row-batch.ts';
import { TABLE_COLUMNS } from './table-layout.ts';

type ShapeColumn = (typeof TABLE_COLUMNS.shapes)[number]['name'];

/** What each column shows. Infinite and undefined numbers are none: NULL. */
const CELLS: Readonly<Record<ShapeColumn, (row: ShapeRow) => CellValue>> = {
  id: (row) => row.id,
  phase: (row) => row.phase,
  title: (row) => row.title,
  item: (row) => row.item,
  source: (row) => row.source,
  ended_at: (row) => time(row.endedAt),
  outcome: (row) => row.outcome,
  kind: (row) => row.kind,
  codec: (row) => row.codec,
  encoder: (row) => row.encoder,
  engine: (row) => row.engine,
  preset: (row) => row.preset,
  rate_control: (row) => row.rateControl,
  rate_value: (row) => finite(row.rateValue),
  width: (row) => row.width,
  height: (row) => row.height,
  outputs: (row) => row.outputs,
  output_pixels: (row) => finite(row.outputPixels),
  source_pixels: (row) => finite(row.sourcePixels),
  frame_rate: (row) => finite(row.frameRate),
  frames: (row) => row.frames,
  bit_depth: (row) => row.bitDepth,
  passes: (row) => row.passes,
  spatial: (row) => finite(row.spatial),
  temporal: (row) => finite(row.temporal),
  source_frame_bytes: (row) => finite(row.sourceFrameBytes),
  threads: (row) => row.threads,
  machine: (row) => row.machine,
  duration_s: (row) => finite(row.durationS),
  cpu_s: (row) => finite(row.cpuS),
  cpu_peak: (row) => finite(row.cpuPeak),
  memory_peak: (row) => finite(row.memoryPeak),
  disk_read: (row) => finite(row.diskRead),
  disk_written: (row) => finite(row.diskWritten),
  network: (row) => finite(row.network),
};

const READERS = TABLE_COLUMNS.shapes.map(({ name }) => CELLS[name]);

/** The rows as columns of the table `shapes`. */
export function shapeRows(rows: readonly ShapeRow[]): RowBatch {
  return fromRows(rows, READERS);
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
