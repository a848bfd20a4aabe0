// The matrix: a tile for each cell, filling while the bench runs. Strength of colour is the metric; state is also a sign.

import { useMemo, useRef } from 'preact/hooks';
import { formatNumber, formatQuantity, type DisplayUnit } from '#core/format-quantity';
import type { BenchmarkPage } from '#server/wire';
import type { Progress } from '#core/catalogue';
import { runPath } from '../shell/route.ts';
import { color, scheme } from '../shell/theme.ts';
import { useVirtualRows } from '../shell/virtual-table.tsx';
import { layOutGrid, onlyShown, type GridLayout } from './grid-layout.ts';
import { MatrixCanvas } from './matrix-canvas.tsx';
import { badWords } from './outcome-words.ts';
import type { CellState, MetricInfo, Results } from './results.ts';
import { tileShade } from './tile-shade.ts';

/** With more columns or cells than this a tile has no room for its number. */
const MAX_WORDED_COLUMNS = 16;
const MAX_WORDED_CELLS = 400;
const ROW_HEIGHT = 34;
const LARGEST_ROW_HEIGHT = 58;
/** What the panel has for rows; with few of them they share it. */
const ROWS_PX = 250;

export interface MatrixGridProps {
  readonly page: BenchmarkPage;
  readonly results: Results;
  readonly metric: MetricInfo | null;
  readonly across: readonly string[];
  readonly progress: Progress | null;
  readonly states: readonly CellState[];
  /** Cells that the filter leaves; others keep no more than their place. */
  readonly shown: ReadonlySet<number>;
  readonly missed: ReadonlySet<number>;
  readonly marked: number;
  readonly onMark: (cell: number) => void;
  readonly onOpen: (cell: number) => void;
}

export function MatrixGrid(props: MatrixGridProps) {
  const { page, results, metric, shown } = props;
  const names = page.benchmark.properties.map((property) => property.name);
  const whole = useMemo(
    () => layOutGrid(names, page.cells.properties, props.across),
    [page.cells, props.across.join()],
  );
  const layout = useMemo(() => onlyShown(whole, (cell) => shown.has(cell)), [whole, shown]);
  const medians = metric === null ? null : results.medians(metric.name);
  const range = useMemo(() => rangeOf(medians), [medians]);
  const unit = metric === null ? NO_UNIT : results.shownIn(metric);
  const isSmall = layout.columns.entries.length > MAX_WORDED_COLUMNS || results.cells > MAX_WORDED_CELLS;
  const strength = (cell: number) => strengthOf(medians?.[cell] ?? NaN, range, metric?.better ?? null);
  return (
    <div class="matrix" onMouseLeave={() => props.onMark(-1)}>
      {isSmall ? (
        <MatrixCanvas
          layout={layout}
          states={props.states}
          strength={strength}
          isShown={(cell) => shown.has(cell)}
          marked={props.marked}
          when={[medians, props.states, shown, scheme.value]}
          onMark={props.onMark}
          onOpen={props.onOpen}
        />
      ) : (
        <MatrixTable {...props} layout={layout} medians={medians} strength={strength} unit={unit} />
      )}
      <p class="matrix-legend">
        {isSmall && props.marked >= 0 ? (
          <MarkedCell {...props} medians={medians} />
        ) : (
          <Legend metric={metric} range={range} unit={unit} />
        )}
      </p>
    </div>
  );
}

const NO_UNIT: DisplayUnit = { name: '', divisor: 1 };

function MarkedCell({ page, metric, marked, states, medians }: MatrixGridProps & { medians: Float64Array | null }) {
  return (
    <span>
      <b>{page.cells.label[marked]}</b> {STATE_WORDS[states[marked]!]}{' '}
      {metric !== null && formatQuantity(medians?.[marked], metric.unit)}
    </span>
  );
}

interface MatrixTableProps extends MatrixGridProps {
  readonly layout: GridLayout;
  readonly medians: Float64Array | null;
  readonly strength: (cell: number) => number;
  readonly unit: DisplayUnit;
}

function MatrixTable(props: MatrixTableProps) {
  const { page, results, metric, layout, medians, unit } = props;
  const fitting = Math.floor(ROWS_PX / Math.max(1, layout.rows.entries.length));
  const rowHeight = Math.min(LARGEST_ROW_HEIGHT, Math.max(ROW_HEIGHT, fitting));
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last } = useVirtualRows(scroller, layout.rows.entries.length, rowHeight);

  const [tileColor, surface] = useMemo(() => [color('--tile'), color('--surface')], [scheme.value]);
  const tile = (cell: number) => {
    if (cell < 0) return <td class="no-cell" />;
    const state = props.states[cell]!;
    const value = medians?.[cell] ?? NaN;
    const strength = props.strength(cell);
    const { ok, bad } = results.endings(cell);
    const words = state === 'failed' && results.repeat > 1 ? `${ok} of ${results.repeat} runs ok, ` : '';
    const label = `${page.cells.label[cell]}: ${state === 'failed' ? words + badWords(bad) : STATE_WORDS[state]}${
      metric === null || Number.isNaN(value) ? '' : `, ${metric.name} ${formatQuantity(value, metric.unit)}`
    }${props.missed.has(cell) ? ', threshold missed' : ''}`;
    const run = results.rowsOfCell[cell]!.at(-1);
    const content = (
      <>
        <span class="tile-value">{Number.isNaN(value) ? SIGNS[state] : formatNumber(value / unit.divisor)}</span>
        <TileNote
          state={state}
          ended={results.ended(cell)}
          ok={ok}
          repeat={results.repeat}
          missed={props.missed.has(cell)}
        />
      </>
    );
    const isShown = props.shown.has(cell);
    const hasShade = isShown && state !== 'failed' && !Number.isNaN(strength);
    const shade = hasShade ? tileShade(strength, tileColor!, surface!) : null;
    const attributes = {
      class: 'tile',
      'data-state': state,
      'data-cell': cell,
      'data-dim': isShown ? undefined : '',
      'data-marked': props.marked === cell ? '' : undefined,
      'data-missed': props.missed.has(cell) ? '' : undefined,
      style: shade === null ? undefined : { background: shade.fill, color: shade.ink },
      title: label,
      'aria-label': label,
      onMouseEnter: () => props.onMark(cell),
      onFocus: () => props.onMark(cell),
    };
    return (
      <td>
        {run === undefined ? (
          <span {...attributes}>{content}</span>
        ) : (
          <a {...attributes} href={runPath(results.id[run]!)}>
            {content}
          </a>
        )}
      </td>
    );
  };

  return (
    <div class="matrix-scroll" ref={scroller} tabIndex={0} role="region" aria-label="Matrix of cells">
      <table style={{ '--row': `${rowHeight}px` }}>
        <ColumnHeads layout={layout} />
        <tbody>
          {first > 0 && <tr style={{ height: `${first * rowHeight}px` }} />}
          {layout.cells.slice(first, last).map((row, i) => (
            <tr key={first + i}>
              <RowHead layout={layout} row={first + i} first={first} />
              {Array.from(row, tile)}
            </tr>
          ))}
          {last < layout.cells.length && <tr style={{ height: `${(layout.cells.length - last) * rowHeight}px` }} />}
        </tbody>
      </table>
    </div>
  );
}

