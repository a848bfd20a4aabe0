// What two pictures differ by, made visible.

/** How many times a difference can be shown: 1 is as it is. */
export const GAINS = [1, 2, 4, 8, 16, 32] as const;

/**
 * The absolute difference of each colour of two pictures of one size, times `gain`; opaque.
 * @param a, b pixels as a canvas has them: red, green, blue, alpha
 */
export function difference(a: Uint8ClampedArray, b: Uint8ClampedArray, gain: number): Uint8ClampedArray<ArrayBuffer> {
  if (a.length !== b.length) throw new RangeError('pictures of different sizes have no difference');
  const out = new Uint8ClampedArray(a.length);
  for (let i = 0; i < a.length; i += 4) {
    out[i] = Math.abs(a[i]! - b[i]!) * gain;
    out[i + 1] = Math.abs(a[i + 1]! - b[i + 1]!) * gain;
    out[i + 2] = Math.abs(a[i + 2]! - b[i + 2]!) * gain;
    out[i + 3] = 255;
  }
  return out;
}
