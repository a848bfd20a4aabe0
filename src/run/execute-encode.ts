// Executes one encode under probes and keeps it: the only way in which an encode becomes a Run.

import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '#core/environment';
import { OUTPUT_FILE, PHASES, type PhaseRow } from '#core/recording';
import type { RunRecord } from '#core/run';
import type { Settings } from '#core/settings';
import { encodeMetrics } from '#analysis/run-metrics';
import type { Lab } from '#lab/lab';
import { createRunGroup, type RunGroup } from '#measure/run-group';
import { startSampler, type Sampler } from '#measure/sampler';
import { engineOf } from '#media/engine';
import type { EncodeResult } from '#media/running-encode';
import type { EncodeParameters } from '#media/encode-settings';
import { fileIdentity } from '#media/inspect-cache';
import { startRecording, type Recorder } from '#recording/recorder';
import { monotonicUs, newId } from '#system/clock';
import { ColumnCollector } from './column-collector.ts';
import { HostMeans } from './host-means.ts';

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
  readonly parameters: EncodeParameters;
  /** A file or `lavfi:GRAPH`. */
  readonly source: string;
  /** Of the source's file (`fileIdentity`) when it was inspected; null where it is none. */
  readonly sourceIdentity: string | null;
  readonly identity: RunIdentity;
  /** Sampling interval of the probes, milliseconds. */
  readonly intervalMs: number;
  /** Seconds; null for the default limit. */
  readonly timeoutS: number | null;
  readonly keepOutput: boolean;
  /** Ends the run, which is then interrupted and no result. */
  readonly signal?: AbortSignal | undefined;
  /** Share of the frames that are encoded, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** A run that takes longer hangs: nobody benchmarks with a single encode of more than twelve hours unasked. */
const DEFAULT_TIMEOUT_S = 12 * 3600;
const AGENT = 'local';

/**
 * Runs one encode in a process of its own. What goes wrong in it is an outcome of the run.
 * @throws UserError where the recording or the catalogue can't be written
 */
