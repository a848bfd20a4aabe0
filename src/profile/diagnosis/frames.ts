// A run's frames as the diagnosis takes them.

import { frameSpans, usualWay, type FrameTimes } from '../frame-times.ts';
import type { DiagnosisFrames } from './context.ts';

/**
 * Each frame in its own time, as its encoder tells it best; frames whose times are not known are left out.
 * @param shiftNs added to have them on the profile's clock
 */
export function diagnosisFrames(times: FrameTimes, shiftNs = 0): DiagnosisFrames {
  const { fromUs, toUs } = frameSpans(times, usualWay(times));
  const rows = [...fromUs.keys()].filter((row) => toUs[row]! > fromUs[row]!);
  return {
    frame: Int32Array.from(rows, (row) => times.frame[row]!),
    startNs: Float64Array.from(rows, (row) => fromUs[row]! * 1e3 + shiftNs),
    endNs: Float64Array.from(rows, (row) => toUs[row]! * 1e3 + shiftNs),
  };
}
