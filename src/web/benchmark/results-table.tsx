// The results as a table: a row for each cell (medians) or for each run.

import { useMemo } from 'preact/hooks';
import { formatNumber, formatQuantity } from '#core/format-quantity';
import type { BenchmarkPage } from '#server/wire';
import { runPath } from '../shell/route.ts';
import { VirtualTable, type TableColumn } from '../shell/virtual-table.tsx';
import { badWords, outcomeWord } from './outcome-words.ts';
import type { CellState, Results } from './results.ts';
import { nextOrder, type RowKind, type RowOrder } from './table-rows.ts';

export interface ResultsTableProps {
  readonly page: BenchmarkPage;
  readonly results: Results;
  readonly version: number;
  readonly kind: RowKind;
  readonly rows: readonly number[];
  readonly states: readonly CellState[];
  readonly missed: ReadonlySet<number>;
  readonly metrics: readonly string[];
  readonly order: RowOrder | null;
  readonly onOrder: (order: RowOrder | null) => void;
  readonly active: number;
  readonly onActivate: (position: number) => void;
  readonly marked: number;
}

export function ResultsTable(props: ResultsTableProps) {
  const { page, results, kind, rows, order } = props;
  const columns = useMemo(
    () => [
      ...propertyColumns(props),
      ...(kind === 'cells' ? cellColumns(props) : runColumns(props)),
      ...metricColumns(props),
    ],
    [page, results, props.version, kind, rows, props.metrics.join(), props.states, props.missed],
  );
  return (
    <VirtualTable
      label={kind === 'cells' ? 'Results by cell' : 'Results by run'}
      columns={columns}
      rows={rows.length}
      rowKey={(position) => (kind === 'cells' ? `c${rows[position]}` : results.id[rows[position]!]!)}
      rowClass={(position) => (cellOf(props, rows[position]!) === props.marked ? 'marked' : undefined)}
      sorting={order}
      onSort={(key) => props.onOrder(nextOrder(order, key))}
      active={props.active}
      onActivate={props.onActivate}
    />
  );
}

function cellOf({ kind, results }: ResultsTableProps, row: number): number {
  return kind === 'cells' ? row : results.cell[row]!;
}

function propertyColumns(props: ResultsTableProps): TableColumn[] {
  const { page, rows } = props;
  return page.benchmark.properties.map(({ name, values }, position) => ({
    key: `p:${name}`,
    title: name,
    width: Math.min(220, 26 + 8 * Math.max(name.length, ...values.map((value) => value.length))),
    cell: (at) => page.cells.properties[position]![cellOf(props, rows[at]!)] ?? <span class="muted">–</span>,
  }));
}

const STATE_WORDS: Readonly<Record<CellState, readonly [sign: string, words: string]>> = {
  waiting: ['○', 'waiting'],
  running: ['◐', 'running'],
  partial: ['◔', 'partial'],
  done: ['✓', 'ok'],
  failed: ['✕', 'failed'],
};

function cellColumns({ results, rows, states, missed }: ResultsTableProps): TableColumn[] {
  return [
    {
      key: 'state',
      title: 'outcome',
      width: 104,
      cell: (at) => {
        const cell = rows[at]!;
        const [sign, words] = STATE_WORDS[states[cell]!];
        const { bad } = results.endings(cell);
        return (
          <span class="outcome" data-state={states[cell]} title={badWords(bad) || undefined}>
            <b aria-hidden="true">{sign}</b>{' '}
            {states[cell] === 'failed' && bad.size === 1 ? outcomeWord([...bad.keys()][0]!) : words}
            {missed.has(cell) && (
              <span class="missed" title="a threshold is not met">
                ▼
              </span>
            )}
          </span>
        );
      },
    },
    {
      key: 'repeats',
      title: 'runs',
      width: Math.min(190, 34 + 16 * results.repeat),
      description: 'each repeat, oldest first; a click opens it',
      cell: (at) => <RunLinks results={results} cell={rows[at]!} />,
    },
  ];
}

/** More repeats than these are reached from the page of one of them. */
const MAX_RUN_LINKS = 9;