export async function executeEncode(options: ExecuteOptions): Promise<RunRecord> {
  const { lab, environment, identity } = options;
  const id = newId();
  const run: RunRecord = {
    id,
    kind: 'encode',
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
  const measured = new Measured();
  const sampler = startSampler({
    agent: AGENT,
    intervalMs: options.intervalMs,
    onBatch: (batch) => measured.addSeries(batch),
  });
  try {
    measured.begin(
      sampler,
      await startRecording(folder, {
        run: id,
        kind: 'encode',
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
    const result = await encode(options, folder, group, sampler, measured);
    sampler.stop();
    const changed = await isChanged(options);
    const stopped = options.signal?.aborted === true && result.outcome !== 'ok';
    const interrupted = stopped || changed || result.unwritable;
    const metrics = encodeMetrics(measured.columns(group));
    const end = {
      outcome: result.outcome,
      reason: changed
        ? 'the source was changed while it was encoded'
        : result.outcome === 'ok'
          ? null
          : joinReason(result),
      interrupted,
      durationS: (performance.now() - beganAt) / 1000,
      metrics,
    };
    await measured.recorder.finish(result.outcome === 'ok' ? 'complete' : 'partial', {
      absent: sampler.absent,
      actual: result.actual,
      result: { ...run, ...end },
    });
    await lab.catalogue.endRun(id, end);
    return { ...run, ...end };
  } finally {
    sampler.stop();
    await group.remove();
  }
}

/** A file that is gone by now was read to its end all the same; one that is another now may have changed in the middle. */
async function isChanged({ source, sourceIdentity }: ExecuteOptions): Promise<boolean> {
  const now = sourceIdentity === null ? null : await fileIdentity(source);
  return now !== null && now !== sourceIdentity;
}

async function encode(
  options: ExecuteOptions,
  folder: string,
  group: RunGroup,
  sampler: Sampler,
  measured: Measured,
): Promise<EncodeResult> {
  const output = join(folder, OUTPUT_FILE);
  const running = engineOf(options.parameters.engine).start(
    { parameters: options.parameters, source: options.source, output },
    {
      frames: (batch) => measured.addFrames(batch),
      steps: (batch) => measured.addSteps(batch),
      phase: (row) => {
        // A short run ends between two samples of its memory: here it is looked at as well.
        group.read();
        measured.addPhase(row);
      },
      progress: ({ frames, of }) => {
        if (of !== null && of > 0) options.onProgress?.(Math.min(1, frames / of));
      },
    },
    {
      timeoutMs: (options.timeoutS ?? DEFAULT_TIMEOUT_S) * 1000,
      signal: options.signal,
      cacheFolder: options.lab.cacheFolder,
      enter: (command, args) => group.enter(command, args),
    },
  );
  const pid = await running.ready;
  if (pid !== null) {
    group.add(pid, 'entered');
    sampler.follow(pid, group.account);
    measured.countFrom(group.read().cpuS, monotonicUs());
    running.begin();
  }
  const result = await running.result;
  if (!options.keepOutput || result.outcome !== 'ok') await rm(output, { force: true });
  return result;
}

/** What comes from the engine and the probes, on its way into the recording and into the metrics. */
class Measured {
  readonly #columns = new ColumnCollector();
  readonly #phases: PhaseRow[] = [];
  /** CPU seconds that the child used to start: none of the encode's. */
  #cpuBeforeS = NaN;
  #means: HostMeans | null = null;
  #recorder: Recorder | null = null;

  begin(sampler: Sampler, recorder: Recorder): void {
    this.#means = new HostMeans(sampler.indicators);
    this.#recorder = recorder;
  }

  /** The encode begins now. */
  countFrom(cpuS: number | null, timeUs: number): void {
    this.#cpuBeforeS = cpuS ?? NaN;
    this.#means?.countFrom(timeUs);
  }

  get recorder(): Recorder {
    return this.#recorder!;
  }

  addSeries(batch: Parameters<Recorder['addSeries']>[0]): void {
    this.#means?.add(batch);
    this.#recorder?.addSeries(batch);
  }

  addFrames(batch: Parameters<Recorder['addFrames']>[0]): void {
    this.#columns.addFrames(batch);
    this.recorder.addFrames(batch);
  }

  addSteps(batch: Parameters<Recorder['addSteps']>[0]): void {
    this.#columns.addSteps(batch);
    this.recorder.addSteps(batch);
  }

  addPhase(row: PhaseRow): void {
    this.#phases.push(row);
    this.recorder.addPhases([row]);
  }

  columns(group: RunGroup) {
    const total = (pick: (row: PhaseRow) => number, ...names: string[]) => {
      const rows = this.#phases.filter(({ phase }) => names.includes(phase));
      return rows.length < names.length ? NaN : rows.reduce((sum, row) => sum + pick(row), 0);
    };
    const seconds = ({ startUs, endUs }: PhaseRow) => (endUs - startUs) / 1e6;
    const cpu = ({ cpuS }: PhaseRow) => cpuS ?? NaN;
    const use = group.read();
    const mean = (name: string) => this.#means?.mean(name) ?? NaN;
    return {
      ...this.#columns.columns(),
      encodeWallS: total(seconds, 'encode', 'flush'),
      encodeCpuS: total(cpu, 'encode', 'flush'),
      wallS: total(seconds, ...PHASES),
      cpuS: (use.cpuS ?? NaN) - this.#cpuBeforeS,
      memoryPeak: use.memoryPeak ?? NaN,
      hostBusy: mean('cpu.busy'),
      hostSteal: mean('cpu.steal'),
      hostFrequency: mean('cpu.frequency'),
    };
  }
}

function joinReason({ reason, logTail }: EncodeResult): string {
  const log = logTail.trim();
  return log === '' || reason?.includes(log) === true
    ? (reason ?? 'no reason is known')
    : `${reason ?? 'no reason is known'}\n${log}`;
}
