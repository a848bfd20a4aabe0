// Changes, pushed to the pages that look at them. Benches work in other processes: while a page is open the catalogue's
// change counter is polled, and only what changed is read.

import type { Catalogue } from '#core/catalogue';
import type { RunRecord } from '#core/run';
import type { BenchmarkPages } from './benchmark-pages.ts';
import { resultColumns } from './result-columns.ts';
import type { ScriptRunner } from './script-runner.ts';
import { WIRE_VERSION, type LiveMessage, type LiveRequest } from './wire.ts';

const POLL_MS = 250;
/** A bench that was killed writes nothing: it is looked for at this interval, whatever the counter says. */
const LOST_CHECK_MS = 2_000;
/** Runs looked at for news in one poll: far more than can begin or end within POLL_MS. */
const RECENT_RUNS = 64;

/** A page that listens. */
export interface Listener {
  send(message: LiveMessage): void;
}

interface Watch {
  readonly startedAt: string;
  readonly cellOfKey: ReadonlyMap<string, number>;
  readonly runs: number;
  /** Stamp of the list of runs that are left out. */
  readonly exclusions: string;
  readonly outcomes: ReadonlyMap<string, RunRecord['outcome']>;
}

export class LiveHub {
  readonly #catalogue: Catalogue;
  readonly #pages: BenchmarkPages;
  readonly #scripts: ScriptRunner;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Map<Listener, LiveRequest>();
  readonly #watches = new Map<string, Watch>();
  readonly #openRuns = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #polling: Promise<void> = Promise.resolve();
  #pollWaits = false;
  #counter = -1;
  #list = '';
  #progress = '';
  #scriptChanges = -1;
  #checkedLostAt = 0;

  constructor(catalogue: Catalogue, pages: BenchmarkPages, scripts: ScriptRunner, onError: (error: unknown) => void) {
    this.#catalogue = catalogue;
    this.#pages = pages;
    this.#scripts = scripts;
    this.#onError = onError;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  add(listener: Listener): void {
    this.#listeners.set(listener, { version: WIRE_VERSION });
    listener.send({ type: 'hello', version: WIRE_VERSION });
    this.#timer ??= setInterval(() => this.#poll(), POLL_MS);
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#watches.clear();
    this.#openRuns.clear();
  }

