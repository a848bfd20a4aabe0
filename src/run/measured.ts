// What comes from the engine and the probes, on its way into the recording and into the metrics.

import type { Indicator } from '#core/indicator';
import type { FrameBatch, PhaseRow, SeriesBatch, StepBatch } from '#core/recording';
import type { EncodeColumns } from '#analysis/run-metrics';
import type { RunGroup } from '#measure/run-group';
import type { Sampler } from '#measure/sampler';
import type { Recorder } from '#recording/recorder';
import { ColumnCollector, joinColumns } from './column-collector.ts';
import { HostMeans } from './host-means.ts';

/** Phases that frames pass through. */
const CODING = ['encode', 'flush'];

export class Measured {
  readonly #agent: string;
  readonly #streams: number;
  readonly #columns: readonly ColumnCollector[];
  /** Those of the sampler, then those of a pipeline's elements as they come. */
  #indicators: Indicator[] = [];
  readonly #phases: PhaseRow[] = [];
  /** CPU seconds that the processes used to start: none of the encode's. */
  #cpuBeforeS = NaN;
  #means: HostMeans | null = null;
  #recorder: Recorder | null = null;

  /**
   * @param agent in the rows of series
   * @param streams that the run encodes at once; 0 where it writes none that could be read
   */
  constructor(agent: string, streams: number) {
    this.#agent = agent;
    this.#streams = streams;
    this.#columns = Array.from({ length: Math.max(1, streams) }, () => new ColumnCollector());
  }

  begin(sampler: Sampler, recorder: Recorder): void {
    this.#means = new HostMeans(sampler.indicators);
    this.#indicators = [...sampler.indicators];
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

  addSeries(batch: SeriesBatch): void {
    this.#means?.add(batch);
    this.#recorder?.addSeries(batch);
  }

  addFrames(stream: number, batch: FrameBatch): void {
    this.#columns[stream]!.addFrames(batch);
    this.recorder.addFrames(batch);
  }

  addSteps(batch: StepBatch): void {
    // Times of steps are summed up over all streams: whose they are makes no difference.
    this.#columns[0]!.addSteps(batch);
    this.recorder.addSteps(batch);
  }

  /** Times of a pipeline's element: monotonic microseconds, and seconds. */
  addElements(element: string, timeUs: Float64Array, value: Float64Array): void {
    const name = `element.${element}.latency`;
    let indicator = this.#indicators.findIndex((known) => known.name === name);
    if (indicator < 0) {
      indicator = this.#indicators.length;
      const description = `time that a buffer spent in ${element}, from its way in to its way out`;
      this.#indicators.push({ name, unit: 's', description });
      this.recorder.setIndicators(this.#indicators);
    }
    const column = new Uint16Array(timeUs.length).fill(indicator);
    this.recorder.addSeries({ agent: this.#agent, indicator: column, timeUs, value });
  }

  /** Those that have ended. */
  get phases(): readonly PhaseRow[] {
    return this.#phases;
  }

  addPhase(row: PhaseRow): void {
    this.#phases.push(row);
    this.recorder.addPhases([row]);
  }

  /** Everything that metrics are computed from; NaN for what was not told. */
  columns(group: RunGroup): EncodeColumns {
    const coding = this.#phases.filter(({ phase }) => CODING.includes(phase));
    const use = group.read();
    const mean = (...names: string[]) => firstKnown(names.map((name) => this.#means?.mean(name)));
    const total = (...names: string[]) => firstKnown(names.map((name) => this.#means?.total(name)));
    return {
      ...joinColumns(this.#columns.map((columns) => columns.columns())),
      streams: this.#streams,
      encodeWallS: span(coding),
      encodeCpuS: coding.length === 0 ? NaN : coding.reduce((sum, { cpuS }) => sum + (cpuS ?? NaN), 0),
      wallS: span(this.#phases),
      cpuS: (use.cpuS ?? NaN) - this.#cpuBeforeS,
      memoryPeak: use.memoryPeak ?? NaN,
      hostBusy: mean('cpu.busy'),
      hostSteal: mean('cpu.steal'),
      hostFrequency: mean('cpu.frequency'),
      hostPower: total('power.package'),
      gpuBusy: mean('gpu.busy'),
      gpuVideo: mean('gpu.encoder', 'gpu.video', 'encoder.gpu.video'),
      gpuPower: total('gpu.power'),
    };
  }
}

function firstKnown(values: readonly (number | undefined)[]): number {
  return values.find((value) => value !== undefined && !Number.isNaN(value)) ?? NaN;
}

/** Seconds from the first phase's start to the last one's end. */
function span(phases: readonly PhaseRow[]): number {
  if (phases.length === 0) return NaN;
  const start = Math.min(...phases.map(({ startUs }) => startUs));
  return (Math.max(...phases.map(({ endUs }) => endUs)) - start) / 1e6;
}
