// The pictures of a recording: what the client received, compared with the source.

import { qualityMetrics } from '#analysis/quality-metrics';
import type { QualityWanted } from '#core/quality';
import { findVmafEngine } from '#media/quality/measure-quality';
import { ScoreColumns, vmafCandidates } from '#run/score-run';
import type { StreamRun } from '#run/stream-run';
import { scoreSession } from '#session/score/score-session';

/** What was kept of a recording, in the lab now. */
interface KeptStream {
  readonly run: StreamRun;
  readonly stream: string;
  readonly quality: QualityWanted;
  /** The received bitstream. */
  readonly received: string;
  /** Pictures of the source, where they had to be kept. */
  readonly pictures: string | null;
  /** A file or `lavfi:GRAPH`; null where it can't be read here. */
  readonly source: string | null;
}

/** Compares the pictures. @returns what the run gets of it */
export type Scorer = (
  kept: KeptStream,
  signal: AbortSignal,
) => Promise<Pick<Parameters<StreamRun['end']>[0], 'quality' | 'metrics'>>;

/** Frames kept as pictures of each run. */
const WORST_FRAMES = 4;

/** Never throws for what the files are: what can't be scored is absent, with the reason. */
export const scoreRecord: Scorer = async ({ run, stream, quality, received, pictures, source }, signal) => {
  const vmaf = quality.metrics.includes('vmaf') ? await findVmafEngine(vmafCandidates(quality, null)) : null;
  if (vmaf !== null && 'reason' in vmaf) run.absent(`quality.vmaf: ${vmaf.reason}`);
  const usable = vmaf !== null && 'ffmpeg' in vmaf ? vmaf : null;
  const metrics = quality.metrics.filter((metric) => metric !== 'vmaf' || usable !== null);
  if (metrics.length === 0) return {};
  const columns = new ScoreColumns(metrics);
  const result = await scoreSession(
    {
      received,
      source,
      keptSources: pictures,
      lastFrame: run.state.windows.find((window) => window.stream === stream)?.last ?? null,
      metrics,
      vmaf: usable === null ? null : { ffmpeg: usable.ffmpeg, model: quality.vmafModel },
      pictures: { folder: run.folder, count: WORST_FRAMES },
    },
    {
      scores: (batch) => {
        columns.add(batch);
        run.addQuality(batch);
      },
      progress: () => undefined,
    },
    { signal, stream },
  );
  if (!result.ok) {
    run.absent(`quality: ${result.reason}`);
    return {};
  }
  for (const what of result.absent) run.absent(`quality.${what}`);
  return { quality: result.header, metrics: qualityMetrics(columns.values(), result.header) };
};
