// What a run's page knows beside its profile, as a diagnosis wants it: times on the profile's clock.

import type { FrameTimes } from '#profile/frame-ranges';
import type { NamedRange } from '#profile/heatmap-rows';
import type { DiagnosisContext } from '#profile/diagnosis/context';
import type { RunPage, SeriesColumn } from '#server/wire';

/** @param page null where only a file is known */
export function diagnosisContext(
  originNs: number,
  phases: readonly NamedRange[],
  frames: FrameTimes | null,
  page: RunPage | null,
  series: readonly SeriesColumn[],
): DiagnosisContext {
  const cpu = page?.header?.environment.cpu;
  const quota = page?.header?.environment.container.cpuQuota;
  return {
    phases,
    cores: cpu?.cores ?? null,
    quota: quota ?? null,
    ...(cpu?.features === undefined ? {} : { features: cpu.features }),
    ...(frames === null ? {} : { frames: diagnosisFrames(frames, originNs) }),
    series: series.map(({ name, timeS, value }) => ({
      name,
      timeNs: Float64Array.from(timeS, (time) => originNs + time * 1e9),
      value: Float64Array.from(value, (one) => one ?? NaN),
    })),
  };
}

/** Frames of which it is known how long their calls took. */
function diagnosisFrames(frames: FrameTimes, originNs: number): NonNullable<DiagnosisContext['frames']> {
  const rows = Array.from(frames.frame, (_, row) => row).filter((row) => frames.busyUs[row]! >= 0);
  const startNs = Float64Array.from(rows, (row) => originNs + frames.startUs[row]! * 1e3);
  return {
    frame: Int32Array.from(rows, (row) => frames.frame[row]!),
    startNs,
    endNs: Float64Array.from(rows, (row, i) => startNs[i]! + frames.busyUs[row]! * 1e3),
  };
}
