// What the explorer shows: the runs, and everything that follows from them and from the address. Each step is worked out again only when
// what it rests on has changed: a new stat filters nothing, a new order counts nothing.

import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { defaultPlaced, placedCount, varyingProperties } from '#explore/arrange';
import { checkView } from '#explore/check-view';
import { NO_NAMES, type Dataset, type DisplayNames, type MetricColumn } from '#explore/data/dataset';
import { brushedRuns, filterRows, type Brushed, type FilteredRows } from '#explore/data/filter-rows';
import { toldApart } from '#explore/data/told-apart';
import { choosePlot } from '#explore/plots/make-plot';
import { hiddenWords, statsNamedIn, withoutRecorded } from '#explore/stats/wanted-stats';
import { readViewText } from '#explore/view-text';
import { MAX_STATS, type Brush, type Filter, type Placed, type PlotKind, type View } from '#explore/view';
import { resource, type Resource } from '../shell/resource.ts';
import { query } from '../shell/route.ts';
import { COMPARE_OPTIONS } from './compare-choice.ts';
import { CustomStats } from './custom-stats.ts';
import { exploreApi } from './explore-api.ts';
import { showView } from './explore-path.ts';
import { loadDataset, type LoadedRuns } from './load-dataset.ts';
import { SORT_OPTION } from './run-order.ts';
import type { Shown } from './shown.ts';

/** Shown where nobody chose: the first of them that there is. */
const USUAL_STATS = ['encode.fps', 'stream.rate presented', 'quality.vmaf', 'bitrate'];

const USUAL_QUALITY = 'quality.vmaf';

/** What options are called that are none of a plot. */
const LIST_OPTIONS: ReadonlySet<string> = new Set([SORT_OPTION, ...Object.values(COMPARE_OPTIONS)]);

/** Each looks for half a second: a lab whose recordings take longer than five minutes is shown without. */
const MAX_FACT_REQUESTS = 600;

export class ExploreStore {
  readonly loaded: Resource<LoadedRuns>;
  /** What people call things, as it is kept. */
  readonly savedNames = signal<DisplayNames>(NO_NAMES);
  /** The same, with what is called alike told apart: all that is shown. */
  readonly names: ReadonlySignal<DisplayNames>;
  /** Stats of people's own. */
  readonly customStats: CustomStats;
  /** What a person is told of what just happened. */
  readonly message = signal<string | null>(null);

  /** What lists and counts show: it follows when the plots are painted. Null before the first ones are. */
  readonly shown = signal<Shown | null>(null);

  readonly dataset: ReadonlySignal<Dataset>;
  readonly ids: ReadonlySignal<ReadonlySet<string>>;
  readonly metrics: ReadonlySignal<readonly MetricColumn[]>;
  /** Sentences: what the address asks for and there is not, and which saved stats are not shown. */
  readonly problems: ReadonlySignal<readonly string[]>;
  readonly view: ReadonlySignal<View>;
  readonly filters: ReadonlySignal<readonly Filter[]>;
  readonly filtered: ReadonlySignal<FilteredRows>;
  /** Rows of the filters and of every brush: what the list of runs and what is kept of them is about. */
  readonly selected: ReadonlySignal<Uint32Array>;
  readonly brushes: ReadonlySignal<readonly Brush[]>;
  readonly brushed: ReadonlySignal<Brushed | null>;
  /** Names of the properties that tell any runs apart. */
  readonly varying: ReadonlySignal<ReadonlySet<string>>;
  readonly placed: ReadonlySignal<Placed>;
  readonly stats: ReadonlySignal<readonly MetricColumn[]>;
  readonly plot: ReadonlySignal<PlotKind>;
  /** Those that plots are drawn by: the order of a list, or what is compared, draws no plot anew. */
  readonly plotOptions: ReadonlySignal<View['options']>;

