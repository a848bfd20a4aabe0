// Compares the pictures of a run with those of its source, after the run and apart from it: nothing of this is its CPU.

import { isExecutableEngine, PATH_ENGINE, type EngineSetting } from '#core/engine';
import type { Metrics } from '#core/metric';
import { QUALITY_COLUMNS, type QualityHeader, type QualityMetric, type QualityWanted } from '#core/quality';
import type { QualityBatch } from '#core/recording';
import { qualityMetrics } from '#analysis/quality-metrics';
import type { PictureTiming } from '#media/encode-job';
import { findVmafEngine, measureQuality, type QualityJob } from '#media/quality/measure-quality';
import { streamName } from './run-work.ts';

export interface ScoreOptions {
  readonly quality: QualityWanted;
  /** A file or `lavfi:GRAPH`. */
  readonly source: string;
  readonly timing: PictureTiming;
  /** The encoded file. */
  readonly output: string;
  /** That made it; null where a command did. */
  readonly engine: EngineSetting | null;
  /** Of the recording: pictures of the worst frames go into it. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onScores: (batch: QualityBatch) => void;
}

export interface ScoredRun {
  /** Null where nothing was scored. */
  readonly header: QualityHeader | null;
  readonly metrics: Metrics;
  /** What could not be scored, and why: `quality.vmaf: …`. */
  readonly absent: readonly string[];
  /** True where it was told to stop. */
  readonly stopped: boolean;
}

/** Frames kept as pictures of each run. */
const WORST_FRAMES = 4;

/** Never throws for what the files are: what can't be scored is absent, with the reason. */
export async function scoreRun(options: ScoreOptions): Promise<ScoredRun> {
  const { quality, source, timing, output, engine, folder, signal, onScores } = options;
  const absent: string[] = [];
  const vmaf = quality.metrics.includes('vmaf') ? await findVmafEngine(vmafCandidates(quality, engine)) : null;
  if (vmaf !== null && 'reason' in vmaf) absent.push(`quality.vmaf: ${vmaf.reason}`);
  const usable = vmaf !== null && 'ffmpeg' in vmaf ? vmaf : null;
  const metrics = quality.metrics.filter((metric) => metric !== 'vmaf' || usable !== null);
  if (metrics.length === 0) return { header: null, metrics: {}, absent, stopped: false };
  const job: QualityJob = {
    source,
    output,
    timing,
    metrics,
    vmaf: usable === null ? null : { ffmpeg: usable.ffmpeg, model: quality.vmafModel },
    pictures: { folder, count: WORST_FRAMES },
  };
  const columns = new ScoreColumns(metrics);
  const result = await measureQuality(
    job,
    {
      scores: (batch) => {
        columns.add(batch);
        onScores(batch);
      },
      progress: () => undefined,
    },
    { signal, stream: streamName(0) },
  );
  if (result.ok) {
    const lost = result.absent.map((what) => `quality.${what}`);
    const pooled = qualityMetrics(columns.values(), result.header);
    return { header: result.header, metrics: pooled, absent: [...absent, ...lost], stopped: false };
  }
  return {
    header: null,
    metrics: {},
    absent: [...absent, `quality: ${result.reason}`],
    stopped: signal?.aborted === true,
  };
}

/** The executable that the benchmark names, else the engine of the run, else the one on the PATH. */
export function vmafCandidates({ vmafEngine }: QualityWanted, engine: EngineSetting | null): string[] {
  if (vmafEngine !== null) return [vmafEngine];
  return engine !== null && isExecutableEngine(engine) && engine !== PATH_ENGINE
    ? [engine, PATH_ENGINE]
    : [PATH_ENGINE];
}

/** The scores of a run by column: what pooling needs, eight bytes each. */
export class ScoreColumns {
  readonly #parts = new Map<string, Float64Array[]>();

  constructor(metrics: readonly QualityMetric[]) {
    for (const metric of metrics) for (const column of QUALITY_COLUMNS[metric]) this.#parts.set(column, []);
  }

  add({ metric, value }: QualityBatch): void {
    this.#parts.get(metric)?.push(value.slice());
  }

  values(): Map<string, Float64Array> {
    const joined = new Map<string, Float64Array>();
    for (const [metric, parts] of this.#parts) {
      const values = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        values.set(part, at);
        at += part.length;
      }
      if (values.length > 0) joined.set(metric, values);
    }
    return joined;
  }
}
