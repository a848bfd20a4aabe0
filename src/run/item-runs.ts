// Runs of work items: each encode that a worker does is a Run like a benchmark's, a slice of the worker's rolling recording.

import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '#core/environment';
import type { PhaseRow } from '#core/recording';
import type { Outcome, RunRecord } from '#core/run';
import type { Settings } from '#core/settings';
import { encodeMetrics } from '#analysis/run-metrics';
import { ROLLING, type Lab } from '#lab/lab';
import { readEnvironment } from '#measure/environment';
import { createRunGroup, type RunGroup } from '#measure/run-group';
import { startSampler, type Sampler } from '#measure/sampler';
import type { EncodeSink } from '#media/running-encode';
import { RollingRecorder, type RunSlice } from '#recording/rolling-recorder';
import { newId } from '#system/clock';
import { ColumnCollector } from './column-collector.ts';
import { HostMeans } from './host-means.ts';
import { ItemShape, type ItemOfTitle } from './item-shape.ts';
import { sameKey } from './same-key.ts';
import { machineName } from './work-features.ts';

const AGENT = 'worker';
/** Host series of a worker: its items take from seconds to hours. */
const SAMPLE_MS = 1_000;
const CODING = ['encode', 'flush'];

export interface ItemRunsStart {
  readonly lab: Lab;
  /** Of encodelab. */
  readonly version: string;
}

/** What one output of an item is. */
export interface ItemIdentity {
  /** `film 00007 v1-h264-720`: stands where a benchmark's run has its cell. */
  readonly label: string;
  readonly settings: Settings;
  readonly sourceHash: string;
}

export interface ItemEnd {
  readonly outcome: Outcome;
  readonly reason: string | null;
  /** True where the worker ended or lost the item: it says nothing about the encode. */
  readonly interrupted: boolean;
  readonly encoderBuild: string;
  /** CPU seconds of this output, the shared work in equal parts; null where not known. */
  readonly cpuS: number | null;
}

/** The runs of one attempt of an item, one for each output; they share a process. */
export interface ItemRun {
  readonly sinks: readonly EncodeSink[];
  /** Puts the child into the group that counts its CPU and memory. */
  readonly enter: RunGroup['enter'];
  began(pid: number): void;
  /** To be called once, whatever happened. @returns the ids of the runs, in the order of the outputs */
  end(ends: readonly ItemEnd[]): Promise<string[]>;
}

export class ItemRuns {
  readonly #lab: Lab;
  readonly #environment: Environment;
  readonly #sampler: Sampler;
  readonly #rolling: RollingRecorder;
  readonly #means = new Set<HostMeans>();

