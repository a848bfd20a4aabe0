// Is every frame there once, at its time, and a keyframe where one is planned and nowhere else? Pure.

/** Packets of a joined file in the order of decoding. */
export interface PacketColumns {
  /** Ticks. */
  readonly pts: Float64Array;
  /** 1 for a keyframe. */
  readonly key: Uint8Array;
  readonly bytes: Uint32Array;
}

/**
 * @param expected times of all frames in the order of presentation, ticks
 * @param keyframes positions in `expected` at which a keyframe stands, ascending
 * @returns what is wrong first, in words; null where nothing is
 */
export function timelineFault(
  { pts, key }: PacketColumns,
  expected: ArrayLike<number>,
  keyframes: readonly number[],
): string | null {
  const shown = pts.slice().sort();
  const common = Math.min(shown.length, expected.length);
  for (let frame = 0; frame < common; frame++)
    if (shown[frame] !== expected[frame])
      return `frame ${frame} is shown at ${shown[frame]} ticks where ${expected[frame]} are planned`;
  if (shown.length !== expected.length) return `${shown.length} frames are there where ${expected.length} are planned`;
  const found = pts.filter((_, packet) => key[packet] === 1).sort();
  for (let i = 0; i < Math.max(found.length, keyframes.length); i++) {
    const planned = i < keyframes.length ? expected[keyframes[i]!]! : Infinity;
    const there = i < found.length ? found[i]! : Infinity;
    if (there < planned) return `a keyframe stands at ${there} ticks, where none is planned`;
    if (there > planned) return `no keyframe stands at frame ${keyframes[i]} (${planned} ticks)`;
  }
  return null;
}