  /** Sets what a page looks at, and sends it where that stands. */
  request(listener: Listener, request: LiveRequest): void {
    if (!this.#listeners.has(listener)) return;
    this.#listeners.set(listener, request);
    this.#inTurn(async () => {
      if (request.benchmark !== undefined) {
        const watch = await this.#watch(request.benchmark);
        const recent = await this.#catalogue.runs({ benchmark: request.benchmark, limit: RECENT_RUNS });
        if (watch !== null) await this.#sendResults(request.benchmark, watch, recent, [listener]);
      }
      if (request.run !== undefined && (await this.#catalogue.run(request.run))?.outcome === null)
        this.#openRuns.add(request.run);
      if (request.list === true || request.benchmark !== undefined)
        listener.send({ type: 'progress', progress: await this.#catalogue.progress() });
      if (request.script === true) listener.send({ type: 'script', state: this.#scripts.state() });
    });
  }

  /** Stops polling and waits for the poll at work. */
  async close(): Promise<void> {
    for (const listener of this.#listeners.keys()) this.remove(listener);
    await this.#polling;
  }

  #poll(): void {
    if (this.#pollWaits) return;
    this.#pollWaits = true;
    this.#inTurn(async () => {
      this.#pollWaits = false;
      this.#sendScript();
      const counter = await this.#catalogue.changeCounter();
      const now = Date.now();
      if (counter === this.#counter && now - this.#checkedLostAt < LOST_CHECK_MS) return;
      this.#checkedLostAt = now;
      await this.#sendProgress();
      if (counter === this.#counter) return;
      this.#counter = counter;
      await this.#sendBenchmarks();
      await this.#sendEndedRuns();
      await this.#sendList();
    });
  }

  /** One after the other: a slow poll is not overtaken by the next. At most one poll waits. */
  #inTurn(work: () => Promise<void>): void {
    this.#polling = this.#polling.then(work).catch(this.#onError);
  }

  #sendScript(): void {
    if (this.#scripts.changes === this.#scriptChanges) return;
    this.#scriptChanges = this.#scripts.changes;
    const state = this.#scripts.state();
    this.#send((request) => request.script === true, { type: 'script', state });
  }

  async #sendProgress(): Promise<void> {
    const progress = await this.#catalogue.progress();
    const text = JSON.stringify(progress);
    if (text === this.#progress) return;
    this.#progress = text;
    this.#send((request) => request.list === true || request.benchmark !== undefined, { type: 'progress', progress });
  }

  async #sendList(): Promise<void> {
    if (!this.#wanted((request) => request.list === true)) return;
    // How far a bench at work is comes as progress.
    const list = JSON.stringify(
      (await this.#pages.list()).map((summary) => ({
        ...summary,
        runsDone: summary.progress === null ? summary.runsDone : 0,
        progress: null,
      })),
    );
    if (list === this.#list) return;
    this.#list = list;
    this.#send((request) => request.list === true, { type: 'stale', what: 'list' });
  }

  async #sendBenchmarks(): Promise<void> {
    const names = new Set([...this.#listeners.values()].flatMap((request) => request.benchmark ?? []));
    for (const name of this.#watches.keys()) if (!names.has(name)) this.#watches.delete(name);
    for (const name of names) {
      const before = this.#watches.get(name);
      if (before === undefined) continue;
      const record = await this.#catalogue.benchmark(name);
      const recent = await this.#catalogue.runs({ benchmark: name, limit: RECENT_RUNS });
      const runs = await this.#catalogue.countRuns({ benchmark: name });
      const news = recent.filter((run) => before.outcomes.get(run.id) !== run.outcome || !before.outcomes.has(run.id));
      const cutShort = news.some((run) => run.interrupted);
      const { stamp } = await this.#catalogue.exclusions();
      if (record?.startedAt !== before.startedAt || runs < before.runs || cutShort || stamp !== before.exclusions) {
        // Another plan, deleted runs, runs that are no results after all: the page's rows are not what is there.
        await this.#watch(name);
        this.#send((request) => request.benchmark === name, { type: 'stale', what: 'benchmark' });
        continue;
      }
      const outcomes = new Map(recent.map((run) => [run.id, run.outcome]));
      this.#watches.set(name, { ...before, runs, outcomes });
      const listeners = [...this.#listeners].flatMap(([listener, request]) =>
        request.benchmark === name ? listener : [],
      );
      await this.#sendResults(name, before, news, listeners);
    }
  }

  async #watch(name: string): Promise<Watch | null> {
    const [record, cells, recent, runs, exclusions] = await Promise.all([
      this.#catalogue.benchmark(name),
      this.#catalogue.cells(name),
      this.#catalogue.runs({ benchmark: name, limit: RECENT_RUNS }),
      this.#catalogue.countRuns({ benchmark: name }),
      this.#catalogue.exclusions(),
    ]);
    if (record === null) return null;
    const watch: Watch = {
      startedAt: record.startedAt,
      cellOfKey: new Map(cells.map((cell, position) => [cell.sameKey, position])),
      runs,
      exclusions: exclusions.stamp,
      outcomes: new Map(recent.map((run) => [run.id, run.outcome])),
    };
    this.#watches.set(name, watch);
    return watch;
  }

  async #sendResults(name: string, watch: Watch, runs: readonly RunRecord[], to: readonly Listener[]): Promise<void> {
    const { reasons: excluded } = await this.#catalogue.exclusions();
    // Warm-ups and visits of the sentinel are no results; nor is a run that the bench itself cut short, or that a person left out.
    const shown = runs.filter((run) => run.repeat > 0 && !run.interrupted && !excluded.has(run.id));
    if (shown.length === 0) return;
    const message: LiveMessage = { type: 'results', benchmark: name, results: resultColumns(shown, watch.cellOfKey) };
    for (const listener of to) listener.send(message);
  }

  async #sendEndedRuns(): Promise<void> {
    for (const id of this.#openRuns) {
      if (!this.#wanted((request) => request.run === id)) {
        this.#openRuns.delete(id);
        continue;
      }
      const run = await this.#catalogue.run(id);
      if (run !== null && run.outcome === null) continue;
      this.#openRuns.delete(id);
      this.#send((request) => request.run === id, { type: 'stale', what: 'run' });
    }
  }

  #wanted(test: (request: LiveRequest) => boolean): boolean {
    return [...this.#listeners.values()].some(test);
  }

  #send(to: (request: LiveRequest) => boolean, message: LiveMessage): void {
    for (const [listener, request] of this.#listeners) if (to(request)) listener.send(message);
  }
}
