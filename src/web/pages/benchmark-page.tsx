// A benchmark: the matrix filling, how long it will take, every result, and one chart.

import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Outcome } from '#core/run';
import type { BenchmarkPage } from '#server/wire';
import { BenchmarkToolbar } from '../benchmark/benchmark-toolbar.tsx';
import { BenchmarkStore } from '../benchmark/benchmark-store.ts';
import { DriftNotice } from '../benchmark/drift-notice.tsx';
import { filterCells } from '../benchmark/cell-filter.ts';
import { ColumnPicker } from '../benchmark/column-picker.tsx';
import { ComparePanel } from '../benchmark/compare/compare-panel.tsx';
import { defaultAcross } from '../benchmark/grid-layout.ts';
import { MatrixGrid } from '../benchmark/matrix-grid.tsx';
import { chosenColumns, chosenMetric } from '../benchmark/metric-choice.ts';
import { badWords } from '../benchmark/outcome-words.ts';
import { ProgressBar } from '../benchmark/progress-bar.tsx';
import { RepeatsChart } from '../benchmark/repeats-chart.tsx';
import { ResultsTable, formatTime } from '../benchmark/results-table.tsx';
import type { CellState, Results } from '../benchmark/results.ts';
import { formatOrder, parseOrder, rowsOf, sortRows, type RowKind } from '../benchmark/table-rows.ts';
import { ThresholdList } from '../benchmark/threshold-list.tsx';
import { judgeCells } from '../benchmark/verdicts.ts';
import { explorePath } from '../explore/explore-path.ts';
import { exportPath } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { watchLive } from '../shell/live.ts';
import { Empty, Show } from '../shell/messages.tsx';
import { navigate, query, runPath, setQuery } from '../shell/route.ts';

export function BenchmarkPageView({ name }: { name: string }) {
  const store = useMemo(() => {
    const search = query.peek();
    const shown = [search.get('metric'), ...(search.get('columns')?.split(',') ?? [])];
    return new BenchmarkStore(
      name,
      shown.filter((metric) => metric !== null),
    );
  }, [name]);
  useEffect(
    () =>
      watchLive(
        { benchmark: name },
        (message) => store.take(message),
        () => void store.reload(),
      ),
    [store],
  );
  useEffect(() => {
    document.title = `${name} · encodelab`;
  }, [name]);
  return (
    <Show of={store.page}>
      {(page) => <Benchmark page={page} store={store} results={store.results.value!} version={store.version.value} />}
    </Show>
  );
}

interface BenchmarkProps {
  readonly page: BenchmarkPage;
  readonly store: BenchmarkStore;
  readonly results: Results;
  /** Grows with each change of the results. */
  readonly version: number;
}

