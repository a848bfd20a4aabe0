// What changed between two sides of the runs on the page: a forest of ratios with intervals, a table, and the history of the first stat.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { compareSides, type Comparison } from '#explore/compare/compare-sides';
import { comparisonNotes, METHOD_NOTE, tallyWords } from '#explore/compare/comparison-words';
import type { Baseline } from '#explore/compare/baseline';
import { propertyTitle, type Dataset } from '#explore/data/dataset';
import type { BaselineList } from '#server/explore-compare';
import { read } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { CompareForest } from './compare-forest.tsx';
import { CompareHistory } from './compare-history.tsx';
import {
  BY_BASELINE,
  choiceNotes,
  comparable,
  COMPARE_OPTIONS,
  readChoice,
  sidesOf,
  valuesAmong,
  type CompareChoice,
} from './compare-choice.ts';
import type { ExploreStore } from './explore-store.ts';

const BASE = '/api/v1/explore/baselines';
/** Of more runs only what is looked at is compared: every metric would take seconds. */
const MANY_RUNS = 20_000;

export interface ComparePanelProps {
  readonly store: ExploreStore;
  /** Rows of the dataset behind what was clicked. */
  readonly onPick: (rows: Uint32Array) => void;
}

export function CompareRuns({ store, onPick }: ComparePanelProps) {
  const shown = store.shown.value!;
  const { dataset: runs, metrics } = shown;
  // Stats of people's own are compared as every other metric.
  const dataset = useMemo(() => ({ ...runs, metrics }), [runs, metrics]);
  const { rows } = shown.filtered;
  const { options } = shown.view;
  const choice = useMemo(() => readChoice(options, dataset, rows), [options, dataset, rows]);
  const names = useBaselineNames();
  const [baseline, problem] = useBaseline(choice.by === BY_BASELINE ? (choice.a ?? names[0] ?? null) : null);
  const stats = shown.stats.map(({ name }) => name);
  const compared = rows.length <= MANY_RUNS ? undefined : choice.metric === null ? stats : [choice.metric];
  const comparison = useComparison(choice, dataset, rows, baseline, compared);
  const fewer = compared === undefined ? [] : [`of so many runs only ${compared.join(', ')} is compared`];
  useShortcuts('Explorer', [{ keys: ['d'], does: 'compare: choose by what', run: () => focusChoice() }]);
  return (
    <section class="panel explore-compare" aria-label="Compare">
      <header class="panel-head">
        <h2>Compare</h2>
        <CompareControls store={store} choice={choice} baselines={names} />
      </header>
      {comparison === null ? (
        <p class="muted pad">
          {problem ??
            (choice.by === BY_BASELINE && names.length === 0
              ? 'This lab has no baseline yet: encodelab bench baseline save NAME BENCHMARK makes one.'
              : 'Choose what the two sides differ in: a setting, the build, the machine, the benchmark, or a baseline.')}
        </p>
      ) : comparison.cells.length === 0 ? (
        <div class="pad">
          <p>Nothing of the two sides can be compared.</p>
          <Notes notes={[...choiceNotes(choice), ...comparisonNotes(comparison)]} />
        </div>
      ) : (
        <>
          <p class="pad explore-compare-tally" role="status">
            <b>{comparison.b}</b> against <b>{comparison.a}</b>: {tallyWords(comparison.cells)} (cells by metrics)
          </p>
          <CompareForest ids={runs.ids} comparison={comparison} metric={choice.metric} onPick={onPick} />
          <Notes notes={[...choiceNotes(choice), ...fewer, ...comparisonNotes(comparison), METHOD_NOTE]} />
        </>
      )}
      <CompareHistory store={store} onPick={onPick} />
    </section>
  );
}

/** After the plots are painted: of 10,000 runs it takes a moment. Until then what was there stays. */
function useComparison(
  choice: CompareChoice,
  dataset: Dataset,
  rows: Uint32Array,
  baseline: Baseline | null,
  metrics: readonly string[] | undefined,
): Comparison | null {
  const [comparison, setComparison] = useState<Comparison | null>(null);
  useEffect(() => {
    if (choice.by === null) return setComparison(null);
    const timer = setTimeout(() => {
      const sides = sidesOf(choice, dataset, rows, baseline);
      setComparison(sides === null ? null : compareSides(...sides, { metrics }));
    });
    return () => clearTimeout(timer);
  }, [choice.by, choice.a, choice.b, dataset, rows, baseline, metrics?.join('\n')]);
  return comparison;
}

