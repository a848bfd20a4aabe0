// A table that the server exports as CSV, by columns.

export interface CsvColumns {
  readonly rows: number;
  /** NaN where a field is empty; no values where there is no such column. */
  numbers(column: string): Float64Array;
  texts(column: string): string[];
}

/** @param text with a head line; quoted fields as in RFC 4180 */
export function csvColumns(text: string): CsvColumns {
  const records = [...splitRecords(text)];
  const head = records[0] ?? [];
  const rows = records.slice(1);
  const at = (column: string) => head.indexOf(column);
  return {
    rows: rows.length,
    numbers(column) {
      const position = at(column);
      if (position < 0) return new Float64Array(0);
      return Float64Array.from(rows, (row) => numberOf(row[position] ?? ''));
    },
    texts(column) {
      const position = at(column);
      return position < 0 ? [] : rows.map((row) => row[position] ?? '');
    },
  };
}

function numberOf(field: string): number {
  if (field === '') return NaN;
  // DuckDB writes truth in words.
  if (field === 'true') return 1;
  return field === 'false' ? 0 : Number(field);
}

function* splitRecords(text: string): Iterable<string[]> {
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    // A line end inside of quotes belongs to the field.
    while (countQuotes(text, start, end) % 2 === 1 && end < text.length) {
      const next = text.indexOf('\n', end + 1);
      end = next < 0 ? text.length : next;
    }
    const line = text.slice(start, end).replace(/\r$/, '');
    start = end + 1;
    yield line.includes('"') ? quotedFields(line) : line.split(',');
  }
}

function countQuotes(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('"', from); at >= 0 && at < to; at = text.indexOf('"', at + 1)) count++;
  return count;
}

function quotedFields(line: string): string[] {
  const fields: string[] = [];
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g))
    fields.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
  return fields;
}
