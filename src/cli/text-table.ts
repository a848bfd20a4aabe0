// A table for the terminal: columns aligned, numbers to the right.

import { stripVTControlCharacters } from 'node:util';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Lines of a table; cells may hold colour codes. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) =>
    rows.reduce((widest, row) => Math.max(widest, width(row[i] ?? '')), width(column.title)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map((column, i) => pad(cells[i] ?? '', widths[i]!, column.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), line(widths.map((w) => '─'.repeat(w))), ...rows.map(line)].join(
    '\n',
  );
}

function pad(text: string, wanted: number, align: 'left' | 'right'): string {
  const fill = ' '.repeat(Math.max(0, wanted - width(text)));
  return align === 'left' ? text + fill : fill + text;
}

function width(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}
