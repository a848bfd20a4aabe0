// A rough guess of what an item costs, in CPU seconds of a common core: for an order and a forecast before anything is known.

import type { VideoStreamInfo } from '#core/source';
import type { Chunk, VideoRendition } from '#core/title';

/**
 * Nanoseconds of CPU for a pixel, by encoder, at the speed setting named; each step slower multiplies by `step`.
 * From 720 frames of Big Buck Bunny at 360p, and medium against veryfast of x264.
 */
const COSTS: Readonly<
  Record<string, { readonly ns: number; readonly speed: string; readonly at: number; readonly step: number }>
> = {
  'libvpx-vp9': { ns: 104, speed: 'cpu-used', at: 3, step: 1.5 },
  libsvtav1: { ns: 86, speed: 'preset', at: 8, step: 1.4 },
  'libaom-av1': { ns: 320, speed: 'cpu-used', at: 6, step: 1.6 },
  librav1e: { ns: 400, speed: 'speed', at: 6, step: 1.4 },
};
const NAMED_PRESETS = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
  'fast',
  'medium',
  'slow',
  'slower',
  'veryslow',
  'placebo',
];
const NAMED: Readonly<Record<string, { readonly ns: number; readonly step: number }>> = {
  libx264: { ns: 25, step: 1.35 },
  libx265: { ns: 120, step: 1.5 },
};
const UNKNOWN_NS = 100;
/** Decoding a pixel of the source (1080p H.264: 6 ms a frame), and scaling it. */
const DECODE_NS = 3.4;
/** The first of two passes is a quick look. */
const FIRST_PASS = 0.4;

/** CPU seconds of encoding a chunk for a rendition. */
export function encodeCost(chunk: Chunk, renditions: readonly VideoRendition[], source: VideoStreamInfo): number {
  const frames = chunk.last - chunk.first + 1;
  // Decoded once for all of them.
  const decodes = Math.max(...renditions.map(({ passes }) => passes));
  const encodes = renditions.reduce((sum, rendition) => {
    const passes = rendition.passes === 2 ? 1 + FIRST_PASS : 1;
    return sum + passes * rendition.width * rendition.height * encodeNs(rendition);
  }, 0);
  return rounded((frames * (encodes + decodes * source.width * source.height * DECODE_NS)) / 1e9);
}

function encodeNs({ settings }: VideoRendition): number {
  const encoder = String(settings['encoder']);
  const named = NAMED[encoder];
  if (named !== undefined) {
    const preset = NAMED_PRESETS.indexOf(String(settings['preset'] ?? 'medium'));
    return named.ns * named.step ** (preset === -1 ? 0 : preset - NAMED_PRESETS.indexOf('medium'));
  }
  const known = COSTS[encoder];
  if (known === undefined) return UNKNOWN_NS;
  const speed = Number(settings[known.speed] ?? known.at);
  return known.ns * known.step ** (known.at - (Number.isFinite(speed) ? speed : known.at));
}

/** CPU seconds of the items that take the whole source once, by what they do with each second or frame of it. */
export const AUDIO_COST_PER_S = 0.02;
export const THUMBNAIL_NS_PER_PIXEL = DECODE_NS;
export const ASSEMBLE_COST_PER_FRAME = 2e-4;

/** Three digits: more would say that it is known. */
export function rounded(seconds: number): number {
  return Number(seconds.toPrecision(3));
}