  /** @param benchmarks names; none for every run of the lab */
  constructor(benchmarks: readonly string[]) {
    this.dataset = computed(() => {
      const loaded = this.loaded.value.value;
      return loaded.state === 'ready' ? loaded.data.dataset : NO_RUNS;
    });
    this.names = computed(() => toldApart(this.savedNames.value, this.dataset.value.properties));
    this.ids = computed(() => new Set(this.dataset.value.ids));
    this.customStats = new CustomStats(this.dataset);
    this.loaded = resource(() => this.#load(benchmarks));
    this.metrics = computed(() => [...this.dataset.value.metrics, ...this.customStats.columns.value]);
    const text = computed(() => query.value.toString());
    const read = computed(() => readViewText(text.value));
    const checked = computed(() => {
      const dataset = this.dataset.value;
      // Runs that were brought from elsewhere may name a benchmark whose file never was in this lab.
      const named = dataset.properties.find(({ name }) => name === 'benchmark')?.values ?? [];
      const loaded = this.loaded.value.value;
      const missing = loaded.state === 'ready' ? loaded.data.about.missing.filter((name) => !named.includes(name)) : [];
      return checkView(read.value.view, dataset, this.metrics.value, missing);
    });
    this.problems = computed(() => {
      const { hidden } = withoutRecorded(this.customStats.saved.value, this.dataset.value.metrics);
      return [...read.value.problems, ...checked.value.gone, ...hidden.map(hiddenWords)];
    });
    this.view = computed(() => checked.value.view);
    this.filters = same(() => this.view.value.filters);
    this.filtered = computed(() => filterRows(this.dataset.value, this.filters.value));
    this.varying = computed(() => {
      const dataset = this.dataset.value;
      const rows = Uint32Array.from({ length: dataset.count }, (_, row) => row);
      return new Set(varyingProperties(dataset, rows).map(({ name }) => name));
    });
    const given = same(() => this.view.value.placed);
    this.placed = same(
      () => given.value ?? defaultPlaced(this.dataset.value, this.filtered.value.rows, this.view.value.plot),
    );
    const wanted = same(() => this.view.value.stats);
    const isOfQuality = computed(() => this.view.value.plot === 'rate-quality');
    this.stats = computed(() => chosenStats(this.metrics.value, wanted.value, isOfQuality.value));
    this.brushes = same(() => this.view.value.brushes);
    this.brushed = computed(() => brushedRuns(this.dataset.value.count, this.metrics.value, this.brushes.value));
    this.selected = computed(() => {
      const { rows } = this.filtered.value;
      const brushed = this.brushed.value;
      return brushed === null ? rows : rows.filter((row) => brushed.rows[row] === 1);
    });
    this.plot = computed(() => this.view.value.plot ?? choosePlot(placedCount(this.placed.value)));
    this.plotOptions = same(() =>
      Object.fromEntries(Object.entries(this.view.value.options).filter(([name]) => !LIST_OPTIONS.has(name))),
    );
    void this.#readNames();
  }

  /** Changes what is looked at; the back button takes it back. */
  change(changes: Partial<View>, how: 'push' | 'replace' = 'push'): void {
    showView({ ...this.view.peek(), ...changes }, how);
  }

  /** Sets the filter of a property; null takes it away. */
  setFilter(property: string, filter: Filter | null): void {
    const filters = this.filters.peek();
    const at = filters.findIndex((one) => one.property === property);
    const others = filters.filter((one) => one.property !== property);
    if (filter !== null) others.splice(at < 0 ? others.length : at, 0, filter);
    this.change({ filters: others });
  }

  /** Null gives the choice back. */
  setOption(name: string, value: string | null): void {
    const { [name]: _, ...options } = this.view.peek().options;
    this.change({ options: value === null ? options : { ...options, [name]: value } });
  }

  /** @throws RequestFailed where the lab can't keep them */
  async saveNames(names: DisplayNames): Promise<void> {
    const before = this.savedNames.peek();
    this.savedNames.value = names;
    try {
      await exploreApi.saveNames(names);
    } catch (error) {
      this.savedNames.value = before;
      this.message.value = `The names could not be saved: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /**
   * Where runs were made stands in their recordings: of many runs the server reads it a piece at a time while the page is there already.
   * @returns stops asking
   */
  completeFacts(): () => void {
    let isStopped = false;
    const ask = async () => {
      await this.loaded.first;
      const loaded = this.loaded.value.peek();
      if (loaded.state !== 'ready' || loaded.data.about.withoutFacts === 0) return;
      for (let asked = 0; asked < MAX_FACT_REQUESTS && !isStopped; asked++)
        if (await exploreApi.completeFacts()) return this.loaded.reload();
    };
    ask().catch((error: unknown) => (this.message.value = `Where runs were made is not known: ${String(error)}`));
    return () => {
      isStopped = true;
    };
  }

  /**
   * Computes the custom stats that the view is about.
   * @returns stops it
   */
  computeStats(): () => void {
    const wanted = same(() => {
      const { free: saved } = withoutRecorded(this.customStats.saved.value, this.dataset.value.metrics);
      const named = statsNamedIn(
        this.view.value,
        saved.map(({ name }) => name),
      );
      return saved.filter(({ name }) => named.includes(name));
    });
    return this.customStats.follow(wanted);
  }

  /** Runs, and which stats are saved: a link may ask for one of them. */
  async #load(benchmarks: readonly string[]): Promise<LoadedRuns> {
    const [runs] = await Promise.all([
      loadDataset(benchmarks),
      this.customStats.read().catch((error: unknown) => {
        this.message.value = `Stats of your own could not be read: ${error instanceof Error ? error.message : String(error)}`;
      }),
    ]);
    return runs;
  }

  async #readNames(): Promise<void> {
    try {
      const names = await exploreApi.names();
      // Plots are drawn anew only where it says anything.
      if (JSON.stringify(names) !== JSON.stringify(this.savedNames.peek())) this.savedNames.value = names;
    } catch (error) {
      this.message.value = `The names could not be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

/** @param isOfQuality whether a quality is what one wants to see, where nobody chose */
export function chosenStats(
  metrics: readonly MetricColumn[],
  wanted: readonly string[],
  isOfQuality: boolean,
): readonly MetricColumn[] {
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const chosen = wanted.flatMap((name) => byName.get(name) ?? []).slice(0, MAX_STATS);
  if (chosen.length > 0) return chosen;
  const quality = metrics.find(({ name, better }) => name.startsWith('quality.') && better === 'higher');
  if (isOfQuality && quality !== undefined) return [byName.get(USUAL_QUALITY) ?? quality];
  const usual = USUAL_STATS.find((name) => byName.has(name));
  const first = usual === undefined ? (metrics.find(({ better }) => better !== null) ?? metrics[0]) : byName.get(usual);
  return first === undefined ? [] : [first];
}

/** The same object for as long as it says the same: what rests on it need not be worked out again. */
export function same<T>(read: () => T): ReadonlySignal<T> {
  let last: T;
  let lastText: string | undefined;
  return computed(() => {
    const next = read();
    const text = JSON.stringify(next);
    if (text !== lastText) [last, lastText] = [next, text];
    return last;
  });
}

const NO_RUNS: Dataset = {
  count: 0,
  ids: [],
  outcomes: new Uint8Array(0),
  startedAtMs: new Float64Array(0),
  repeats: new Int32Array(0),
  cells: new Int32Array(0),
  cellCount: 0,
  excluded: new Map(),
  reasons: new Map(),
  properties: [],
  metrics: [],
};
