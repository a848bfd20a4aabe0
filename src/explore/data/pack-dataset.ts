// Runs in columns as one run of bytes, to be sent and to be put into a report: texts as JSON in UTF-16, then every column as it lies
// in memory, so that the reader only looks at it. Little endian, as all machines that this runs on are.

import type { Better } from '#core/metric';
import type { Dataset, Property } from './dataset.ts';

/** Of the layout below. */
export const DATASET_PACK_VERSION = 1;
/** `ELDS`. */
export const DATASET_MAGIC = 0x53444c45;
/** Magic, version, characters of the texts, bytes of all. */
export const HEAD_BYTES = 16;
/** Columns begin at multiples of it: a Float64Array can lie nowhere else. */
const ALIGNMENT = 8;

/** What is no column of numbers. */
export interface DatasetTexts {
  readonly count: number;
  readonly cellCount: number;
  readonly ids: readonly string[];
  readonly excluded: readonly (readonly [row: number, reason: string])[];
  readonly reasons: readonly (readonly [row: number, reason: string])[];
  readonly properties: readonly {
    readonly name: string;
    readonly origin: Property['origin'];
    readonly values: readonly string[];
    readonly hasNumbers: boolean;
  }[];
  readonly metrics: readonly {
    readonly name: string;
    readonly unit: string;
    readonly better: Better;
    readonly about?: string | undefined;
  }[];
  /** What the sender has to say besides: any JSON. */
  readonly more: unknown;
}

export type DatasetColumn = Float64Array | Int32Array | Uint16Array | Uint8Array;

/** @param more any JSON that travels with it */
export function packDataset(dataset: Dataset, more: unknown = null): Uint8Array<ArrayBuffer> {
  const texts: DatasetTexts = {
    count: dataset.count,
    cellCount: dataset.cellCount,
    ids: dataset.ids,
    excluded: [...dataset.excluded],
    reasons: [...dataset.reasons],
    properties: dataset.properties.map(({ name, origin, values, numbers }) => ({
      name,
      origin,
      values,
      hasNumbers: numbers !== null,
    })),
    metrics: dataset.metrics.map(({ name, unit, better, about }) => ({ name, unit, better, about })),
    more,
  };
  const text = characters(JSON.stringify(texts));
  const columns = [text, ...columnsOf(dataset)];
  const size = columns.reduce((bytes, column) => aligned(bytes) + column.byteLength, HEAD_BYTES);
  const packed = new Uint8Array(size);
  new Uint32Array(packed.buffer, 0, HEAD_BYTES / 4).set([DATASET_MAGIC, DATASET_PACK_VERSION, text.length, size]);
  let at = HEAD_BYTES;
  for (const column of columns) {
    at = aligned(at);
    packed.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  return packed;
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function characters(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) codes[i] = text.charCodeAt(i);
  return codes;
}

/** In the order in which they are read. */
function columnsOf({ outcomes, startedAtMs, repeats, cells, properties, metrics }: Dataset): DatasetColumn[] {
  return [
    outcomes,
    startedAtMs,
    repeats,
    cells,
    ...properties.flatMap(({ numbers, codes }) => (numbers === null ? [codes] : [numbers, codes])),
    ...metrics.map(({ values }) => values),
  ];
}
