// Runs a benchmark: what is not recorded yet, in its order, hooks around it, each result kept before the next begins.

import { randomInt } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { Benchmark } from '#core/benchmark';
import type { BenchmarkRecord, CellRecord, Progress } from '#core/catalogue';
import type { RunRecord } from '#core/run';
import { formatProblem, UserError } from '#core/user-error';
import { TimeLeft, type RunToCome } from '#analysis/time-left';
import type { Lab } from '#lab/lab';
import { recoverInterruptedRuns } from '#lab/recover';
import { picturesWanted } from '#media/command/command-job';
import { PictureStore, type PictureKind } from '#media/command/picture-store';
import type { SessionRunner } from '#live/session-runner';
import { executeRun } from '#run/execute-run';
import type { RunWork } from '#run/run-work';
import { ownIdentity } from '#system/process-identity';
import { readResults, type BenchResults } from './bench-results.ts';
import { runHook } from './hooks.ts';
import { hasWantedProfile } from './wanted-profile.ts';
import { endLeftRecording } from './left-recording.ts';
import { planSteps, type HookStep, type RunStep } from './order.ts';
import { prepareBench, type PreparedBench, type PreparedCell } from './prepare-bench.ts';
import { runToCome, secondsBetween } from './run-costs.ts';
import { StreamCells } from './stream-cells.ts';
import { checkProgram, checkSource } from './unchanged-files.ts';

export interface BenchRunOptions {
  readonly benchmark: Benchmark;
  readonly lab: Lab;
  /** Version of encodelab. */
  readonly version: string;
  /** Runs failed cells again. */
  readonly retry: boolean;
  /** `drain`: begin nothing new. `stop`: end what runs. */
  readonly interrupt: { readonly drain: AbortSignal; readonly stop: AbortSignal };
  /** The live system that cells stream on; null where none of them does. */
  readonly session: SessionRunner | null;
  readonly onRun: (run: RunRecord) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onNote: (text: string) => void;
}

export interface BenchEnd {
  /** Runs that finished now, without warm-ups and visits of the sentinel. */
  readonly ran: number;
  readonly skipped: number;
  /** Results of this benchmark that did not end well, recorded now or before. */
  readonly failed: number;
  readonly hookFailures: number;
  /** Runs that were left out because a hook before them failed. */
  readonly leftOut: number;
  readonly interrupted: boolean;
  /** Runs that are still to do. */
  readonly left: number;
  readonly results: BenchResults;
}

/** Visits of the sentinel over a bench, besides the first and the last. */
const SENTINEL_VISITS = 6;
/** Progress is written to the catalogue at most so often. */
const PROGRESS_INTERVAL_MS = 500;
/** Of a plan with more runs the time left is forecast from a share of them, so that telling it costs nothing. */
const MAX_FORECAST_RUNS = 5_000;
const LOCK = 'bench';

/**
 * Runs a benchmark to its end, or to an interrupt.
 * @throws UserError where anything is wrong before the first run, another bench measures in this lab, or a hook of
 * `setup` fails
 */
export async function runBench(options: BenchRunOptions): Promise<BenchEnd> {
  const { benchmark, lab } = options;
  const holder = { ...ownIdentity(), what: `bench run ${benchmark.file}` };
  const other = await lab.catalogue.lock(LOCK, holder);
  if (other !== null) {
    throw new UserError({
      what: `another bench measures in this lab: process ${other.pid} (${other.what})`,
      where: lab.path,
      todo: 'two at once would disturb each other: wait until it has ended',
    });
  }
  try {
    for (const run of await recoverInterruptedRuns(lab))
      options.onNote(`run ${run.id} was interrupted: what it recorded is kept, and it runs again`);
    if (options.session !== null) await endLeftRecording(options.session, options);
    const streams = options.session === null ? null : await StreamCells.begin(options.session, benchmark);
    const { encoding: guest, hasDevice } = (await streams?.machines()) ?? { encoding: null, hasDevice: null };
    const signal = options.interrupt.stop;
    const prepared = await prepareBench({ ...options, signal, maxTrials: Infinity, guest, hasDevice });
    for (const warning of prepared.warnings) options.onNote(`warning: ${warning}`);
    const before = await lab.catalogue.benchmark(benchmark.name);
    try {
      return await new BenchRun(options, prepared, before, streams).toEnd();
    } finally {
      await streams?.end();
    }
  } finally {
    await lab.catalogue.clearProgress(benchmark.name);
    await lab.catalogue.unlock(LOCK, holder);
  }
}

