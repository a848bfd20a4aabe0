// The explorer: what a setting does, in any runs of the lab. What is on screen is in the address.

import { useComputed } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { readViewText } from '#explore/view-text';
import { MAX_STATS, PLOT_KINDS } from '#explore/view';
import type { RunsAbout } from '#server/explore-wire';
import { BenchmarkChoice } from '../explore/benchmark-choice.tsx';
import { AllFailed, NoRuns, NothingLeft, OneRun } from '../explore/explore-states.tsx';
import { CompareRuns } from '../explore/compare-panel.tsx';
import { ExploreStore } from '../explore/explore-store.ts';
import { FilterPanel } from '../explore/filter-panel.tsx';
import { FindingsPanel } from '../explore/findings-panel.tsx';
import { GroupSheet } from '../explore/group-sheet.tsx';
import { PlacesShelf } from '../explore/places-shelf.tsx';
import { PlotArea } from '../explore/plot-area.tsx';
import { ReportLinks } from '../explore/report-links.tsx';
import { RunTable } from '../explore/run-table.tsx';
import { SavedViews } from '../explore/saved-views.tsx';
import { SelectionBar } from '../explore/selection-bar.tsx';
import { useShown } from '../explore/shown.ts';
import { StatPicker } from '../explore/stat-picker.tsx';
import { StatProgressLines } from '../explore/stat-progress.tsx';
import { watchRuns } from '../explore/watch-runs.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { Show } from '../shell/messages.tsx';
import { navigate, query, runPath } from '../shell/route.ts';

export function ExplorePageView() {
  const wanted = useComputed(() => JSON.stringify(readViewText(query.value.toString()).view.benchmarks)).value;
  const benchmarks = useMemo(() => JSON.parse(wanted) as string[], [wanted]);
  const store = useMemo(() => new ExploreStore(benchmarks), [benchmarks]);
  useEffect(() => watchRuns(benchmarks, store.loaded, (id) => store.ids.value.has(id)), [store]);
  useEffect(() => store.completeFacts(), [store]);
  useEffect(() => store.computeStats(), [store]);
  useEffect(() => {
    document.title = `${benchmarks.length === 0 ? 'Explorer' : `${benchmarks.join(', ')} · explorer`} · encodelab`;
  }, [benchmarks]);
  return (
    <Show of={store.loaded}>
      {({ about }) => <Explorer key={wanted} store={store} benchmarks={benchmarks} about={about} />}
    </Show>
  );
}

interface ExplorerProps {
  readonly store: ExploreStore;
  readonly benchmarks: readonly string[];
  readonly about: RunsAbout;
}

function Explorer({ store, benchmarks, about }: ExplorerProps) {
  const dataset = store.dataset.value;
  useExploreKeys(store);
  return (
    <article class="explore">
      <header class="page-head">
        <h1>Explorer</h1>
        <BenchmarkChoice chosen={benchmarks} all={about.benchmarks} />
        <span class="muted">
          {dataset.count} {dataset.count === 1 ? 'run' : 'runs'}, {dataset.cellCount}{' '}
          {dataset.cellCount === 1 ? 'cell' : 'cells'}
          {about.leftOut > 0 && `; the ${about.leftOut} oldest runs are not loaded`}
        </span>
        <span class="page-actions">
          {dataset.count > 0 && <ReportLinks />}
          <SavedViews store={store} />
        </span>
      </header>
      <Notices store={store} />
      {dataset.count === 0 ? (
        <NoRuns benchmarks={benchmarks} missing={about.missing} />
      ) : (
        <Body store={store} benchmarks={benchmarks} />
      )}
    </article>
  );
}

/** Sentences: what the address asks for and there is not, and what has just happened. */
function Notices({ store }: { store: ExploreStore }) {
  const problems = store.problems.value;
  const message = store.message.value;
  return (
    <>
      {problems.length > 0 && (
        <div class="banner inline explore-gone" role="alert">
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}.</li>
            ))}
          </ul>
          <button type="button" onClick={() => store.change({}, 'replace')}>
            Clean the link up
          </button>
        </div>
      )}
      <p class="explore-message" role="status" aria-live="polite">
        {message !== null && (
          <>
            {message}{' '}
            <button
              type="button"
              class="quiet"
              aria-label="Close the message"
              onClick={() => (store.message.value = null)}
            >
              ✕
            </button>
          </>
        )}
      </p>
    </>
  );
}