  private constructor(lab: Lab, environment: Environment) {
    this.#lab = lab;
    this.#environment = environment;
    this.#sampler = startSampler({
      agent: AGENT,
      intervalMs: SAMPLE_MS,
      onBatch: (batch) => {
        for (const means of this.#means) means.add(batch);
        this.#rolling.addSeries(batch);
      },
    });
    this.#rolling = new RollingRecorder({
      root: join(lab.path, ROLLING),
      environment,
      agent: { name: AGENT, role: AGENT, host: hostname() },
      indicators: this.#sampler.indicators,
    });
  }

  static async start({ lab, version }: ItemRunsStart): Promise<ItemRuns> {
    return new ItemRuns(lab, await readEnvironment({ encodelab: version, node: process.versions.node }));
  }

  /** CPU model and count of cores, as shapes name them. */
  get machine(): string {
    return machineName(this.#environment);
  }

  /** Measures an item from now on, whatever its kind; the caller has to end it. */
  shape(item: ItemOfTitle): Promise<ItemShape> {
    return ItemShape.begin(item, (rows) => this.#rolling.addShapes(rows));
  }

  /**
   * @param shape of the item whose encode this is
   * @throws UserError where the disk does not take it
   */
  async begin(identities: readonly ItemIdentity[], shape: ItemShape | null = null): Promise<ItemRun> {
    const group = await createRunGroup(newId());
    const startedAt = new Date().toISOString();
    const beganAt = performance.now();
    const means = new HostMeans(this.#sampler.indicators);
    const runs = await Promise.all(
      identities.map(async (identity) => {
        const id = newId();
        return new OutputRun(id, identity, await this.#rolling.begin(id));
      }),
    );
    return {
      sinks: runs.map((run) => run.sink),
      enter: (command, args) => group.enter(command, args),
      began: (pid) => {
        group.add(pid, 'entered');
        shape?.follow(group, pid);
        means.countFrom(0);
        this.#means.add(means);
      },
      end: async (ends) => {
        this.#means.delete(means);
        const { memoryPeak } = group.read();
        shape?.engineEnded(runs[0]!.id, jointPhases(runs));
        await group.remove();
        const durationS = (performance.now() - beganAt) / 1000;
        const ended = runs.map((run, i) => {
          const key = sameKey(
            { kind: 'encode', ...run.identity, encoderBuild: ends[i]!.encoderBuild },
            this.#environment,
          );
          // Beside others at work it is no measurement that a benchmark could take for its own.
          return run.end(ends[i]!, { startedAt, durationS, memoryPeak, means, sameKey: `item ${key}` });
        });
        await this.#lab.catalogue.restoreRuns(ended);
        return ended.map(({ id }) => id);
      },
    };
  }

  /** @throws UserError where the disk did not take something */
  async close(): Promise<void> {
    this.#sampler.stop();
    await this.#rolling.close();
  }
}

/** Outputs of one item are made at once, and have the same phases, in two passes each of them twice. */
function jointPhases(runs: readonly OutputRun[]): PhaseRow[] {
  return (runs[0]?.phases ?? []).map(({ phase }, i) => {
    const rows = runs.flatMap(({ phases }) => phases[i] ?? []);
    return {
      phase,
      startUs: Math.min(...rows.map(({ startUs }) => startUs)),
      endUs: Math.max(...rows.map(({ endUs }) => endUs)),
      cpuS: rows.reduce((sum: number | null, { cpuS }) => (sum === null || cpuS === null ? null : sum + cpuS), 0),
    };
  });
}

interface Around {
  readonly startedAt: string;
  readonly durationS: number;
  readonly memoryPeak: number | null;
  readonly means: HostMeans;
  readonly sameKey: string;
}

class OutputRun {
  readonly id: string;
  readonly identity: ItemIdentity;
  readonly slice: RunSlice;
  readonly #columns = new ColumnCollector();
  readonly phases: PhaseRow[] = [];
  readonly sink: EncodeSink;

  constructor(id: string, identity: ItemIdentity, slice: RunSlice) {
    this.id = id;
    this.identity = identity;
    this.slice = slice;
    this.sink = {
      frames: (batch) => {
        this.#columns.addFrames(batch);
        slice.addFrames(batch);
      },
      steps: (batch) => {
        this.#columns.addSteps(batch);
        slice.addSteps(batch);
      },
      phase: (row) => {
        this.phases.push(row);
        slice.addPhase(row);
      },
      progress: () => undefined,
    };
  }

  end({ outcome, reason, interrupted, cpuS }: ItemEnd, around: Around): RunRecord {
    const { startedAt, durationS, memoryPeak, means, sameKey: key } = around;
    const coding = this.phases.filter(({ phase }) => CODING.includes(phase));
    const metrics = encodeMetrics({
      ...this.#columns.columns(),
      streams: 1,
      encodeWallS: spanS(coding),
      encodeCpuS: coding.length === 0 ? NaN : coding.reduce((sum, row) => sum + (row.cpuS ?? NaN), 0),
      wallS: spanS(this.phases),
      cpuS: cpuS ?? NaN,
      memoryPeak: memoryPeak ?? NaN,
      hostBusy: means.mean('cpu.busy'),
      hostSteal: means.mean('cpu.steal'),
      hostFrequency: means.mean('cpu.frequency'),
      hostPower: means.total('power.package'),
      gpuBusy: means.mean('gpu.busy'),
      gpuVideo: means.mean('gpu.encoder'),
      gpuPower: means.total('gpu.power'),
    });
    const { label, settings } = this.identity;
    const record: RunRecord = {
      id: this.id,
      kind: 'encode',
      benchmark: null,
      cell: label,
      repeat: 1,
      settings,
      labels: [],
      sameKey: key,
      outcome,
      reason,
      interrupted,
      startedAt,
      durationS,
      metrics,
      recording: `${ROLLING}/${this.slice.recording}`,
    };
    const times = this.phases.flatMap(({ startUs, endUs }) => [startUs, endUs]);
    this.slice.end({ record, startUs: Math.min(...times), endUs: Math.max(...times) });
    return record;
  }
}

/** Seconds from the first phase's start to the last one's end. */
function spanS(phases: readonly PhaseRow[]): number {
  if (phases.length === 0) return NaN;
  return (Math.max(...phases.map(({ endUs }) => endUs)) - Math.min(...phases.map(({ startUs }) => startUs))) / 1e6;
}