function Notes({ notes }: { notes: readonly string[] }) {
  return <p class="explore-note muted pad">{notes.join(' · ')}</p>;
}

interface ControlsProps {
  readonly store: ExploreStore;
  readonly choice: CompareChoice;
  readonly baselines: readonly string[];
}

function focusChoice(): void {
  const choice = document.querySelector<HTMLElement>('[data-shortcut="compare"]');
  choice?.focus();
  choice?.scrollIntoView({ block: 'nearest' });
}

function CompareControls({ store, choice, baselines }: ControlsProps) {
  const shown = store.shown.value!;
  const { rows } = shown.filtered;
  const properties = useMemo(() => comparable(shown.dataset, rows), [shown.dataset, rows]);
  const property = properties.find(({ name }) => name === choice.by);
  const values = property === undefined ? [] : valuesAmong(property, rows);
  const set = (changes: Partial<CompareChoice>) => {
    const options = { ...store.view.peek().options };
    for (const [name, value] of Object.entries({ ...choice, ...changes })) {
      const option = COMPARE_OPTIONS[name as keyof CompareChoice];
      if (value === null) delete options[option];
      else options[option] = value;
    }
    store.change({ options }, 'replace');
  };
  return (
    <span class="explore-compare-controls">
      <label>
        by{' '}
        <select
          data-shortcut="compare"
          value={choice.by ?? ''}
          onChange={(event) => set({ by: event.currentTarget.value || null, a: null, b: null })}
        >
          <option value="">–</option>
          {properties.map(({ name }) => (
            <option key={name} value={name}>
              {propertyTitle(shown.names, name)}
            </option>
          ))}
          <option value={BY_BASELINE}>a baseline</option>
        </select>
      </label>
      {choice.by === BY_BASELINE && baselines.length > 0 && (
        <Select title="baseline" values={baselines} chosen={choice.a ?? baselines[0]!} onChoose={(a) => set({ a })} />
      )}
      {property !== undefined && (
        <>
          <Select title="from" values={values} chosen={choice.a!} onChoose={(a) => set({ a })} />
          <Select
            title="to"
            values={values.filter((value) => value !== choice.a)}
            chosen={choice.b!}
            onChoose={(b) => set({ b })}
          />
          <button type="button" class="quiet" onClick={() => set({ a: choice.b, b: choice.a })}>
            Swap
          </button>
        </>
      )}
      {choice.by !== null && (
        <label>
          metric{' '}
          <select value={choice.metric ?? ''} onChange={(event) => set({ metric: event.currentTarget.value || null })}>
            <option value="">all, over all cells</option>
            {shown.metrics.map(({ name }) => (
              <option key={name} value={name}>
                {name}, by cell
              </option>
            ))}
          </select>
        </label>
      )}
    </span>
  );
}

interface SelectProps {
  readonly title: string;
  readonly values: readonly string[];
  readonly chosen: string;
  readonly onChoose: (value: string) => void;
}

function Select({ title, values, chosen, onChoose }: SelectProps) {
  return (
    <label>
      {title}{' '}
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {values.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Without an answer there are none: the other comparisons do without. */
function useBaselineNames(): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    read<BaselineList>(fetch(BASE)).then(
      (list) => setNames(list.names),
      () => setNames([]),
    );
  }, []);
  return names;
}

function useBaseline(name: string | null): readonly [Baseline | null, problem: string | null] {
  const [state, setState] = useState<readonly [string | null, Baseline | null, string | null]>([null, null, null]);
  useEffect(() => {
    if (name === null) return;
    let isWanted = true;
    read<Baseline>(fetch(`${BASE}/${encodeURIComponent(name)}`)).then(
      (baseline) => isWanted && setState([name, baseline, null]),
      (error: Error) => isWanted && setState([name, null, `The baseline can't be read: ${error.message}`]),
    );
    return () => {
      isWanted = false;
    };
  }, [name]);
  return state[0] === name && name !== null ? [state[1], state[2]] : [null, null];
}
