// Everything that can be checked before the first encode: sources, encoders, parameters. What is wrong ends here.

import { HOOK_ROLES, type Benchmark, type Cell } from '#core/benchmark';
import type { Environment } from '#core/environment';
import { BUNDLED_ENGINE } from '#core/engine';
import { nearestName } from '#core/nearest-name';
import { QUALITY_METRICS } from '#core/quality';
import type { SourceInfo } from '#core/source';
import { UserError, type Problem } from '#core/user-error';
import { qualityMetricNames } from '#analysis/quality-metrics';
import { encodeMetricNames } from '#analysis/run-metrics';
import { sessionMetricNames } from '#analysis/session-metrics';
import type { Lab } from '#lab/lab';
import { findVmafEngine } from '#media/quality/measure-quality';
import type { RunWork } from '#run/run-work';
import { vmafCandidates } from '#run/score-run';
import { inspectSources } from './bench-sources.ts';
import { CellProblems, MAX_PROBLEMS } from './cell-problems.ts';
import { prepareCommands } from './prepare-commands.ts';
import { prepareEncodes } from './prepare-encodes.ts';
import { prepareStreams, type StreamWork } from './prepare-streams.ts';
import { agentCommands } from './session-warnings.ts';
import { isStreaming } from './streaming-session.ts';

export interface PreparedCell {
  readonly cell: Cell;
  readonly work: RunWork | StreamWork;
  /** With the versions of what carries it out. */
  readonly environment: Environment;
  /** Null where a command makes its own pictures. */
  readonly source: SourceInfo | null;
  /** Of the source's file when it was inspected; null for a generated one. */
  readonly sourceIdentity: string | null;
  readonly sameKey: string;
  /** The user's own program that carries it out; null for the bundled engine. */
  readonly program: BenchProgram | null;
}

/** A program as it was when the bench began: the build that runs are kept under. */
export interface BenchProgram {
  readonly path: string;
  /** Of its file (`fileIdentity`). */
  readonly identity: string | null;
}

export interface PreparedBench {
  readonly cells: readonly PreparedCell[];
  readonly warnings: readonly string[];
}

export interface PrepareOptions {
  readonly benchmark: Benchmark;
  readonly lab: Lab;
  /** Version of encodelab. */
  readonly version: string;
  readonly signal?: AbortSignal | undefined;
  /** Trial encodes at the most; those beyond are left out and told by `onNote`. */
  readonly maxTrials: number;
  readonly onNote: (text: string) => void;
  /** The machine that encodes, where a session streams; null for this one. */
  readonly guest: Environment | null;
  /** Whether our encoder runs in the guest of a SPICE desktop; null where no live system is there yet: the settings tell. */
  readonly hasDevice: boolean | null;
}

/**
 * Inspects every source, resolves every cell, and tries every parameter value once in an encode of two frames.
 * @throws UserError with all that is wrong, each problem once
 */
export async function prepareBench(options: PrepareOptions): Promise<PreparedBench> {
  const { benchmark } = options;
  // What is wrong is told at once, whichever look at it finds it.
  const problems: Problem[] = [];
  const look = async <T>(check: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(...error.problems);
      return null;
    }
  };
  if (!isStreaming(benchmark.session)) await look(() => refuseHooksOfAgents(benchmark));
  await look(() => refuseUnknownMetrics(benchmark));
  const prepared = await look(() => prepareCells(options));
  if (problems.length > 0 || prepared === null) throw new UserError(problems);
  const notMeasured = await unmeasuredQuality(benchmark);
  const warnings = [...new Set([...benchmark.warnings, ...notMeasured, ...prepared.warnings])];
  return { cells: prepared.cells, warnings };
}

async function prepareCells(options: PrepareOptions): Promise<PreparedBench> {
  const { benchmark } = options;
  const problems = new CellProblems(benchmark);
  if (isStreaming(benchmark.session)) return prepareStreams(options, problems);
  const sources = await inspectSources(options);
  const prepare = benchmark.session === 'encode' ? prepareEncodes : prepareCommands;
  return prepare(options, sources, problems);
}

/** VMAF that is asked for and can't be had is told before the first run, not by an empty column after the last. */
async function unmeasuredQuality({ quality, cells }: Benchmark): Promise<string[]> {
  if (quality === null || !quality.metrics.includes('vmaf')) return [];
  const engines = new Set(cells.map(({ settings }) => String(settings['engine'] ?? BUNDLED_ENGINE)));
  const found = await Promise.all([...engines].map((engine) => findVmafEngine(vmafCandidates(quality, engine))));
  return [...new Set(found.flatMap((one) => ('reason' in one ? `VMAF will not be measured: ${one.reason}` : [])))];
}

function refuseUnknownMetrics({ session, thresholds, command, quality }: Benchmark): void {
  refuseUnmeasured(thresholds, quality, session);
  const streams = isStreaming(session);
  const known = [
    ...(streams ? sessionMetricNames() : encodeMetricNames()),
    ...qualityMetricNames(),
    ...(command?.metrics.map(({ name }) => name) ?? []),
  ];
  // The elements of a pipeline are known when it runs.
  const isElement = (name: string) => command?.gstreamer === true && name.startsWith('element.');
  // Indicators are known when the agent of their role is there.
  const isIndicator = (name: string) => streams && HOOK_ROLES.some((role) => name.startsWith(`${role}.`));
  const unknown = thresholds.filter(
    ({ metric, statistic }) =>
      !known.includes(metric) &&
      !known.includes(`${metric} ${statistic}`) &&
      !isElement(metric) &&
      !isIndicator(metric),
  );
  if (unknown.length === 0) return;
  throw new UserError(
    unknown.map(({ metric, where }) => {
      const near = nearestName(metric, known);
      const what = `a run has no metric "${metric}"${near === null ? '' : `: did you mean ${near}?`}`;
      return { what, where, todo: 'docs/metrics.md lists them' };
    }),
  );
}

/** A threshold on a score that nobody measures could never be met. */
function refuseUnmeasured(
  thresholds: Benchmark['thresholds'],
  quality: Benchmark['quality'],
  session: Benchmark['session'],
): void {
  const measured: readonly string[] = quality?.metrics ?? [];
  const missing = thresholds.flatMap(({ metric, where }) => {
    const score = QUALITY_METRICS.find((name) => new RegExp(`^quality\\.${name}\\b`).test(metric));
    return score === undefined || measured.includes(score) ? [] : [{ metric, score, where }];
  });
  if (missing.length === 0) return;
  throw new UserError(
    missing.map(({ metric, score, where }) => ({
      what: `${metric} has a threshold, and this benchmark does not measure ${score}`,
      where,
      todo:
        session === 'spice'
          ? 'take it out: pictures of a SPICE session are not compared'
          : `write quality: [${[...measured, score].join(', ')}]`,
    })),
  );
}

function refuseHooksOfAgents(benchmark: Benchmark): void {
  const foreign = agentCommands(benchmark);
  if (foreign.length === 0) return;
  throw new UserError(
    foreign.slice(0, MAX_PROBLEMS).map(({ role, where }) => ({
      what: `this hook is for the ${role}, and this session has no agent there`,
      where,
      todo: 'a hook without a role runs on this machine',
    })),
  );
}