const STATE_WORDS: Readonly<Record<CellState, string>> = {
  waiting: 'waiting',
  running: 'running',
  partial: 'not all repeats yet',
  done: 'done',
  failed: 'failed',
};

const SIGNS: Readonly<Record<CellState, string>> = { waiting: '', running: '…', partial: '', done: '–', failed: '✕' };

function TileNote({
  state,
  ended,
  ok,
  repeat,
  missed,
}: {
  state: CellState;
  ended: number;
  ok: number;
  repeat: number;
  missed: boolean;
}) {
  const counted = (state === 'partial' || state === 'running') && repeat > 1 ? `${ended}/${repeat}` : null;
  if (state === 'failed')
    return repeat > 1 ? (
      <span class="tile-note">
        ✕ {ok}/{repeat}
      </span>
    ) : null;
  if (missed) return <span class="tile-note">▼</span>;
  return counted === null ? null : <span class="tile-note">{counted}</span>;
}

function ColumnHeads({ layout }: { layout: GridLayout }) {
  const { rows, columns } = layout;
  if (columns.properties.length === 0) return null;
  return (
    <thead>
      <tr>
        {rows.properties.map((property) => (
          <th key={property} class="corner" scope="col" rowSpan={1 + columns.properties.length}>
            <span>{property}</span>
          </th>
        ))}
        <th colSpan={columns.entries.length} class="wide">
          {columns.properties.join(' × ')}
        </th>
      </tr>
      {columns.properties.map((name, level) => (
        <tr key={name}>
          {columns.entries.map((entry, position) => (
            <th
              key={position}
              scope="col"
              style={{ width: `${80 / columns.entries.length}%` }}
              title={`${name}=${entry[level]}`}
            >
              <span>{entry[level] ?? '–'}</span>
            </th>
          ))}
        </tr>
      ))}
    </thead>
  );
}

/** A value that is that of the row above is not said again, as long as that row is drawn. */
function RowHead({ layout, row, first }: { layout: GridLayout; row: number; first: number }) {
  const { properties, entries } = layout.rows;
  const entry = entries[row]!;
  const above = row > first ? entries[row - 1]! : [];
  let same = row > first;
  return (
    <>
      {properties.map((name, level) => {
        same &&= entry[level] === above[level];
        return (
          <th key={name} scope="row" class={same ? 'again' : undefined} title={`${name}=${entry[level]}`}>
            <span>{entry[level] ?? '–'}</span>
          </th>
        );
      })}
    </>
  );
}

interface ValueRange {
  readonly low: number;
  readonly high: number;
}

function rangeOf(values: Float64Array | null): ValueRange {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values ?? []) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** 0 to 1, on a logarithmic scale where the values span decades; 1 is the best, or the most where none is better. NaN stays NaN. */
function strengthOf(value: number, { low, high }: ValueRange, better: MetricInfo['better']): number {
  if (Number.isNaN(value)) return NaN;
  if (high === low) return 0.5;
  const logarithmic = low > 0 && high / low > 20;
  const share = logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return better === 'lower' ? 1 - share : share;
}

function Legend({ metric, range, unit }: { metric: MetricInfo | null; range: ValueRange; unit: DisplayUnit }) {
  const has = metric !== null && Number.isFinite(range.low);
  const ends = has ? [range.low, range.high] : [];
  if (metric?.better === 'lower') ends.reverse();
  return (
    <>
      <span class="ramp-words">
        {has ? (
          <>
            {formatNumber(ends[0]! / unit.divisor)}
            <i class="ramp" aria-hidden="true" />
            {formatNumber(ends[1]! / unit.divisor)} {unit.name}
            <span class="muted">{metric.better === null ? 'stronger is more' : 'stronger is better'}</span>
          </>
        ) : (
          <span class="muted">no values yet</span>
        )}
      </span>
      <span>
        <i class="tile key" data-state="waiting" /> waiting
      </span>
      <span>
        <i class="tile key" data-state="running" /> running
      </span>
      <span>
        <i class="tile key" data-state="failed">
          ✕
        </i>{' '}
        failed
      </span>
    </>
  );
}
