// The runs of the selection: what varies among them, the chosen stats, how they ended; opened, left out with a reason, taken in again, deleted.

import { useMemo, useState } from 'preact/hooks';
import { ABSENT, formatQuantity } from '#core/format-quantity';
import { OUTCOMES } from '#core/run';
import { distinctValues } from '#explore/arrange';
import { propertyTitle, valueTitle, type Dataset, type Property } from '#explore/data/dataset';
import { formatTime } from '../benchmark/results-table.tsx';
import { outcomeWord } from '../benchmark/outcome-words.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { navigate, runPath } from '../shell/route.ts';
import { VirtualTable, type TableColumn } from '../shell/virtual-table.tsx';
import type { ExploreStore } from './explore-store.ts';
import { RunActions } from './run-actions.tsx';
import { readSorting, SORT_OPTION, sortedRows } from './run-order.ts';

/** Columns of properties; with more the stats would be out of sight. */
const MAX_PROPERTIES = 8;

export function RunTable({ store }: { store: ExploreStore }) {
  const shown = store.shown.value!;
  const { dataset, names, stats, selected, filtered, filters } = shown;
  const { invalid } = filtered;
  const { showInvalid: isAsked, options } = shown.view;
  // Where no run counts, those that do not are all that there is to see.
  const showInvalid = isAsked || (filtered.rows.length === 0 && filters.length === 0);
  const sorting = readSorting(options[SORT_OPTION]);
  const [active, setActive] = useState(-1);
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());

  const listed = useMemo(() => (showInvalid ? merged(selected, invalid) : selected), [selected, invalid, showInvalid]);
  const properties = useMemo(() => shownProperties(dataset, listed), [dataset, listed]);
  const rows = useMemo(
    () => sortedRows(dataset, listed, sorting, stats),
    [dataset, listed, sorting?.key, sorting?.descending, stats],
  );
  const isInvalid = useMemo(() => new Set(invalid), [invalid]);
  // A run that a filter took out of the list is not acted on unseen.
  const chosen = useMemo(() => rows.filter((row) => marked.has(row)), [rows, marked]);

  const move = (to: number) => setActive(Math.max(0, Math.min(rows.length - 1, to)));
  const toggle = (row: number) => {
    const next = new Set(marked);
    if (!next.delete(row)) next.add(row);
    setMarked(next);
  };
  useShortcuts('Runs', [
    { keys: ['j'], does: 'next run', run: () => move(active + 1) },
    { keys: ['k'], does: 'run before', run: () => move(active - 1) },
    {
      keys: ['Enter'],
      does: 'open the run',
      run: () => rows[active] !== undefined && navigate(runPath(dataset.ids[rows[active]]!)),
    },
    { keys: ['x'], does: 'mark the run', run: () => rows[active] !== undefined && toggle(rows[active]) },
  ]);
  const columns: TableColumn[] = [
    {
      key: 'mark',
      title: '',
      width: 34,
      sortable: false,
      cell: (at) => (
        <input
          type="checkbox"
          aria-label={`Mark run ${dataset.ids[rows[at]!]}`}
          checked={marked.has(rows[at]!)}
          onClick={(event) => event.stopPropagation()}
          onChange={() => toggle(rows[at]!)}
        />
      ),
    },
    {
      key: 'started',
      title: 'run',
      unit: 'started',
      width: 150,
      cell: (at) => <a href={runPath(dataset.ids[rows[at]!]!)}>{formatTime(dataset.startedAtMs[rows[at]!]!)}</a>,
    },
    {
      key: 'outcome',
      title: 'outcome',
      width: showInvalid ? 230 : 90,
      cell: (at) => <OutcomeCell dataset={dataset} row={rows[at]!} isInvalid={isInvalid.has(rows[at]!)} />,
    },
    ...properties.map((property): TableColumn => ({
      key: `p:${property.name}`,
      title: propertyTitle(names, property.name),
      width: widthOf([propertyTitle(names, property.name), ...property.values]),
      cell: (at) => {
        const value = property.values[property.codes[rows[at]!]!];
        return value === undefined ? ABSENT : valueTitle(names, property.name, value);
      },
    })),
    ...stats.map((metric): TableColumn => ({
      key: `m:${metric.name}`,
      title: metric.name,
      width: 140,
      align: 'right',
      description: metric.about,
      cell: (at) => formatQuantity(metric.values[rows[at]!], metric.unit),
    })),
    { key: 'repeat', title: 'repeat', width: 70, align: 'right', cell: (at) => dataset.repeats[rows[at]!] },
  ];
  return (
    <section class="panel explore-runs" aria-label="Runs">
      <header class="panel-head">
        <h2>Runs</h2>
        <span class="muted">
          {rows.length} {rows.length === 1 ? 'run' : 'runs'}
          {showInvalid && invalid.length > 0 && `, ${invalid.length} of them count in no statistic`}
        </span>
        <RunActions
          store={store}
          dataset={dataset}
          rows={chosen}
          onDone={() => {
            setMarked(new Set());
          }}
          onAll={rows.length === 0 ? null : () => setMarked(chosen.length === rows.length ? new Set() : new Set(rows))}
        />
      </header>
      {rows.length === 0 ? (
        <p class="muted pad">No run is left here.</p>
      ) : (
        <VirtualTable
          label="Runs of the selection"
          columns={columns}
          rows={rows.length}
          // By place: after a filter the rows in view hold other runs, and their elements are used again.
          rowKey={String}
          rowClass={(at) => (isInvalid.has(rows[at]!) ? 'explore-bad-run' : undefined)}
          sorting={sorting}
          onSort={(key) =>
            store.setOption(SORT_OPTION, sorting?.key !== key ? key : sorting.descending ? null : `-${key}`)
          }
          active={active}
          onActivate={setActive}
        />
      )}
    </section>
  );
}

/** Pixels for the longest of some texts, within reason. */
function widthOf(texts: readonly string[]): number {
  const longest = texts.slice(0, MEASURED_VALUES).reduce((most, { length }) => Math.max(most, length), 0);
  return Math.max(72, Math.min(190, 34 + 7.4 * longest));
}

const MEASURED_VALUES = 200;

/** Sign and word: colour alone would not tell. */
function OutcomeCell({ dataset, row, isInvalid }: { dataset: Dataset; row: number; isInvalid: boolean }) {
  const outcome = OUTCOMES[dataset.outcomes[row]!]!;
  const reason = dataset.excluded.get(row) ?? dataset.reasons.get(row);
  const words = dataset.excluded.has(row)
    ? 'left out'
    : outcome !== 'ok'
      ? outcomeWord(outcome)
      : isInvalid
        ? 'warm-up or check'
        : 'ok';
  return (
    <span class="outcome" data-state={isInvalid ? 'failed' : 'done'} title={reason}>
      <b aria-hidden="true">{dataset.excluded.has(row) ? '⊘' : outcome !== 'ok' ? '✕' : isInvalid ? '○' : '✓'}</b>{' '}
      {words}
      {reason !== undefined && <span class="muted"> {reason}</span>}
    </span>
  );
}

function shownProperties(dataset: Dataset, rows: Uint32Array): Property[] {
  const varying = dataset.properties.filter(
    (property) => property.name !== 'outcome' && distinctValues(property, rows) > 1,
  );
  return varying.slice(0, MAX_PROPERTIES);
}

function merged(some: Uint32Array, others: Uint32Array): Uint32Array {
  const all = new Uint32Array(some.length + others.length);
  all.set(some);
  all.set(others, some.length);
  return all.sort();
}
