// A chart with its head, and the table behind it.

import { useRef, useState } from 'preact/hooks';
import { displayUnit, formatNumber } from '#core/format-quantity';
import { savePng, saveText } from '../chart/save-file.ts';
import { TimeChart, type TimeChartProps } from '../chart/time-chart.tsx';
import { query, setQuery } from '../shell/route.ts';
import { VirtualTable, type TableColumn } from '../shell/virtual-table.tsx';

export interface ChartPanelProps extends Omit<TimeChartProps, 'label' | 'onCanvas' | 'logarithmic'> {
  readonly title: string;
  /** Begins the names of saved files. */
  readonly name: string;
  readonly note?: string | undefined;
  /** Name of the chart in the address, `?log=times`; without one its scale stays straight. */
  readonly scaleKey?: string | undefined;
  /** Logarithmic where the address says nothing. */
  readonly prefersLogarithm?: boolean | undefined;
}

export function ChartPanel({ title, name, note, scaleKey, prefersLogarithm = false, ...chart }: ChartPanelProps) {
  const [showsTable, setShowsTable] = useState(false);
  const logarithmic = scaleKey !== undefined && isLogarithmic(scaleKey, prefersLogarithm);
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const unit = displayUnit(chart.unit, largest(chart));
  return (
    <figure class="panel chart" data-chart={title}>
      <figcaption>
        <h2>
          {title}
          <span class="unit">{unit.name}</span>
        </h2>
        {note !== undefined && <span class="muted note">{note}</span>}
        <span class="chart-actions">
          {scaleKey !== undefined && (
            <button
              type="button"
              class="quiet"
              aria-pressed={logarithmic}
              onClick={() => setLogarithmic(scaleKey, !logarithmic)}
            >
              log
            </button>
          )}
          <button type="button" class="quiet" aria-pressed={showsTable} onClick={() => setShowsTable(!showsTable)}>
            table
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => saveText(toCsv(chart), `${name} ${title}.csv`, 'text/csv')}
          >
            CSV
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => canvas.current !== null && savePng(canvas.current, `${name} ${title}`)}
          >
            PNG
          </button>
        </span>
      </figcaption>
      {showsTable ? (
        <ChartTable chart={chart} title={title} />
      ) : (
        <TimeChart {...chart} label={title} logarithmic={logarithmic} onCanvas={(drawn) => (canvas.current = drawn)} />
      )}
    </figure>
  );
}

/** `?log=times` and `?linear=sizes` say what is not as it would be by itself. */
function isLogarithmic(key: string, preferred: boolean): boolean {
  const names = (parameter: string) => query.value.get(parameter)?.split(',') ?? [];
  return names('log').includes(key) || (preferred && !names('linear').includes(key));
}

function setLogarithmic(key: string, on: boolean): void {
  const without = (parameter: string) => (query.peek().get(parameter)?.split(',') ?? []).filter((one) => one !== key);
  const log = on ? [...without('log'), key] : without('log');
  const linear = on ? without('linear') : [...without('linear'), key];
  setQuery({ log: log.join(','), linear: linear.join(',') });
}

type Drawn = Pick<TimeChartProps, 'timeS' | 'series' | 'unit' | 'range'>;

/** The values that are in view. */
function ChartTable({ chart, title }: { chart: Drawn; title: string }) {
  const rows = rowsInRange(chart);
  const unit = displayUnit(chart.unit, largest(chart));
  const columns: TableColumn[] = [
    {
      key: 'time',
      title: 'time',
      unit: 's',
      width: 100,
      align: 'right',
      cell: (at) => chart.timeS[rows[at]!]!.toFixed(6),
    },
    ...chart.series.map((series): TableColumn => ({
      key: series.label,
      title: series.label,
      unit: unit.name,
      width: 130,
      align: 'right',
      cell: (at) => {
        const value = series.values[rows[at]!];
        return value === null || value === undefined ? (
          <span class="muted">–</span>
        ) : (
          formatNumber(value / unit.divisor)
        );
      },
    })),
  ];
  return (
    <div class="chart-table">
      <VirtualTable label={`${title}, values`} columns={columns} rows={rows.length} rowKey={(at) => String(rows[at])} />
    </div>
  );
}

function rowsInRange({ timeS, range }: Drawn): number[] {
  return timeS.flatMap((time, row) => (time >= range.from && time <= range.to ? [row] : []));
}

/** In stored units and with all digits; an absent value is an empty field. */
function toCsv(chart: Drawn): string {
  const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = ['time_s', ...chart.series.map((series) => quote(`${series.label} (${chart.unit})`))];
  const lines = rowsInRange(chart).map((row) =>
    [chart.timeS[row], ...chart.series.map((series) => series.values[row] ?? '')].join(','),
  );
  return [head.join(','), ...lines, ''].join('\n');
}

function largest({ series }: Pick<Drawn, 'series'>): number {
  let most = 0;
  for (const { values } of series) for (const value of values) if (value !== null && value > most) most = value;
  return most;
}