function Benchmark({ page, store, results, version }: BenchmarkProps) {
  const progress = store.progress.value;
  const search = query.value;
  const { benchmark, cells } = page;
  const marked = useSignal(-1);
  const active = useSignal(-1);
  const filterField = useRef<HTMLInputElement>(null);
  const comparePanel = useRef<HTMLElement>(null);

  const metrics = useMemo(() => results.metrics, [results, version]);
  const metricName = chosenMetric(search.get('metric'), metrics, page.thresholds);
  const metric = metricName === null ? null : results.metric(metricName);
  const columns = chosenColumns(search.get('columns'), metrics);
  const needed = [
    ...columns,
    ...(metricName === null ? [] : [metricName]),
    ...page.thresholds.map(({ metric: one }) => one),
  ];
  useEffect(() => store.need(needed), [needed.join()]);
  const kind: RowKind = search.get('rows') === 'runs' ? 'runs' : 'cells';
  const order = parseOrder(search.get('sort'));
  const filter = search.get('filter') ?? '';
  const names = benchmark.properties.map((property) => property.name);
  const usual = useMemo(() => defaultAcross(names, cells.properties), [page]);
  const across = search.get('across')?.split(',') ?? usual;
  const runningCell = progress?.cell ?? null;

  const states = useMemo(
    () => cells.label.map((label, cell): CellState => results.cellState(cell, label === runningCell)),
    [cells, results, version, runningCell],
  );
  const shown = useMemo(() => filterCells(filter, cells.label, (cell) => states[cell]!), [filter, cells, states]);
  const shownSet = useMemo(() => new Set(shown), [shown]);
  const rows = useMemo(
    () =>
      sortRows(rowsOf(kind, shown, results), order, {
        kind,
        results,
        states,
        propertyNames: names,
        properties: cells.properties,
      }),
    [kind, shown, results, version, states, order?.key, order?.descending],
  );
  const verdicts = useMemo(() => judgeCells(page.thresholds, cells.label, results), [page, results, version]);
  const missed = useMemo(() => new Set(verdicts.flatMap((verdict) => verdict.missed)), [verdicts]);
  const limits = page.thresholds.filter((threshold) => threshold.metric === metricName);

  const cellOfRow = (position: number) => {
    const row = rows[position];
    return row === undefined ? -1 : kind === 'cells' ? row : results.cell[row]!;
  };
  const activate = (position: number) => {
    if (rows.length === 0) return;
    active.value = Math.max(0, Math.min(rows.length - 1, position));
    marked.value = cellOfRow(active.value);
  };
  const open = (cell: number) => {
    const row = results.rowsOfCell[cell]?.at(-1);
    if (row !== undefined) navigate(runPath(results.id[row]!));
  };
  const openActive = () => {
    const row = rows[active.value];
    if (row === undefined) return;
    if (kind === 'runs') navigate(runPath(results.id[row]!));
    else open(row);
  };
  const chooseMetric = (name: string) => setQuery({ metric: name });
  const stepMetric = (step: number) => {
    const at = metrics.findIndex((one) => one.name === metricName);
    if (metrics.length > 0) chooseMetric(metrics[(at + step + metrics.length) % metrics.length]!.name);
  };
  useShortcuts('This benchmark', [
    { keys: ['j', 'ArrowDown'], does: 'next row', run: () => activate(active.value + 1) },
    { keys: ['k', 'ArrowUp'], does: 'row before', run: () => activate(active.value - 1) },
    { keys: ['Enter'], does: 'open the run of the row', run: openActive },
    { keys: ['m'], does: 'next metric', run: () => stepMetric(1) },
    { keys: ['M'], does: 'metric before', run: () => stepMetric(-1) },
    {
      keys: ['r'],
      does: 'a row for each cell, or for each run',
      run: () => setRowKind(kind === 'cells' ? 'runs' : 'cells'),
    },
    {
      keys: ['s'],
      does: 'sort by the metric',
      run: () => metricName !== null && setQuery({ sort: `-m:${metricName}` }),
    },
    { keys: ['/'], does: 'filter', run: () => filterField.current?.focus() },
    { keys: ['c'], does: 'compare: go there', run: () => goTo(comparePanel.current) },
    { keys: ['x'], does: 'take the filter and the order away', run: () => setQuery({ filter: null, sort: null }) },
  ]);
  const isolate = (property: string, value: string) => {
    const word = `${property}=${value}`.toLowerCase();
    setQuery({ filter: filter === word ? null : word });
  };
  useMarkDrawn(metrics.length > 0);

  const done = useMemo(() => countDone(states, results), [states, results, version]);
  return (
    <article class="benchmark">
      <header class="page-head">
        <h1>{benchmark.name}</h1>
        <p class="muted">
          {benchmark.file} · {cells.label.length} cells × {benchmark.repeat} · started{' '}
          {formatTime(Date.parse(benchmark.startedAt))}
          {benchmark.seed !== null && ` · seed ${benchmark.seed}`}
        </p>
        <span class="page-actions">
          <a class="button" href={explorePath({ benchmarks: [benchmark.name] })}>
            Explore
          </a>
          <a class="button" href={exportPath.benchmark(benchmark.name, 'csv')} download>
            CSV
          </a>
          <a class="button" href={exportPath.benchmark(benchmark.name, 'json')} download>
            JSON
          </a>
        </span>
      </header>
      <ProgressBar progress={progress} done={done} />
      <DriftNotice loaded={store.drift.value.value} />
      <ThresholdList verdicts={verdicts} onChoose={chooseMetric} />
      <BenchmarkToolbar
        metrics={metrics}
        metric={metricName}
        properties={names}
        across={across}
        filter={filter}
        filterField={filterField}
        shown={shown.length}
        cells={cells.label.length}
      />
      <div class="overview">
        <section class="panel" aria-label="Matrix">
          <MatrixGrid
            page={page}
            results={results}
            metric={metric}
            across={across}
            progress={progress}
            states={states}
            shown={shownSet}
            missed={missed}
            marked={marked.value}
            onMark={(cell) => (marked.value = cell)}
            onOpen={open}
          />
        </section>
        {metric === null ? (
          <section class="panel waiting-panel">
            <p class="muted">The chart comes with the first result.</p>
          </section>
        ) : (
          <RepeatsChart
            page={page}
            results={results}
            version={version}
            metric={metric}
            cells={shown}
            limit={limits[0]?.value ?? null}
            marked={marked.value}
            onMark={(cell) => (marked.value = cell)}
            onOpen={open}
            onIsolate={isolate}
          />
        )}
      </div>
      <section class="panel results" aria-label="Results">
        <header class="panel-head">
          <h2>Results</h2>
          <fieldset class="segments">
            <legend>A row for each</legend>
            <button type="button" aria-pressed={kind === 'cells'} onClick={() => setRowKind('cells')}>
              cell
            </button>
            <button type="button" aria-pressed={kind === 'runs'} onClick={() => setRowKind('runs')}>
              run
            </button>
          </fieldset>
          <span class="muted">{rows.length} rows</span>
          <ColumnPicker
            metrics={metrics}
            chosen={columns}
            onChange={(chosen) => setQuery({ columns: chosen.join(',') || 'none' })}
          />
        </header>
        {rows.length === 0 ? (
          <Empty title="No row is left">
            <p>
              Nothing matches <code>{filter || 'a run'}</code>.{' '}
            </p>
            <p>
              A filter is words between blanks: a property, <code>codec=x264</code>, or its number,{' '}
              <code>bitrate&gt;400k</code>; a state, <code>failed</code>; a part of a name; with a minus before it, what
              must not be there. All of them must hold: <code>codec=x264 bitrate&gt;400k -failed</code>.
            </p>
            <p>
              <button type="button" onClick={() => setQuery({ filter: null })}>
                Take the filter away
              </button>
            </p>
          </Empty>
        ) : (
          <ResultsTable
            page={page}
            results={results}
            version={version}
            kind={kind}
            rows={rows}
            states={states}
            missed={missed}
            metrics={columns}
            order={order}
            onOrder={(next) => setQuery({ sort: formatOrder(next) })}
            active={active.value}
            onActivate={activate}
            marked={marked.value}
          />
        )}
      </section>
      <ComparePanel
        panel={comparePanel}
        page={page}
        results={results}
        version={version}
        metric={metric}
        metrics={metrics}
        cells={shown}
        onIsolate={isolate}
      />
    </article>
  );
}

