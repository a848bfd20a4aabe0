// Where a scene ends and another begins, told from how far each picture is from the ones before it.

/** Signals of each frame in presentation order, as `PictureActivity` gives them. */
export interface SceneSignals {
  readonly frames: number;
  /** Mean absolute difference of block means to the frame 1, 2 and 3 before, 8-bit steps. */
  readonly change: Float32Array;
  readonly change2: Float32Array;
  readonly change3: Float32Array;
  /** Distance of histograms to the frame before, 0 to 1. */
  readonly histogram: Float32Array;
}

/** A cut changes the picture at least this much, 8-bit steps: dark scenes differ by little. */
const MIN_CHANGE = 4;
/** … and its histogram, unless the picture changes as much as LARGE_CHANGE. */
const MIN_HISTOGRAM = 0.12;
const LARGE_CHANGE = 24;
/** Frames on each side whose mean a cut exceeds by MEAN_RATIO: steady movement and noise are alike on both sides. */
const NEAR = 2;
const MEAN_RATIO = 3;
/** Frames on each side of which a cut exceeds all but one (another cut) by PEAK_RATIO: pictures that are held for several frames. */
const FAR = 12;
const PEAK_RATIO = 1.8;
/** A picture that is back within this share of the change after one or two frames was a flash. */
const FLASH_SHARE = 0.5;

/**
 * Frames at which a scene begins, ascending; 0 is always one. Hard cuts only: a fade or a dissolve has no frame of its own
 * at which a keyframe would gain anything.
 *
 * The idea is that of PySceneDetect's adaptive detector (scenedetect/detectors/adaptive_detector.py): not the change
 * itself but its ratio to that of the frames around it tells a cut from fast movement. Held pictures and flashes, which
 * that ratio takes for cuts, are told by looking further.
 */
export function sceneCuts(signals: SceneSignals): number[] {
  const cuts = [0];
  for (let frame = 1; frame < signals.frames; frame++) {
    if (!isCut(signals, frame)) continue;
    const last = cuts.at(-1)!;
    // A blended frame between two scenes shows as two cuts: the stronger one counts.
    if (last > 0 && frame - last <= NEAR) {
      if (signals.change[frame]! > signals.change[last]!) cuts[cuts.length - 1] = frame;
    } else cuts.push(frame);
  }
  return cuts;
}

function isCut(signals: SceneSignals, frame: number): boolean {
  const { change, histogram } = signals;
  const here = change[frame]!;
  return (
    here >= MIN_CHANGE &&
    (histogram[frame]! >= MIN_HISTOGRAM || here >= LARGE_CHANGE) &&
    standsOut(signals, frame) &&
    !isFlash(signals, frame)
  );
}

function standsOut(signals: SceneSignals, frame: number): boolean {
  const { change, frames } = signals;
  const here = change[frame]!;
  const first = Math.max(1, frame - FAR);
  const last = Math.min(frames - 1, frame + FAR);
  let sum = 0;
  let near = 0;
  let highest = 0;
  let second = 0;
  for (let each = first; each <= last; each++) {
    const value = change[each]!;
    // A flash near a cut does not hide it.
    if (each === frame || (value >= MIN_CHANGE && isFlash(signals, each))) continue;
    if (value > highest) {
      second = highest;
      highest = value;
    } else if (value > second) second = value;
    if (Math.abs(each - frame) <= NEAR) {
      sum += value;
      near++;
    }
  }
  return here >= PEAK_RATIO * second && (near === 0 || here >= MEAN_RATIO * (sum / near));
}

/** The picture before `frame` comes back soon, or `frame` itself is the one that came back. */
function isFlash({ change, change2, change3, frames }: SceneSignals, frame: number): boolean {
  const limit = FLASH_SHARE * change[frame]!;
  return (
    (frame + 1 < frames && change2[frame + 1]! < limit) ||
    (frame + 2 < frames && change3[frame + 2]! < limit) ||
    (frame >= 2 && change2[frame]! < limit) ||
    (frame >= 3 && change3[frame]! < limit)
  );
}
