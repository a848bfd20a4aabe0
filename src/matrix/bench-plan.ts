// The dry run of a benchmark: everything checked, cells, order, and how long it would take.

import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from '#core/benchmark';
import type { Environment } from '#core/environment';
import type { QualityWanted } from '#core/quality';
import type { PhaseRow } from '#core/recording';
import type { RunRecord } from '#core/run';
import { TimeLeft, type SecondsLeft } from '#analysis/time-left';
import type { Lab } from '#lab/lab';
import type { PictureTiming } from '#media/encode-job';
import { engineOf } from '#media/engine';
import { measureQuality } from '#media/quality/measure-quality';
import { planSteps } from './order.ts';
import { prepareBench, type PreparedCell } from './prepare-bench.ts';
import { runToCome, secondsBetween } from './run-costs.ts';

export interface PlannedCell {
  readonly label: string;
  readonly settings: PreparedCell['cell']['settings'];
  /** Position of its first run in the order, from 1. */
  readonly first: number;
  /** Repeats that are recorded already. */
  readonly recorded: number;
}

export interface BenchPlan {
  readonly benchmark: string;
  /** In the order in which cells first run. */
  readonly cells: readonly PlannedCell[];
  readonly runs: number;
  readonly recorded: number;
  /** Of the random order: the file's, else the one of the first start; drawn anew for a benchmark that never ran. */
  readonly seed: number;
  /** Seconds with an 80 % interval; null where nothing is known. */
  readonly estimate: SecondsLeft | null;
  readonly warnings: readonly string[];
}

export interface PlanBenchOptions {
  readonly benchmark: Benchmark;
  readonly lab: Lab;
  /** Version of encodelab. */
  readonly version: string;
  /** Encode a second of video for each kind of run that was never timed. */
  readonly probe: boolean;
  /** The guest's machine, where a session streams; this one where it is left out. */
  readonly guest?: Environment | null | undefined;
  readonly onNote: (text: string) => void;
}

/** More recorded runs than any benchmark has. */
const MOST_RUNS = 1e9;
/** A plan is quick: more combinations of parameters are tried by `bench run` only. */
const MAX_TRIALS = 32;
/** Short encodes for an estimate, at the most. */
const MAX_PROBES = 12;
const PROBE_FRAMES = 24;
const PROBE_TIMEOUT_MS = 20_000;
/** Runs that the forecast looks at; a longer plan is scaled up from them. */
const MAX_FORECAST_RUNS = 20_000;

/**
 * Plans a benchmark without running it.
 * @throws UserError with everything that is wrong
 */
export async function planBench(options: PlanBenchOptions): Promise<BenchPlan> {
  const { benchmark, lab } = options;
  const { cells, warnings } = await prepareBench({
    ...options,
    maxTrials: MAX_TRIALS,
    guest: options.guest ?? null,
    hasDevice: null,
  });
  const recorded = await recordedRuns(lab, cells);
  const { reasons: excluded } = await lab.catalogue.exclusions();
  const done = new Map<string, Set<number>>();
  const times = new TimeLeft();
  const betweenS = secondsBetween(recorded, benchmark);
  const byKey = new Map(cells.map((prepared) => [prepared.sameKey, prepared]));
  for (const run of recorded) {
    if (run.outcome === null || run.interrupted || run.repeat < 1 || run.repeat > benchmark.repeat) continue;
    // What a person left out is measured again.
    if (excluded.has(run.id)) continue;
    const repeats = done.get(run.sameKey) ?? new Set();
    done.set(run.sameKey, repeats.add(run.repeat));
    const { cell } = byKey.get(run.sameKey)!;
    if (run.outcome === 'ok' && run.durationS !== null)
      times.learn(runToCome(run.sameKey, cell.settings, cell.labels), run.durationS + betweenS);
  }
  const isDone = (prepared: PreparedCell, repeat: number) => done.get(prepared.sameKey)?.has(repeat) === true;
  const seed = benchmark.seed ?? (await lab.catalogue.benchmark(benchmark.name))?.seed ?? randomInt(2 ** 32);
  const toDo = cells.flatMap((prepared) =>
    Array.from({ length: benchmark.repeat }, (_, i) => i + 1).flatMap((repeat) =>
      isDone(prepared, repeat) ? [] : [prepared],
    ),
  );
  // A command may do anything: it is not run for an estimate.
  const encodes = toDo.filter(({ work }) => work.kind === 'encode');
  if (options.probe) await probeGroups(encodes, times, options);
  for (const { work, sameKey, cell } of toDo)
    if (work.kind === 'stream' && !times.knows(runToCome(sameKey, cell.settings, cell.labels).group))
      times.learn(runToCome(sameKey, cell.settings, cell.labels), work.durationS + betweenS);
  return {
    benchmark: benchmark.name,
    cells: inOrder(benchmark, cells, seed, done),
    runs: byKey.size * benchmark.repeat,
    recorded: [...done.values()].reduce((sum, repeats) => sum + repeats.size, 0),
    seed,
    estimate: forecast(toDo, times),
    warnings,
  };
}

