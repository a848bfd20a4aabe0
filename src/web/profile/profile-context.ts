// What a run's page knows beside its profile, as a diagnosis wants it: times on the profile's clock.

import type { FrameTimes } from '#profile/frame-ranges';
import type { NamedRange } from '#profile/heatmap-rows';
import type { DiagnosisContext } from '#profile/diagnosis/context';
import { diagnosisFrames } from '#profile/diagnosis/frames';
import { workRanges } from '#profile/diagnosis/work-ranges';
import type { ProfileSurroundings } from './profile-state.ts';

/** @param own threads of the run's own processes; null where they are not told from others */
export function diagnosisContext(
  { originNs, page, series }: Pick<ProfileSurroundings, 'originNs' | 'page' | 'series'>,
  phases: readonly NamedRange[],
  frames: FrameTimes | null,
  own: ReadonlySet<number> | null,
): DiagnosisContext {
  const cpu = page?.header?.environment.cpu;
  const quota = page?.header?.environment.container.cpuQuota;
  return {
    selection: { rangesNs: workRanges(phases), cpus: null, threads: own },
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