function Body({ store, benchmarks }: { store: ExploreStore; benchmarks: readonly string[] }) {
  const dataset = store.dataset.value;
  const { rows } = store.filtered.value;
  const isFiltered = store.filters.value.length > 0;
  const isPainted = useShown(store);
  const [group, setGroup] = useState<Uint32Array | null>(null);
  const pick = (picked: Uint32Array) => {
    if (picked.length === 1) navigate(runPath(dataset.ids[picked[0]!]!));
    else if (picked.length > 1) setGroup(picked);
  };
  return (
    <div class="explore-columns">
      <FilterPanel store={store} />
      <div class="explore-main">
        <SelectionBar store={store} />
        {rows.length === 0 ? (
          isFiltered ? (
            <NothingLeft store={store} />
          ) : (
            <AllFailed store={store} />
          )
        ) : rows.length === 1 && !isFiltered ? (
          <OneRun store={store} row={rows[0]!} />
        ) : (
          <>
            <PlacesShelf store={store} />
            <StatPicker store={store} />
            <StatProgressLines store={store} />
            <PlotArea store={store} onPick={pick} />
          </>
        )}
        {isPainted && <RunTable store={store} />}
        {isPainted && rows.length > 1 && <CompareRuns store={store} onPick={pick} />}
        {isPainted && rows.length > 1 && <FindingsPanel store={store} benchmarks={benchmarks} />}
      </div>
      {group !== null && <GroupSheet store={store} rows={group} onClose={() => setGroup(null)} />}
    </div>
  );
}

function useExploreKeys(store: ExploreStore): void {
  const step = (by: number) => {
    const at = PLOT_KINDS.indexOf(store.plot.peek());
    store.change({ plot: PLOT_KINDS[(at + by + PLOT_KINDS.length) % PLOT_KINDS.length]! }, 'replace');
  };
  const nextStat = (by: number) => {
    const metrics = store.metrics.peek();
    const [first, ...others] = store.stats.peek().map(({ name }) => name);
    if (first === undefined) return;
    const at = metrics.findIndex(({ name }) => name === first);
    for (let turn = 1; turn <= metrics.length; turn++) {
      const { name } = metrics[(at + by * turn + metrics.length * turn) % metrics.length]!;
      if (!others.includes(name)) return store.change({ stats: [name, ...others].slice(0, MAX_STATS) }, 'replace');
    }
  };
  useShortcuts('Explorer', [
    { keys: ['p'], does: 'next kind of plot', run: () => step(1) },
    { keys: ['P'], does: 'kind of plot before', run: () => step(-1) },
    { keys: ['m'], does: 'next stat', run: () => nextStat(1) },
    { keys: ['M'], does: 'stat before', run: () => nextStat(-1) },
    { keys: ['s'], does: 'choose stats', run: () => press('stats') },
    { keys: ['e'], does: 'a stat of your own', run: () => press('own-stat') },
    { keys: ['v'], does: 'saved views', run: () => press('views') },
    { keys: ['a'], does: 'arrange: go to the chips', run: () => focusOn('.explore-chip') },
    { keys: ['f'], does: 'filters: go there', run: () => focusOn('.explore-values button') },
    { keys: ['c'], does: 'take filters and brushes away', run: () => store.change({ filters: [], brushes: [] }) },
    {
      keys: ['i'],
      does: 'show or hide invalid runs',
      run: () => store.change({ showInvalid: !store.view.peek().showInvalid }),
    },
  ]);
}

function press(name: string): void {
  document.querySelector<HTMLElement>(`[data-shortcut="${name}"]`)?.click();
}

function focusOn(selector: string): void {
  const element = document.querySelector<HTMLElement>(selector);
  element?.focus();
  element?.scrollIntoView({ block: 'nearest' });
}
