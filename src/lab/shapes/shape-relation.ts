// The merged files as something to select from, and the conditions of a filter.

import { WHOLE, WORD_JOINT } from '#core/shape';
import { quotePathToRead, quoteText } from '#recording/sql-text';
import { columnsOf, SQL_TYPES } from '#recording/table-layout';

/** What is left out holds for all. Texts are compared as they are, but see `isPartEnough`. */
export interface ShapeFilter {
  /** `whole` where it is left out; null for all phases. */
  readonly phase?: string | null | undefined;
  readonly kind?: string | undefined;
  readonly codec?: string | undefined;
  readonly encoder?: string | undefined;
  readonly engine?: string | undefined;
  /** Codec, encoder and engine choose pieces of several outputs too that have it among others; else such a piece is of its own. */
  readonly isPartEnough?: boolean | undefined;
  readonly machine?: string | undefined;
  readonly outcome?: string | undefined;
  /** Of the largest output, pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Its id. */
  readonly title?: string | undefined;
  /** Of the piece. */
  readonly id?: string | undefined;
  /** The beginning of a piece's id, or of a title's. */
  readonly prefix?: string | undefined;
  /** Ended at this time or later; UTC, milliseconds. */
  readonly since?: number | undefined;
}

/** Rows of these Parquet files, each column as a table of shapes has it. */
export function filesRelation(paths: readonly string[]): string {
  const columns = columnsOf('shapes');
  if (paths.length === 0)
    return `(SELECT ${columns.map(({ name, kind }) => `CAST(NULL AS ${SQL_TYPES[kind]}) AS ${name}`).join(', ')} WHERE false)`;
  const names = columns.map(({ name, kind }) => (kind === 'text' ? `CAST(${name} AS VARCHAR) AS ${name}` : name));
  return `(SELECT ${names.join(', ')} FROM read_parquet([${paths.map(quotePathToRead).join(', ')}]))`;
}

/** Columns that name all outputs of a piece, see `joinWords`. */
const JOINED: ReadonlySet<string> = new Set(['codec', 'encoder', 'engine']);

/** The condition of a filter. */
export function conditionOf(filter: ShapeFilter): string {
  const { phase = WHOLE, prefix, since } = filter;
  const tests = (['kind', 'codec', 'encoder', 'engine', 'machine', 'outcome', 'title', 'id'] as const).flatMap(
    (name) => {
      const value = filter[name];
      if (value === undefined) return [];
      const isSame = `${name} = ${quoteText(value)}`;
      return filter.isPartEnough === true && JOINED.has(name)
        ? [`(${isSame} OR list_contains(string_split(${name}, ${quoteText(WORD_JOINT)}), ${quoteText(value)}))`]
        : [isSame];
    },
  );
  if (phase !== null) tests.push(`phase = ${quoteText(phase)}`);
  for (const name of ['width', 'height'] as const) {
    const value = filter[name];
    if (value !== undefined) tests.push(`${name} = ${Math.round(value)}`);
  }
  if (since !== undefined) tests.push(`ended_at >= ${Math.round(since)}`);
  if (prefix !== undefined)
    tests.push(`(starts_with(id, ${quoteText(prefix)}) OR starts_with(title, ${quoteText(prefix)}))`);
  return tests.length === 0 ? 'true' : tests.join(' AND ');
}
