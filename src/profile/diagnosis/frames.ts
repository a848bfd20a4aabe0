// A run's frames as the diagnosis takes them.

import type { FrameTimes } from '../frame-ranges.ts';
import type { DiagnosisFrames } from './context.ts';

/**
 * Each frame from its way into the encoder on, as long as its calls took; frames whose times are not known are left out.
 * @param shiftNs added to have them on the profile's clock
 */
export function diagnosisFrames(times: FrameTimes, shiftNs = 0): DiagnosisFrames {
  const rows = Array.from({ length: times.startUs.length }, (_, row) => row).filter(
    (row) => Number.isFinite(times.startUs[row]!) && tookUs(times, row) > 0,
  );
  const startNs = Float64Array.from(rows, (row) => times.startUs[row]! * 1e3 + shiftNs);
  return {
    frame: Int32Array.from(rows, (row) => times.frame[row]!),
    startNs,
    endNs: startNs.map((start, i) => start + tookUs(times, rows[i]!) * 1e3),
  };
}

function tookUs({ busyUs, delayUs }: FrameTimes, row: number): number {
  return busyUs[row]! >= 0 ? busyUs[row]! : delayUs[row]!;
}
