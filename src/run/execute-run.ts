// Executes one run under probes and keeps it: the only way in which an encode or a command becomes a Run.

import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '#core/environment';
import type { Metrics } from '#core/metric';
import type { ProfileWanted } from '#core/profile';
import type { QualityWanted } from '#core/quality';
import { isOutput, isPassing } from '#core/recording';
import type { RunRecord } from '#core/run';
import type { Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { encodeMetrics } from '#analysis/run-metrics';
import type { Lab } from '#lab/lab';
import { createRunGroup, type RunGroup } from '#measure/run-group';
import { startSampler, type Sampler } from '#measure/sampler';
import { fileIdentity } from '#media/inspect-cache';
import type { CommandWatch, EncodeResult } from '#media/running-encode';
import { startRecording } from '#recording/recorder';
import { monotonicUs, newId } from '#system/clock';
import { Measured } from './measured.ts';
import { NOT_PROFILED, RunProfiler } from './profile-run.ts';
import { startWork, timingOf, type RunWork, type StartedWork } from './run-work.ts';
import { scoreRun, type ScoredRun } from './score-run.ts';
import { runFeatures } from './work-features.ts';
import { WorkMeter } from './work-meter.ts';
import { shapeRows } from './work-shape.ts';

/** Who the run is in the catalogue. */
export interface RunIdentity {
  readonly benchmark: string | null;
  readonly cell: string | null;
  readonly repeat: number;
  readonly settings: Settings;
  readonly labels: readonly string[];
  readonly sameKey: string;
}

export interface ExecuteOptions {
  readonly lab: Lab;
  readonly environment: Environment;
  readonly work: RunWork;
  /** Of the source's file (`fileIdentity`) when it was inspected; null where it is none. */
  readonly sourceIdentity: string | null;
  /** The source as it was inspected, for the run's shape; null or left out where nothing is known of it. */
  readonly sourceInfo?: SourceInfo | null | undefined;
  readonly identity: RunIdentity;
  /** Sampling interval of the probes, milliseconds. */
  readonly intervalMs: number;
  /** Seconds; null for the default limit. */
  readonly timeoutS: number | null;
  readonly keepOutput: boolean;
  /** What is measured of the pictures, after the run and apart from it; null for nothing. */
  readonly quality: QualityWanted | null;
  /** How its profile is taken; null or left out for none. */
  readonly profile?: ProfileWanted | null | undefined;
  /** Sees a command's process: for who shows what it prints, and hands signals on. */
  readonly commandWatch?: CommandWatch | undefined;
  /** Ends the run, which is then interrupted and no result. */
  readonly signal?: AbortSignal | undefined;
  /** Gives its profile up; `signal` where it is left out. Else that of a run that was ended is kept. */
  readonly profileSignal?: AbortSignal | undefined;
  /** Share of the frames that are encoded, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** A run that takes longer hangs: nobody benchmarks with a single encode of more than twelve hours unasked. */
const DEFAULT_TIMEOUT_S = 12 * 3600;
const AGENT = 'local';

/**
 * Runs one encode, several at once, or a command, each in a process of its own. What goes wrong in it is an outcome of
 * the run.
 * @throws UserError where the recording or the catalogue can't be written
 */
export async function executeRun(options: ExecuteOptions): Promise<RunRecord> {
  const { lab, environment, identity, work } = options;
  const id = newId();
  const run: RunRecord = {
    id,
    kind: work.kind,
    ...identity,
    outcome: null,
    reason: null,
    interrupted: false,
    startedAt: new Date().toISOString(),
    durationS: null,
    metrics: {},
    recording: lab.recordingPath(id),
  };
  const folder = lab.recordingFolder(id);
  const beganAt = performance.now();
  const group = await createRunGroup(id);
  // Of what the run itself uses it is no part; of the whole piece of work it is.
  const checks = await createRunGroup(newId());
  const measured = new Measured(AGENT, work.kind === 'command' && work.spec.output === null ? 0 : work.concurrent);
  const sampler = startSampler({
    agent: AGENT,
    intervalMs: options.intervalMs,
    onBatch: (batch) => measured.addSeries(batch),
  });
  let keeps = false;
  try {
    measured.begin(
      sampler,
      await startRecording(folder, {
        run: id,
        kind: work.kind,
        settings: identity.settings,
        environment,
        agents: [{ name: AGENT, role: 'guest', host: hostname() }],
        indicators: sampler.indicators,
        anchor: { monotonicUs: monotonicUs(), utc: new Date().toISOString() },
        absent: group.reason === null ? [] : [group.reason],
        accounting: group.accounting,
      }),
    );
    await lab.catalogue.startRun(run);
    const meter = new WorkMeter();
    const started = start(options, folder, group, measured, meter, checks);
    const profiler = options.profile ? new RunProfiler(options.profile, folder) : null;
    const result = await carryOut(started, group, sampler, measured, meter, profiler).finally(() => meter.stop());
    sampler.stop();
    await profiler?.stop();
    // What was broken off, or could not be written, says nothing about the work.
    if (options.signal?.aborted !== true && !result.unwritable)
      measured.recorder.addShapes(
        shapeRows(
          {
            id,
            title: null,
            item: null,
            source: options.sourceInfo?.hash ?? null,
            features: runFeatures(work, options.sourceInfo ?? null, environment),
            outcome: result.outcome === 'ok' ? 'ok' : 'failed',
            phases: measured.phases,
            toldCpuS: null,
          },
          meter,
        ),
      );
    const scored = result.outcome === 'ok' ? await score(options, folder, started, measured) : NOT_SCORED;
    // After the pictures were compared: a source that changed before is another one for both.
    const changed = await isChanged(options);
    const stopped = options.signal?.aborted === true && (result.outcome !== 'ok' || scored.stopped);
    const interrupted = stopped || changed || result.unwritable;
    const end = {
      outcome: scored.stopped ? ('killed' as const) : result.outcome,
      reason: endReason(result, changed, scored),
      interrupted,
      durationS: (performance.now() - beganAt) / 1000,
      metrics: { ...encodeMetrics(measured.columns(group)), ...result.metrics, ...(changed ? {} : scored.metrics) },
    };
    // Apart from all that was measured: its processes are no longer watched, and its time is none of the run's.
    const profiled = (await profiler?.store(options.profileSignal ?? options.signal)) ?? NOT_PROFILED;
    await measured.recorder.finish(end.outcome === 'ok' ? 'complete' : 'partial', {
      absent: [...sampler.absent, ...result.absent, ...scored.absent, ...profiled.absent],
      actual: result.actual,
      ...(scored.header === null || changed ? {} : { quality: scored.header }),
      ...(profiled.profile === null ? {} : { profile: profiled.profile }),
      result: { ...run, ...end },
    });
    await lab.catalogue.endRun(id, end);
    keeps = end.outcome === 'ok' && options.keepOutput;
    return { ...run, ...end };
  } finally {
    sampler.stop();
    await group.remove();
    await checks.remove();
    // Nothing of the run lives any more: nobody writes into what is taken away.
    await removeOutputs(folder, keeps);
  }
}

/** What a run wrote beside its recording, whatever became of it: only a kept output stays. */
async function removeOutputs(folder: string, keepsOutput: boolean): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => []))
    if (isOutput(name) && !(keepsOutput && !isPassing(name)))
      await rm(join(folder, name), { recursive: true, force: true });
}

