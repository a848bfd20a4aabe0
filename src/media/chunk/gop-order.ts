// The packets of a chunk in the order of coding: do keyframes stand where they were planned, and is every GOP closed? Pure.

export interface CodedPacket {
  /** Ticks of the encoder. */
  readonly pts: number;
  readonly key: boolean;
}

/**
 * @param planned frames at which a keyframe stands, ascending
 * @param ptsOf ticks of a frame
 * @returns what is wrong, in words; null where nothing is
 */
export function gopProblem(
  packets: readonly CodedPacket[],
  planned: readonly number[],
  ptsOf: (frame: number) => number,
): string | null {
  let gop = -1;
  let start = -Infinity;
  let end = Infinity;
  for (const { pts, key } of packets) {
    if (key) {
      const frame = planned[++gop];
      if (frame === undefined)
        return `a keyframe stands at tick ${pts}, and none was planned behind frame ${planned.at(-1)}`;
      start = ptsOf(frame);
      if (pts !== start)
        return `a keyframe stands at tick ${pts}, where frame ${frame} at tick ${start} was to be the next one`;
      const next = planned[gop + 1];
      end = next === undefined ? Infinity : ptsOf(next);
    } else if (gop < 0) return 'it does not begin with a keyframe';
    else if (pts < start)
      return `the frame at tick ${pts} is coded behind the keyframe at tick ${start}: its GOP is open`;
    else if (pts >= end) return `there is no keyframe at frame ${planned[gop + 1]}, tick ${end}`;
  }
  return gop + 1 === planned.length ? null : `there is no keyframe at frame ${planned[gop + 1]}`;
}