function goTo(panel: HTMLElement | null): void {
  panel?.scrollIntoView({ block: 'start' });
  panel?.focus({ preventScroll: true });
}

function setRowKind(kind: RowKind): void {
  // A column of runs alone would mean nothing among cells.
  setQuery({ rows: kind === 'runs' ? 'runs' : null });
}

function countDone(states: readonly CellState[], results: Results) {
  let runsDone = 0;
  let failed = 0;
  const badRuns = new Map<Outcome, number>();
  for (let cell = 0; cell < states.length; cell++) {
    runsDone += Math.min(results.repeat, results.ended(cell));
    for (const [outcome, count] of results.endings(cell).bad) {
      failed += count;
      badRuns.set(outcome, (badRuns.get(outcome) ?? 0) + count);
    }
  }
  return { runsDone, failed, failedWords: badWords(badRuns), runsTotal: states.length * results.repeat };
}

/** Tells how long the page took to show its table: bench/page.ts reads it. */
function useMarkDrawn(ready: boolean): void {
  useEffect(() => {
    if (!ready) return;
    // After the frame in which the table is painted.
    const frame = requestAnimationFrame(() => setTimeout(() => performance.mark('encodelab:table-drawn')));
    return () => cancelAnimationFrame(frame);
  }, [ready]);
}
