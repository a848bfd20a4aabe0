// The columns of all frames of a source: their types, and how they travel as bytes. Pure.

import type { SourceFrameColumns } from '#core/source-check';

type Column = Float64Array | Float32Array | Uint32Array | Uint8Array;

/** Columns in the order in which they are stored. */
export const COLUMNS = ['pts', 'duration', 'key', 'bytes', 'spatial', 'temporal', 'histogram'] as const;

/** Room for so many frames, all zero. */
export function emptyColumns(frames: number): SourceFrameColumns {
  return {
    pts: new Float64Array(frames),
    duration: new Float64Array(frames),
    key: new Uint8Array(frames),
    bytes: new Uint32Array(frames),
    spatial: new Float32Array(frames),
    temporal: new Float32Array(frames),
    histogram: new Float32Array(frames),
  };
}

/** The memory of a column itself, not a copy. */
export function bytesOf(column: Column): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}
