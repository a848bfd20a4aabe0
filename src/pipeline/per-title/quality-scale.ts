// The scales on which encoders are asked for a quality: values that are probed, from poor to good.

import type { Settings } from '#core/settings';

interface QualityScale {
  /** From poor to good. */
  readonly probed: readonly number[];
  /** Finest step that the encoder knows. */
  readonly step: number;
  /** Settings that keep a rung from passing its rate by far; null where the encoder has no cap beside a quality. */
  readonly cap: ((bitrate: number) => Settings) | null;
}

/** A rung may pass its rate this far, in pictures that are harder than the others. */
const CAP = 1.5;
/** Seconds of the cap's rate that its buffer holds. */
const BUFFER_S = 2;

const roundedKbps = (bitrate: number) => 1000 * Math.max(1, Math.round(bitrate / 1000));
const buffered = (bitrate: number): Settings => {
  const maxrate = roundedKbps(CAP * bitrate);
  return { maxrate, bufsize: BUFFER_S * maxrate };
};
const ceiling = (bitrate: number): Settings => ({ bitrate: roundedKbps(CAP * bitrate) });

const MPEG = [40, 34, 28, 23, 18];
const OTHERS = [58, 49, 41, 33, 25];
const SCALES: Readonly<Record<string, QualityScale>> = {
  libx264: { probed: MPEG, step: 0.1, cap: buffered },
  libx265: { probed: MPEG, step: 0.1, cap: buffered },
  'libvpx-vp9': { probed: OTHERS, step: 1, cap: ceiling },
  'libaom-av1': { probed: OTHERS, step: 1, cap: ceiling },
  libsvtav1: { probed: OTHERS, step: 1, cap: null },
};

/** Null for an encoder whose scale is not known. */
export function qualityScale(encoder: string): QualityScale | null {
  return SCALES[encoder] ?? null;
}

export const PROBED_ENCODERS: readonly string[] = Object.keys(SCALES);
