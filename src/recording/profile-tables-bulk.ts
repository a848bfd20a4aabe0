// Whole columns into DuckDB and out of it: a vector of two thousand numbers at a time, never a value at a time.

import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  SMALLINT,
  UINTEGER,
  UTINYINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
} from '@duckdb/node-api';
import { quoteText } from './sql-text.ts';

export type NumberColumn = Float64Array | Int32Array | Uint32Array | Int16Array | Uint8Array;
export type BulkColumn = NumberColumn | readonly string[];

/** DuckDB's own size of a vector: no chunk may be longer. */
const CHUNK_ROWS = 2048;
/** So many chunks, a few milliseconds, are between two turns of the event loop. */
const CHUNKS_PER_TURN = 32;

/**
 * Makes a temporary table of these columns, which have one length; its rows stand in their order.
 * @param columns by name; a text may not hold what is no Unicode
 */
export async function makeTable(
  connection: DuckDBConnection,
  table: string,
  columns: Readonly<Record<string, BulkColumn>>,
): Promise<void> {
  const values = Object.values(columns);
  const types = values.map(typeOf);
  const made = Object.keys(columns).map((name, column) => `${name} ${types[column]!.toString()}`);
  await connection.run(`CREATE TEMP TABLE ${table} (${made.join(', ')})`);
  const appender = await connection.createAppender(table, 'main', 'temp');
  try {
    const rows = values[0]!.length;
    for (let done = 0, chunks = 1; done < rows; done += CHUNK_ROWS, chunks++) {
      const size = Math.min(CHUNK_ROWS, rows - done);
      const chunk = DuckDBDataChunk.create(types, size);
      for (let column = 0; column < values.length; column++) fill(chunk, column, values[column]!, done, size);
      appender.appendDataChunk(chunk);
      if (chunks % CHUNKS_PER_TURN === 0) await nextTurn();
    }
  } finally {
    appender.closeSync();
  }
}

function fill(chunk: DuckDBDataChunk, column: number, values: BulkColumn, from: number, size: number): void {
  const vector = chunk.getColumnVector(column);
  if (isNumbers(values)) numbersOf(vector).set(values.subarray(from, from + size));
  else {
    const texts = vector as unknown as { setItem(row: number, text: string): void };
    for (let i = 0; i < size; i++) texts.setItem(i, values[from + i]!);
  }
  vector.flush();
}

/**
 * Reads the result of a query into columns that are long enough. There may be no NULL in it.
 * @param take what becomes of a chunk: its columns of numbers as views that hold until it returns, and its texts
 */
export async function readChunks(
  connection: DuckDBConnection,
  query: string,
  take: (chunk: ReadChunk, from: number) => void,
): Promise<void> {
  const result = await connection.stream(query);
  let from = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    take(new ReadChunk(chunk), from);
    from += chunk.rowCount;
  }
}

export class ReadChunk {
  readonly #chunk: DuckDBDataChunk;
  readonly rows: number;

  constructor(chunk: DuckDBDataChunk) {
    this.#chunk = chunk;
    this.rows = chunk.rowCount;
  }

  numbers(column: number): NumberColumn {
    return numbersOf(this.#chunk.getColumnVector(column));
  }

  text(column: number, row: number): string {
    return this.#chunk.getColumnVector(column).getItem(row) as string;
  }
}

/** What a vector of numbers holds. The package keeps it for itself, and gives and takes only one value at a time. */
function numbersOf(vector: unknown): NumberColumn {
  const { items } = vector as { readonly items?: NumberColumn };
  if (items === undefined || !isNumbers(items)) throw new Error('a vector of DuckDB has no numbers');
  return items;
}

function isNumbers(values: BulkColumn): values is NumberColumn {
  return ArrayBuffer.isView(values);
}

function typeOf(values: BulkColumn): DuckDBType {
  if (values instanceof Float64Array) return DOUBLE;
  if (values instanceof Int32Array) return INTEGER;
  if (values instanceof Uint32Array) return UINTEGER;
  if (values instanceof Int16Array) return SMALLINT;
  if (values instanceof Uint8Array) return UTINYINT;
  return VARCHAR;
}

/** A code as its name: `unknown` as NULL, for it has none. */
export function nameOfCode(column: string, names: readonly string[]): string {
  return `nullif(CAST([${names.map(quoteText).join(', ')}][${column} + 1] AS VARCHAR), 'unknown')`;
}

/** A name as its code; a name that is not known is 0. */
export function codeOfName(column: string, names: readonly string[]): string {
  return `CAST(greatest(coalesce(list_position([${names.map(quoteText).join(', ')}], CAST(${column} AS VARCHAR)), 1), 1) - 1 AS UTINYINT)`;
}
