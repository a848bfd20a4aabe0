// Reads packed runs. What is read may come from anywhere: whatever is not whole is refused.

import { OUTCOMES } from '#core/run';
import type { Dataset } from './dataset.ts';
import {
  aligned,
  DATASET_MAGIC,
  DATASET_PACK_VERSION,
  HEAD_BYTES,
  type DatasetColumn,
  type DatasetTexts,
} from './pack-dataset.ts';

export class DatasetError extends Error {
  override readonly name = 'DatasetError';
}

interface ColumnType<C> {
  new (buffer: ArrayBuffer, at: number, length: number): C;
  readonly BYTES_PER_ELEMENT: number;
}

export interface UnpackedDataset {
  readonly dataset: Dataset;
  /** What the sender said besides. */
  readonly more: unknown;
}

/**
 * The runs that were packed. Their columns lie in the bytes that are given: nothing is copied.
 * @param textOf makes a text of UTF-16; a browser's own decoder takes a tenth of the time. It may lose halves of characters: JSON escapes them
 * @throws DatasetError where the bytes are no whole packed runs of this version
 */
export function unpackDataset(
  bytes: ArrayBuffer,
  textOf: (utf16: Uint16Array<ArrayBuffer>) => string = joined,
): UnpackedDataset {
  if (bytes.byteLength < HEAD_BYTES) throw new DatasetError('it is cut off');
  const [magic, version, textLength, size] = new Uint32Array(bytes, 0, HEAD_BYTES / 4);
  if (magic !== DATASET_MAGIC) throw new DatasetError('these are no packed runs');
  if (version !== DATASET_PACK_VERSION)
    throw new DatasetError(`it was packed as version ${version}; this encodelab reads version ${DATASET_PACK_VERSION}`);
  if (size !== bytes.byteLength) throw new DatasetError('it is cut off');
  let at = HEAD_BYTES;
  const take = <C extends DatasetColumn>(make: ColumnType<C>, length: number): C => {
    at = aligned(at);
    const end = at + length * make.BYTES_PER_ELEMENT;
    if (!(end <= bytes.byteLength)) throw new DatasetError('it is cut off');
    const values = new make(bytes, at, length);
    at = end;
    return values;
  };
  const texts = parsedTexts(textOf(take(Uint16Array, textLength!)));
  const { count, cellCount } = texts;
  const column = <C extends DatasetColumn>(make: ColumnType<C>) => take(make, count);
  const dataset: Dataset = {
    count,
    cellCount,
    ids: texts.ids,
    excluded: new Map(texts.excluded),
    reasons: new Map(texts.reasons),
    outcomes: column(Uint8Array),
    startedAtMs: column(Float64Array),
    repeats: column(Int32Array),
    cells: column(Int32Array),
    properties: texts.properties.map(({ name, origin, values, hasNumbers }) => ({
      name,
      origin,
      values,
      numbers: hasNumbers ? take(Float64Array, values.length) : null,
      codes: column(Int32Array),
    })),
    metrics: texts.metrics.map((metric) => ({ ...metric, values: column(Float64Array) })),
  };
  if (at !== bytes.byteLength) throw new DatasetError('more follows its end');
  within('outcome', dataset.outcomes, 0, OUTCOMES.length);
  within('cell', dataset.cells, 0, cellCount);
  for (const { name, codes, values } of dataset.properties) within(`value of ${name}`, codes, -1, values.length);
  return { dataset, more: texts.more };
}

/** Characters that are made a text at once. */
const TEXT_PART = 8192;

function joined(characters: Uint16Array): string {
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += TEXT_PART)
    parts.push(String.fromCharCode(...characters.subarray(at, at + TEXT_PART)));
  return parts.join('');
}

function parsedTexts(text: string): DatasetTexts {
  let texts: DatasetTexts;
  try {
    texts = JSON.parse(text) as DatasetTexts;
  } catch (cause) {
    throw new DatasetError("its texts can't be read", { cause });
  }
  const { count, ids, excluded, reasons, properties, metrics } = texts;
  const isWhole =
    Number.isSafeInteger(count) &&
    count >= 0 &&
    [ids, excluded, reasons, properties, metrics].every(Array.isArray) &&
    ids.length === count &&
    properties.every(({ values }) => Array.isArray(values));
  if (!isWhole) throw new DatasetError('its texts are not those of runs');
  return texts;
}

/** Of [low, high). */
function within(what: string, codes: DatasetColumn, low: number, high: number): void {
  for (let row = 0; row < codes.length; row++)
    if (!(codes[row]! >= low && codes[row]! < high)) throw new DatasetError(`the ${what} in it is not one that can be`);
}