class BenchRun {
  readonly #options: BenchRunOptions;
  readonly #prepared: PreparedBench;
  readonly #pictures: PictureStore;
  readonly #streams: StreamCells | null;
  #record: BenchmarkRecord;
  readonly #before: BenchmarkRecord | null;
  readonly #timeLeft = new TimeLeft();
  /** `key repeat` of every result that need not run any more. */
  readonly #done = new Set<string>();
  readonly #seed: number;
  #total = 0;
  #skipped = 0;
  #ran = 0;
  #failed = 0;
  #hookFailures = 0;
  /** Seconds that hooks took so far. */
  #hooksS = 0;
  #leftOut = 0;
  /** Properties whose `before` failed for the value that is in place. */
  readonly #brokenProperties = new Set<string>();
  #writtenAt = -Infinity;
  #now: {
    readonly cell: PreparedCell;
    readonly repeat: number;
    readonly beganAt: number;
    share: number | null;
  } | null = null;

  /** @param before the benchmark as it was last started; null at its first start */
  constructor(
    options: BenchRunOptions,
    prepared: PreparedBench,
    before: BenchmarkRecord | null,
    streams: StreamCells | null,
  ) {
    const { benchmark, lab } = options;
    this.#streams = streams;
    this.#options = options;
    this.#pictures = new PictureStore(lab.cacheFolder);
    this.#prepared = prepared;
    this.#seed = benchmark.seed ?? before?.seed ?? randomInt(2 ** 32);
    this.#before = before;
    const file = benchmark.file.startsWith(`${lab.path}/`) ? benchmark.file.slice(lab.path.length + 1) : benchmark.file;
    this.#record = {
      name: benchmark.name,
      file,
      properties: benchmark.properties,
      repeat: benchmark.repeat,
      seed: benchmark.order === 'random' ? this.#seed : null,
      thresholds: benchmark.thresholds,
      startedAt: new Date().toISOString(),
    };
  }

  async toEnd(): Promise<BenchEnd> {
    const { lab, interrupt } = this.#options;
    await lab.catalogue.saveBenchmark(this.#record, this.#prepared.cells.map(cellRecord));
    await this.#readRecorded();
    // What goes on, or has nothing to do, was started before: the visits of its sentinel since then count.
    if (this.#skipped > 0 && this.#before !== null) {
      this.#record = { ...this.#record, startedAt: this.#before.startedAt };
      await lab.catalogue.saveBenchmark(this.#record, this.#prepared.cells.map(cellRecord));
    }
    await this.#pictures.removeStale();
    try {
      await this.#walk();
    } finally {
      await this.#pictures.close();
    }
    const results = await readResults(lab.catalogue, this.#record);
    const left = this.#total - this.#done.size;
    return {
      ran: this.#ran,
      skipped: this.#skipped,
      failed: results.cells.reduce((sum, { runs }) => sum + runs.filter(({ outcome }) => outcome !== 'ok').length, 0),
      hookFailures: this.#hookFailures,
      leftOut: this.#leftOut,
      interrupted: interrupt.drain.aborted && left > 0,
      left,
      results,
    };
  }

  /** Learns from the results that are there already: what to skip, and how long runs take. */
  async #readRecorded(): Promise<void> {
    const { benchmark, lab, retry } = this.#options;
    const results = await lab.catalogue.results(benchmark.name);
    const wanted = new Set<string>();
    // Without hooks: theirs is learned from those that run now.
    const betweenS = secondsBetween([], benchmark);
    for (const { cell, sameKey } of this.#prepared.cells) {
      for (let repeat = 1; repeat <= benchmark.repeat; repeat++) wanted.add(runKey(sameKey, repeat));
      for (const run of results.get(sameKey) ?? []) {
        if (run.durationS !== null && run.outcome === 'ok')
          this.#timeLeft.learn(runToCome(sameKey, cell.settings, cell.labels), run.durationS + betweenS);
        const key = runKey(sameKey, run.repeat);
        if (!wanted.has(key) || (run.outcome === 'ok' ? !(await hasWantedProfile(benchmark, lab, run)) : retry))
          continue;
        this.#done.add(key);
      }
    }
    this.#total = wanted.size;
    this.#skipped = this.#done.size;
  }

  /** Carries out the plan. Whatever fails, the hooks that close what is open still run. */
  async #walk(): Promise<void> {
    const { benchmark, interrupt } = this.#options;
    let failure: unknown = null;
    const steps = planSteps(benchmark, this.#seed, {
      wanted: (cell, repeat) => this.#isWanted(this.#prepared.cells[cell.index]!, repeat),
      stopped: () => failure !== null || interrupt.drain.aborted,
      sentinelEvery: Math.ceil((this.#total - this.#skipped) / SENTINEL_VISITS),
    });
    for (const step of steps) {
      try {
        if (step.kind === 'hook') await this.#hook(step);
        else if (this.#brokenProperties.size === 0) await this.#run(step);
        else if (step.repeat >= 1) this.#leftOut++;
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== null) throw failure;
  }

  #isWanted({ sameKey }: PreparedCell, repeat: number): boolean {
    return repeat < 1 ? !this.#done.has(runKey(sameKey, 1)) : !this.#done.has(runKey(sameKey, repeat));
  }

  async #run(step: RunStep): Promise<void> {
    const { interrupt, onRun } = this.#options;
    const prepared = this.#prepared.cells[step.cell.index]!;
    await checkSource(prepared);
    await checkProgram(prepared);
    const beganAt = performance.now();
    this.#now = { cell: prepared, repeat: step.repeat, beganAt, share: null };
    await this.#tellProgress(true);
    const run = await this.#execute(prepared, step.repeat);
    this.#now = null;
    if (run.interrupted) {
      if (interrupt.stop.aborted) return;
      // Not the encoder's fault, and the next run would fare no better.
      throw new UserError({
        what: run.reason ?? 'the run was interrupted',
        where: run.cell ?? undefined,
        todo: 'mend that; the same command then goes on',
      });
    }
    if (run.outcome === 'ok') this.#timeLeft.learn(this.#toCome(prepared), (performance.now() - beganAt) / 1000);
    if (step.repeat >= 1) {
      this.#done.add(runKey(prepared.sameKey, step.repeat));
      this.#ran++;
      if (run.outcome !== 'ok') this.#failed++;
    }
    onRun(run);
  }

  async #execute(prepared: PreparedCell, repeat: number): Promise<RunRecord> {
    const { benchmark, lab, interrupt } = this.#options;
    const identity = {
      benchmark: benchmark.name,
      cell: prepared.cell.label,
      repeat,
      settings: prepared.cell.settings,
      labels: prepared.cell.labels,
      sameKey: prepared.sameKey,
    };
    const signal = interrupt.stop;
    const onProgress = (share: number) => {
      if (this.#now !== null && repeat >= 1) this.#now.share = share;
      void this.#tellProgress(false).catch((error: Error) => this.#options.onNote(`progress: ${error.message}`));
    };
    const { work } = prepared;
    if (work.kind === 'stream')
      return this.#streams!.run(work, { lab, identity, practice: repeat < 1, signal, onProgress });
    return executeRun({
      lab,
      environment: prepared.environment,
      work: await this.#withPictures(prepared, work),
      sourceIdentity: prepared.sourceIdentity,
      sourceInfo: prepared.source,
      identity,
      intervalMs: benchmark.intervalMs,
      timeoutS: benchmark.timeoutS,
      keepOutput: benchmark.keepOutput,
      // Warm-ups and visits of the sentinel are no results: their pictures are nobody's question.
      quality: repeat >= 1 ? benchmark.quality : null,
      profile: repeat >= 1 ? benchmark.profile : null,
      signal,
      onProgress,
    });
  }

  /** Programs that read nothing but plain pictures get them made before their run: no time of it is theirs. */
  async #withPictures({ source, sourceIdentity }: PreparedCell, work: RunWork): Promise<RunWork> {
    if (work.kind !== 'command' || work.picture === null || source === null) return work;
    const pictures: Partial<Record<PictureKind, string>> = {};
    for (const kind of picturesWanted(work.spec))
      pictures[kind] = await this.#pictures.get(
        { kind, source: source.path, sourceIdentity, durationS: source.video.duration, picture: work.picture },
        { signal: this.#options.interrupt.stop },
      );
    return { ...work, pictures };
  }

  /** A failed hook of a property leaves the runs of its block out: they run at the next start. */
  async #hook(step: HookStep): Promise<void> {
    const { benchmark, interrupt, onNote } = this.#options;
    const { moment, property } = step;
    if (property !== null) this.#brokenProperties.delete(property);
    // What puts things back as they were runs in spite of an interrupt.
    const signal = moment === 'setup' || moment === 'before' ? interrupt.stop : undefined;
    const timeoutMs = benchmark.hookTimeoutS * 1000;
    const cwd = dirname(resolve(benchmark.file));
    for (const [index, command] of step.commands.entries()) {
      const beganAt = performance.now();
      const problem =
        command.role === undefined
          ? (await runHook(command, { timeoutMs, signal, cwd })).problem
          : await this.#streams!.hook(step, index, timeoutMs, signal);
      this.#hooksS += (performance.now() - beganAt) / 1000;
      if (problem === null) continue;
      if (moment === 'setup') throw new UserError(problem);
      this.#hookFailures++;
      onNote(formatProblem(problem));
      if (moment !== 'before') continue;
      this.#brokenProperties.add(property!);
      return;
    }
  }

  async #tellProgress(always: boolean): Promise<void> {
    const now = performance.now();
    if (!always && now - this.#writtenAt < PROGRESS_INTERVAL_MS) return;
    this.#writtenAt = now;
    const { benchmark, lab, interrupt, onProgress } = this.#options;
    const progress: Progress = {
      benchmark: benchmark.name,
      pid: process.pid,
      stage: interrupt.drain.aborted ? 'stopping' : 'measuring',
      runsDone: this.#done.size,
      runsTotal: this.#total,
      runsSkipped: this.#skipped,
      failed: this.#failed,
      cell: this.#now?.cell.cell.label ?? null,
      repeat: this.#now?.repeat ?? null,
      runShare: this.#now?.share ?? null,
      leftS: this.#forecast(),
      updatedAt: new Date().toISOString(),
    };
    onProgress(progress);
    await lab.catalogue.setProgress(progress);
  }

  #forecast(): Progress['leftS'] {
    const toCome = [...this.#someToCome()];
    const left = this.#total - this.#done.size;
    const forecast = this.#timeLeft.forecast(toCome);
    if (forecast === null) return null;
    const scale = toCome.length === 0 ? 1 : left / toCome.length;
    const spent = this.#now === null ? 0 : (performance.now() - this.#now.beganAt) / 1000;
    // Hooks come as often as before: so many seconds for each run that was done.
    const hooksS = this.#ran === 0 ? 0 : (this.#hooksS / this.#ran) * left;
    const rest = (seconds: number) => Math.max(0, seconds * scale + hooksS - spent);
    return { low: rest(forecast.low), middle: rest(forecast.middle), high: rest(forecast.high) };
  }

  *#someToCome(): Generator<RunToCome> {
    let count = 0;
    for (const prepared of this.#prepared.cells) {
      for (let repeat = 1; repeat <= this.#options.benchmark.repeat; repeat++) {
        if (this.#done.has(runKey(prepared.sameKey, repeat))) continue;
        if (count++ >= MAX_FORECAST_RUNS) return;
        yield this.#toCome(prepared);
      }
    }
  }

  #toCome({ sameKey, cell }: PreparedCell): RunToCome {
    return runToCome(sameKey, cell.settings, cell.labels);
  }
}

function runKey(sameKey: string, repeat: number): string {
  return `${sameKey} ${repeat}`;
}

function cellRecord({ cell, sameKey }: PreparedCell): CellRecord {
  return { index: cell.index, label: cell.label, properties: cell.properties, settings: cell.settings, sameKey };
}