/** A file that is gone by now was read to its end all the same; one that is another now may have changed in the middle. */
async function isChanged({ work, sourceIdentity }: ExecuteOptions): Promise<boolean> {
  const now = sourceIdentity === null || work.source === null ? null : await fileIdentity(work.source);
  return now !== null && now !== sourceIdentity;
}

function start(
  options: ExecuteOptions,
  folder: string,
  group: RunGroup,
  measured: Measured,
  meter: WorkMeter,
  checks: RunGroup,
): StartedWork {
  return startWork(
    options.work,
    folder,
    {
      frames: (stream, batch) => measured.addFrames(stream, batch),
      steps: (batch) => measured.addSteps(batch),
      phase: (row) => {
        // A short run ends between two samples: here its memory is looked at as well, and its CPU is that of the phases so far.
        group.read();
        meter.sample();
        measured.addPhase(row);
      },
      elements: (name, timeUs, latencyS) => measured.addElements(name, timeUs, latencyS),
      share: (share) => options.onProgress?.(share),
    },
    {
      timeoutMs: (options.timeoutS ?? DEFAULT_TIMEOUT_S) * 1000,
      signal: options.signal,
      cacheFolder: options.lab.cacheFolder,
      cpuSeconds: () => group.read().cpuS,
      enter: (command, args) => group.enter(command, args),
      watch: options.commandWatch,
      checkWatch: {
        enter: (command, args) => checks.enter(command, args),
        began: (pid) => {
          checks.add(pid, 'entered');
          meter.follow(checks, pid);
        },
      },
    },
    options.profile?.javascript === true ? options.profile.frequencyHz : null,
  );
}

