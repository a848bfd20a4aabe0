// The numbers behind a plot: as a table, and as CSV.

import { ABSENT, formatQuantity } from '#core/format-quantity';
import type { TableColumn as PlotColumn } from '#explore/plots/plot';
import { VirtualTable } from '../shell/virtual-table.tsx';

export function PlotTable({ table, label }: { table: readonly PlotColumn[]; label: string }) {
  return (
    <VirtualTable
      label={label}
      columns={table.map(({ title, unit, values }, position) => ({
        key: String(position),
        title,
        width: 140,
        align: unit === null ? 'left' : 'right',
        cell: (row) => {
          const value = values[row] ?? null;
          return typeof value === 'number' ? formatQuantity(value, unit ?? '1') : (value ?? ABSENT);
        },
      }))}
      rows={table[0]?.values.length ?? 0}
      rowKey={String}
    />
  );
}

/** RFC 4180; the unit stands behind the title, numbers in that unit with all their digits, what is absent is empty. */
export function tableCsv(table: readonly PlotColumn[]): string {
  const titles = table.map(({ title, unit }) => field(unit === null || unit === '1' ? title : `${title} (${unit})`));
  const lines = [titles.join(',')];
  for (let row = 0; row < (table[0]?.values.length ?? 0); row++)
    lines.push(table.map(({ values }) => field(cell(values[row] ?? null))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: string | number | null): string {
  return value === null || (typeof value === 'number' && !Number.isFinite(value)) ? '' : String(value);
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
