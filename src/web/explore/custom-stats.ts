// Stats of people's own: which are saved, and their values of the runs that are shown. Values come a batch of runs after the other, only of
// stats that the view is about, and stay in memory by expression.

import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Dataset, MetricColumn } from '#explore/data/dataset';
import { MAX_STAT_RUNS } from '#explore/stats/stat-expression';
import { withoutRecorded } from '#explore/stats/wanted-stats';
import type { SavedStat } from '#server/explore-wire';
import { statApi } from './stat-api.ts';

/** What is drawn is drawn anew no more often than this while values come in. */
const DRAW_EVERY_MS = 1_000;
/** Expressions whose values are kept; of those that nobody looks at the first goes first. */
const MOST_KEPT = 12;

interface Known {
  /** By id of the run; NaN where it has none. */
  readonly values: Map<string, number>;
  readonly absent: Map<string, number>;
  unit: string;
}

export interface StatProgress {
  readonly stat: SavedStat;
  readonly done: number;
  readonly total: number;
  readonly state: 'computing' | 'ready' | 'stopped' | 'failed';
  /** Of what failed. */
  readonly why: string | null;
  /** Why runs have no value. */
  readonly absent: readonly { readonly why: string; readonly runs: number }[];
}

export class CustomStats {
  readonly saved = signal<readonly SavedStat[]>([]);
  /** Of files that can't be read. */
  readonly problems = signal<readonly string[]>([]);
  /** Of every stat that is saved, but those whose names are recorded ones; absent everywhere where it was not computed yet. */
  readonly columns: ReadonlySignal<readonly MetricColumn[]>;
  /** Of the stats that the view is about. */
  readonly progress: ReadonlySignal<readonly StatProgress[]>;

  readonly #dataset: ReadonlySignal<Dataset>;
  readonly #wanted = signal<readonly SavedStat[]>([]);
  readonly #known = new Map<string, Known>();
  readonly #stopped = new Set<string>();
  readonly #failed = new Map<string, string>();
  /** Count up when there is something new to tell, and to draw. */
  readonly #told = signal(0);
  readonly #drawn = signal(0);
  #request: AbortController | null = null;
  #isBusy = false;

  constructor(dataset: ReadonlySignal<Dataset>) {
    this.#dataset = dataset;
    this.columns = computed(() => {
      void this.#drawn.value;
      const { count, ids } = dataset.value;
      const absent = new Float64Array(count).fill(NaN);
      return withoutRecorded(this.saved.value, dataset.value.metrics).free.map((stat) => {
        const known = this.#known.get(stat.expression);
        return {
          name: stat.name,
          unit: stat.unit ?? known?.unit ?? '1',
          better: stat.better,
          about: stat.expression,
          values: known === undefined ? absent : Float64Array.from(ids, (id) => known.values.get(id) ?? NaN),
        };
      });
    });
    this.progress = computed(() => {
      void this.#told.value;
      return this.#wanted.value.map((stat) => this.#progressOf(stat));
    });
  }

  /** Reads which are saved. One that can't be read hides no other. */
  async read(): Promise<void> {
    const { stats, problems } = await statApi.list();
    this.saved.value = stats;
    this.problems.value = problems;
  }

  /** @throws RequestFailed where the lab can't keep it, or it means nothing */
  async save(stat: SavedStat): Promise<void> {
    await statApi.save(stat);
    const others = this.saved.peek().filter(({ name }) => name !== stat.name);
    this.saved.value = [...others, stat].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws RequestFailed */
  async delete(name: string): Promise<void> {
    await statApi.delete(name);
    this.saved.value = this.saved.peek().filter((stat) => stat.name !== name);
  }

  /**
   * Computes what is wanted, now and later.
   * @returns stops it
   */
  follow(wanted: ReadonlySignal<readonly SavedStat[]>): () => void {
    const end = effect(() => {
      this.#wanted.value = wanted.value;
      // Other runs: what failed may be gone with the run that it failed of.
      if (this.#dataset.value.count > 0) this.#failed.clear();
      void this.#work();
    });
    return () => {
      end();
      this.#wanted.value = [];
      this.#request?.abort();
    };
  }

  stop({ expression }: SavedStat): void {
    this.#stopped.add(expression);
    this.#request?.abort();
    this.#tell();
    this.#draw();
  }

  /** Goes on with what was stopped or has failed. */
  resume({ expression }: SavedStat): void {
    this.#stopped.delete(expression);
    this.#failed.delete(expression);
    this.#tell();
    void this.#work();
  }

  /** One batch after the other, of what is wanted at that moment. */
  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    let drawnAt = performance.now();
    for (let next = this.#next(); next !== null; next = this.#next()) {
      await this.#compute(next.expression, next.ids);
      this.#tell();
      if (performance.now() - drawnAt < DRAW_EVERY_MS && this.#next()?.expression === next.expression) continue;
      this.#draw();
      drawnAt = performance.now();
    }
    this.#isBusy = false;
  }

  #next(): { expression: string; ids: readonly string[] } | null {
    for (const { expression } of this.#wanted.peek()) {
      if (this.#stopped.has(expression) || this.#failed.has(expression)) continue;
      const values = this.#known.get(expression)?.values;
      const ids: string[] = [];
      for (const id of this.#dataset.peek().ids) if (values?.has(id) !== true && ids.push(id) === MAX_STAT_RUNS) break;
      if (ids.length > 0) return { expression, ids };
    }
    return null;
  }

  async #compute(expression: string, ids: readonly string[]): Promise<void> {
    this.#request = new AbortController();
    const { signal: aborted } = this.#request;
    try {
      const { unit, values, absent } = await statApi.values(expression, ids, false, aborted);
      const known = this.#keep(expression, unit);
      ids.forEach((id, i) => known.values.set(id, values[i] ?? NaN));
      // Where no run of a batch has a value nothing tells the unit.
      if (values.some((value) => value !== null)) known.unit = unit;
      for (const { why, runs } of absent) known.absent.set(why, (known.absent.get(why) ?? 0) + runs);
    } catch (error) {
      if (!aborted.aborted) this.#failed.set(expression, error instanceof Error ? error.message : String(error));
    }
    this.#request = null;
  }

  #keep(expression: string, unit: string): Known {
    let known = this.#known.get(expression);
    if (known !== undefined) return known;
    known = { values: new Map(), absent: new Map(), unit };
    this.#known.set(expression, known);
    const wanted = new Set(this.#wanted.peek().map((stat) => stat.expression));
    for (const other of this.#known.keys())
      if (this.#known.size > MOST_KEPT && other !== expression && !wanted.has(other)) this.#known.delete(other);
    return known;
  }

  #progressOf(stat: SavedStat): StatProgress {
    const { ids } = this.#dataset.value;
    const known = this.#known.get(stat.expression);
    const done = known === undefined ? 0 : ids.reduce((count, id) => count + Number(known.values.has(id)), 0);
    const why = this.#failed.get(stat.expression) ?? null;
    const isStopped = this.#stopped.has(stat.expression);
    return {
      stat,
      done,
      total: ids.length,
      state: done === ids.length ? 'ready' : why !== null ? 'failed' : isStopped ? 'stopped' : 'computing',
      why,
      absent: [...(known?.absent ?? [])].map(([reason, runs]) => ({ why: reason, runs })),
    };
  }

  #tell(): void {
    this.#told.value++;
  }

  #draw(): void {
    this.#drawn.value++;
  }
}