/** Of several encodes at once: the first that did not end well, else all of them. */
interface WorkResult extends Pick<EncodeResult, 'outcome' | 'reason' | 'logTail' | 'unwritable' | 'actual' | 'absent'> {
  readonly metrics: Metrics;
}

async function carryOut(
  { running }: StartedWork,
  group: RunGroup,
  sampler: Sampler,
  measured: Measured,
  meter: WorkMeter,
  profiler: RunProfiler | null,
): Promise<WorkResult> {
  const pids = await Promise.all(running.map(({ ready }) => ready));
  if (pids.every((pid) => pid !== null)) {
    await profiler?.begin(pids);
    for (const pid of pids) {
      group.add(pid, 'entered');
      meter.follow(group, pid);
      sampler.follow(pid, group.account);
    }
    measured.countFrom(group.read().cpuS, monotonicUs());
    for (const one of running) one.begin();
  } else {
    for (const [i, one] of running.entries()) if (pids[i] !== null) one.kill();
  }
  const results = await Promise.all(running.map(({ result }) => result));
  const bad = results.find(({ outcome }) => outcome === 'failed') ?? results.find(({ outcome }) => outcome !== 'ok');
  const shown = bad ?? results[0]!;
  return {
    ...shown,
    unwritable: results.some(({ unwritable }) => unwritable),
    absent: [...new Set(results.flatMap(({ absent }) => absent))],
    metrics: shown.metrics ?? {},
  };
}

const NOT_SCORED: ScoredRun = { header: null, metrics: {}, absent: [], stopped: false };

/** Streams of one run are equal encodes: the first one's pictures stand for all. */
async function score(
  { quality, work, signal }: ExecuteOptions,
  folder: string,
  { outputs }: StartedWork,
  measured: Measured,
): Promise<ScoredRun> {
  const output = outputs[0];
  const timing = timingOf(work);
  if (quality === null || output === undefined || timing === null || work.source === null) return NOT_SCORED;
  const engine = work.kind === 'encode' ? work.parameters.engine : null;
  return scoreRun({
    quality,
    source: work.source,
    timing,
    output,
    engine,
    folder,
    signal,
    onScores: (batch) => measured.recorder.addQuality(batch),
  });
}

function endReason(result: WorkResult, changed: boolean, scored: ScoredRun): string | null {
  if (changed) return 'the source was changed while it was encoded';
  if (scored.stopped) return 'it was told to stop while its pictures were compared';
  if (result.outcome === 'ok') return null;
  const log = result.logTail.trim();
  const reason = result.reason ?? 'no reason is known';
  return log === '' || reason.includes(log) ? reason : `${reason}\n${log}`;
}
