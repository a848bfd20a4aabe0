// A chart with its head, and the table behind it.

import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { displayUnit, formatNumber } from '#core/format-quantity';
import { savePng, saveText } from '../chart/save-file.ts';
import { TimeChart, type TimeChartProps } from '../chart/time-chart.tsx';
import { query, setQuery } from '../shell/route.ts';
import { VirtualTable, type TableColumn } from '../shell/virtual-table.tsx';

export interface ChartPanelProps extends Omit<TimeChartProps, 'label' | 'onCanvas' | 'logarithmic' | 'shownIn'> {
  readonly title: string;
  /** Begins the names of saved files. */
  readonly name: string;
  readonly note?: string | undefined;
  /** Name of the chart in the address, `?log=times`; without one its scale stays straight. */
  readonly scaleKey?: string | undefined;
  /** Logarithmic where the address says nothing. */
  readonly prefersLogarithm?: boolean | undefined;
  /** Size of a usual value: its unit is the axis's. The largest value where it is left out. */
  readonly usual?: number | undefined;
  /** What the table and the file hold besides the time; the series where it is left out. */
  readonly columns?: readonly ValueColumn[] | undefined;
  /** Stands below the chart, in the same panel. */
  readonly children?: ComponentChildren;
}

/** A column of the table behind a chart, a value for each time of the chart. */
export interface ValueColumn {
  readonly name: string;
  /** Of numbers; null for a column of words. */
  readonly unit: string | null;
  readonly values: readonly (number | string | null)[];
  /** Shows a number; by its unit where it is left out. */
  readonly format?: ((value: number) => string) | undefined;
}

export function ChartPanel(props: ChartPanelProps) {
  const { title, name, note, scaleKey, prefersLogarithm = false, usual, columns: given, children, ...chart } = props;
  const columns: readonly ValueColumn[] =
    given ?? chart.series.map(({ label, values }) => ({ name: label, unit: chart.unit, values }));
  const [showsTable, setShowsTable] = useState(false);
  const logarithmic = scaleKey !== undefined && isLogarithmic(scaleKey, prefersLogarithm);
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const unit = displayUnit(chart.unit, usual ?? Math.max(...chart.series.map(({ values }) => largest(values))));
  return (
    <figure class="panel chart" data-chart={title}>
      <figcaption>
        <h2>
          {title}
          <span class="unit">{unit.name}</span>
        </h2>
        {note !== undefined && (
          <span class="muted note" title={note}>
            {note}
          </span>
        )}
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
            onClick={() => saveText(toCsv(chart, columns), `${name} ${title}.csv`, 'text/csv')}
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
        <ChartTable chart={chart} columns={columns} title={title} />
      ) : (
        <TimeChart
          {...chart}
          shownIn={unit}
          label={title}
          logarithmic={logarithmic}
          onCanvas={(drawn) => (canvas.current = drawn)}
        />
      )}
      {children}
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

type Drawn = Pick<TimeChartProps, 'timeS' | 'range'>;

/** The values that are in view, a row for each time. */
function ChartTable({
  chart,
  columns: given,
  title,
}: {
  chart: Drawn;
  columns: readonly ValueColumn[];
  title: string;
}) {
  const rows = rowsInRange(chart);
  const columns: TableColumn[] = [
    {
      key: 'time',
      title: 'time',
      unit: 's',
      width: 100,
      align: 'right',
      cell: (at) => chart.timeS[rows[at]!]!.toFixed(6),
    },
    ...given.map(({ name, unit, values, format }): TableColumn => {
      const shown = unit === null ? null : displayUnit(unit, largest(values));
      return {
        key: name,
        title: name,
        unit: shown?.name,
        width: given.length > MANY_COLUMNS ? 90 : 130,
        align: shown === null ? 'left' : 'right',
        cell: (at) => {
          const value = values[rows[at]!];
          if (value === null || value === undefined) return <span class="muted">–</span>;
          if (typeof value === 'string') return value;
          return format?.(value) ?? formatNumber(value / (shown?.divisor ?? 1));
        },
      };
    }),
  ];
  return (
    <div class="chart-table">
      <VirtualTable label={`${title}, values`} columns={columns} rows={rows.length} rowKey={(at) => String(rows[at])} />
    </div>
  );
}

/** More than these are set closer. */
const MANY_COLUMNS = 3;

function rowsInRange({ timeS, range }: Drawn): number[] {
  return timeS.flatMap((time, row) => (time >= range.from && time <= range.to ? [row] : []));
}

/** In stored units and with all digits; an absent value is an empty field. */
function toCsv(chart: Drawn, columns: readonly ValueColumn[]): string {
  const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = columns.map(({ name, unit }) => quote(unit === null || unit === '1' ? name : `${name} (${unit})`));
  const lines = rowsInRange(chart).map((row) =>
    [chart.timeS[row], ...columns.map(({ values }) => values[row] ?? '')].join(','),
  );
  return [['time_s', ...head].join(','), ...lines, ''].join('\n');
}

function largest(values: readonly (number | string | null)[]): number {
  let most = 0;
  for (const value of values) if (typeof value === 'number' && value > most) most = value;
  return most;
}