/** Results of the planned cells, whichever benchmark made them. */
async function recordedRuns(lab: Lab, cells: readonly PreparedCell[]): Promise<RunRecord[]> {
  // A lab has fewer runs than a large plan has cells: then it is quicker to look the other way round.
  if ((await lab.catalogue.countRuns({})) > cells.length)
    return lab.catalogue.runs({ sameKeys: cells.map(({ sameKey }) => sameKey), limit: MOST_RUNS });
  const planned = new Set(cells.map(({ sameKey }) => sameKey));
  return (await lab.catalogue.runs({ limit: MOST_RUNS })).filter(({ sameKey }) => planned.has(sameKey));
}

function inOrder(
  benchmark: Benchmark,
  cells: readonly PreparedCell[],
  seed: number,
  done: ReadonlyMap<string, ReadonlySet<number>>,
): PlannedCell[] {
  const planned: PlannedCell[] = [];
  for (const step of planSteps({ ...benchmark, repeat: 1, warmup: 0 }, seed)) {
    if (step.kind !== 'run') continue;
    const { sameKey } = cells[step.cell.index]!;
    planned.push({
      label: step.cell.label,
      settings: step.cell.settings,
      first: planned.length + 1,
      recorded: done.get(sameKey)?.size ?? 0,
    });
  }
  return planned;
}

/** Times a short encode for each kind of run that nothing is known of. */
async function probeGroups(toDo: readonly PreparedCell[], times: TimeLeft, options: PlanBenchOptions): Promise<void> {
  const unknown = new Map<string, PreparedCell>();
  for (const prepared of toDo) {
    const { group } = runToCome(prepared.sameKey, prepared.cell.settings, prepared.cell.labels);
    if (!times.knows(group) && !unknown.has(group)) unknown.set(group, prepared);
    if (unknown.size > MAX_PROBES) {
      options.onNote('too many kinds of runs to time a short encode of each: the estimate rests on recorded runs');
      return;
    }
  }
  if (unknown.size > 0)
    options.onNote(`timing ${unknown.size} short encodes for the estimate (--no-probe leaves them out)`);
  for (const prepared of unknown.values()) {
    const seconds = await probe(prepared, options.benchmark.quality);
    if (seconds !== null)
      times.learn(runToCome(prepared.sameKey, prepared.cell.settings, prepared.cell.labels), seconds);
  }
}

/** Seconds that the whole run would take, from the rate of its first frames; null where that failed. */
async function probe({ work, source }: PreparedCell, quality: Benchmark['quality']): Promise<number | null> {
  if (work.kind !== 'encode' || source === null) return null;
  const { parameters } = work;
  const [first, last] = parameters.frames ?? [0, source.video.frames - 1];
  const frames = Math.min(PROBE_FRAMES, last - first + 1);
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-probe-'));
  const phases: PhaseRow[] = [];
  const ignore = () => undefined;
  try {
    const began = performance.now();
    const running = engineOf(parameters.engine).start(
      {
        parameters: { ...parameters, frames: [first, first + frames - 1], expectedFrames: null },
        source: source.path,
        output: join(folder, 'probe.mkv'),
      },
      { frames: ignore, steps: ignore, phase: (row) => phases.push(row), progress: ignore },
      { timeoutMs: PROBE_TIMEOUT_MS },
    );
    if ((await running.ready) !== null) running.begin();
    const { outcome } = await running.result;
    if (outcome !== 'ok') return null;
    const wallS = (performance.now() - began) / 1000;
    const codingS = phases
      .filter(({ phase }) => phase === 'encode' || phase === 'flush')
      .reduce((sum, { startUs, endUs }) => sum + (endUs - startUs) / 1e6, 0);
    const job = { ...parameters, frames: [first, first + frames - 1] as const };
    const scoringS = quality === null ? 0 : await timeScores(join(folder, 'probe.mkv'), source.path, job, quality);
    return wallS - codingS + ((codingS + scoringS) / frames) * (last - first + 1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds that comparing the pictures takes, by the usual metrics: VMAF is slower, and not waited for here. */
async function timeScores(
  output: string,
  source: string,
  timing: PictureTiming,
  { metrics }: QualityWanted,
): Promise<number> {
  const began = performance.now();
  const job = {
    source,
    output,
    timing,
    metrics: metrics.filter((metric) => metric !== 'vmaf'),
    vmaf: null,
    pictures: null,
  };
  if (job.metrics.length === 0) return 0;
  await measureQuality(job, { scores: () => undefined, progress: () => undefined }, { timeoutMs: PROBE_TIMEOUT_MS });
  return (performance.now() - began) / 1000;
}

function forecast(toDo: readonly PreparedCell[], times: TimeLeft): SecondsLeft | null {
  const looked = toDo.slice(0, MAX_FORECAST_RUNS);
  const sum = times.forecast(looked.map(({ sameKey, cell }) => runToCome(sameKey, cell.settings, cell.labels)));
  if (sum === null || looked.length === toDo.length) return sum;
  const scale = toDo.length / looked.length;
  return { low: sum.low * scale, middle: sum.middle * scale, high: sum.high * scale };
}
