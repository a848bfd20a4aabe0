// One benchmark as the page holds it: read once, then kept up to date by what the server sends.

import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { BenchmarkPage, LiveMessage, ResultColumns } from '#server/wire';
import type { Progress } from '#core/catalogue';
import type { DisplayUnit } from '#core/format-quantity';
import type { Drift } from '#analysis/drift';
import { api } from '../shell/api.ts';
import { resource, type Resource } from '../shell/resource.ts';
import { FIRST_METRICS } from './metric-choice.ts';
import { Results } from './results.ts';

/** What came while the page was still being read; more than this and it is read again instead. */
const MAX_EARLY = 1_000;

export class BenchmarkStore {
  readonly name: string;
  readonly page: Resource<BenchmarkPage>;
  readonly drift: Resource<Drift | null>;
  readonly progress = signal<Progress | null>(null);
  /** Grows with each change of the results: what is derived from them is derived again. */
  readonly version = signal(0);
  readonly results: ReadonlySignal<Results | null>;
  #early: ResultColumns[] = [];
  readonly #units = new Map<string, DisplayUnit>();
  /** Metrics that are read with their values; all of ten thousand runs would take long to come. */
  readonly #wanted = new Set<string>();

  /** @param metrics whose values are wanted from the beginning, besides the most telling ones */
  constructor(name: string, metrics: readonly string[]) {
    this.name = name;
    for (const metric of [...FIRST_METRICS, ...metrics]) this.#wanted.add(metric);
    this.page = resource(() => api.benchmark(name, this.#wanted));
    // After the page itself: it takes another look at all runs, and nothing waits for it.
    this.drift = resource(() => this.page.first.then(() => api.drift(name)));
    this.results = computed(() => {
      const loaded = this.page.value.value;
      if (loaded.state !== 'ready') return null;
      const results = new Results(loaded.data, this.#units);
      for (const columns of this.#early) results.merge(columns);
      this.#early = [];
      return results;
    });
    this.page.value.subscribe((loaded) => {
      if (loaded.state === 'ready') this.progress.value = loaded.data.progress;
    });
  }

  /** Reads the values of metrics that are to be shown and are not here yet. */
  need(metrics: readonly string[]): void {
    const missing = metrics.filter((metric) => !this.#wanted.has(metric));
    if (missing.length === 0) return;
    for (const metric of missing) this.#wanted.add(metric);
    void this.page.reload();
  }

  take(message: LiveMessage): void {
    switch (message.type) {
      case 'progress':
        this.#takeProgress(message.progress.find((one) => one.benchmark === this.name) ?? null);
        return;
      case 'results': {
        if (message.benchmark !== this.name) return;
        const results = this.results.peek();
        if (results === null) {
          if (this.#early.length < MAX_EARLY) this.#early.push(message.results);
          return;
        }
        batch(() => {
          results.merge(message.results);
          this.version.value++;
        });
        return;
      }
      case 'stale':
        if (message.what === 'benchmark') void this.reload();
        return;
      default:
        return;
    }
  }

  #takeProgress(progress: Progress | null): void {
    const hasEnded = this.progress.peek() !== null && progress === null;
    this.progress.value = progress;
    if (hasEnded) void this.drift.reload();
  }

  reload = async (): Promise<void> => {
    await this.page.reload();
    this.version.value++;
    await this.drift.reload();
  };
}