function RunLinks({ results, cell }: { results: Results; cell: number }) {
  const rows = results.rowsOfCell[cell]!;
  return (
    <span class="run-links">
      {rows.slice(0, MAX_RUN_LINKS).map((row) => (
        <a
          key={results.id[row]}
          href={runPath(results.id[row]!)}
          data-outcome={results.outcome[row] ?? 'running'}
          title={`repeat ${results.repeatOf[row]}: ${outcomeWord(results.outcome[row]!)}${results.reason[row] === null ? '' : `, ${results.reason[row]}`}`}
        >
          {results.repeatOf[row]}
        </a>
      ))}
      {rows.length > MAX_RUN_LINKS && <span class="muted">+{rows.length - MAX_RUN_LINKS}</span>}
    </span>
  );
}

function runColumns({ results, rows }: ResultsTableProps): TableColumn[] {
  return [
    {
      key: 'state',
      title: 'outcome',
      width: 104,
      cell: (at) => {
        const outcome = results.outcome[rows[at]!] ?? 'running';
        return (
          <a
            class="outcome"
            data-state={outcome === 'ok' ? 'done' : outcome === 'running' ? 'running' : 'failed'}
            href={runPath(results.id[rows[at]!]!)}
          >
            <b aria-hidden="true">{outcome === 'ok' ? '✓' : outcome === 'running' ? '◐' : '✕'}</b>{' '}
            {outcome === 'running' ? outcome : outcomeWord(outcome)}
          </a>
        );
      },
    },
    { key: 'repeats', title: 'repeat', width: 64, align: 'right', cell: (at) => results.repeatOf[rows[at]!] },
    { key: 'started', title: 'started', width: 132, cell: (at) => formatTime(results.startedAtMs[rows[at]!]!) },
    {
      key: 'duration',
      title: 'took',
      width: 84,
      align: 'right',
      cell: (at) => formatQuantity(results.durationS[rows[at]!], 's'),
    },
  ];
}

function metricColumns({ results, rows, kind, metrics }: ResultsTableProps): TableColumn[] {
  return metrics.flatMap((name) => {
    const info = results.metric(name);
    if (info === null) return [];
    const values = kind === 'cells' ? results.medians(name) : results.values(name);
    const unit = results.shownIn(info);
    const better = info.better === null ? '' : info.better === 'higher' ? ' ↑' : ' ↓';
    return {
      key: `m:${name}`,
      title: name,
      unit: `${unit.name}${better}`,
      description: `${name}${info.better === null ? '' : `: ${info.better} is better`}${kind === 'cells' ? '; median over the repeats, and half of their range' : ''}`,
      width: Math.max(kind === 'cells' && results.repeat > 1 ? 116 : 84, 24 + 7.2 * name.length),
      align: 'right',
      cell: (at) => {
        const row = rows[at]!;
        const value = values[row] ?? NaN;
        if (Number.isNaN(value)) return <span class="muted">–</span>;
        const text = formatNumber(value / unit.divisor);
        return kind === 'cells' ? (
          <>
            {text}
            {results.repeat > 1 && <Spread values={results.cellValues(name, row)} median={value} unit={info.unit} />}
          </>
        ) : (
          text
        );
      },
    };
  });
}

/** Half the distance from the smallest to the largest: as a share of the median, of decibels, which have no zero, in dB. */
function Spread({ values, median, unit }: { values: readonly number[]; median: number; unit: string }) {
  const isDecibels = unit === 'dB';
  if (values.length < 2 || (median === 0 && !isDecibels)) return <span class="spread" />;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const half = (high - low) / 2;
  const share = half / Math.abs(median);
  const percent = share < 0.001 ? '0 %' : `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
  return (
    <span
      class="spread"
      data-wide={!isDecibels && share > 0.05 ? '' : undefined}
      title={`${formatQuantity(low, unit)} – ${formatQuantity(high, unit)}`}
    >
      ±{isDecibels ? half.toFixed(2) : percent}
    </span>
  );
}

const TIME = new Intl.DateTimeFormat('en-GB', {
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

export function formatTime(ms: number): string {
  return Number.isNaN(ms) ? '–' : TIME.format(ms);
}
