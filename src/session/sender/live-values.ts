// Changes that an encoder at work takes without being opened anew. Only x264 does, and only these: everything else it accepts
// silently and ignores (tried by comparing its output with and without the change).

import { Option, type CodecContext } from 'node-av/lib';
import { AV_OPT_SEARCH_CHILDREN } from 'node-av/constants';
import type { EncodeParameters } from '#media/encode-job';

/** Encoders whose FFmpeg wrapper looks at these values with every frame (reconfig_encoder in libavcodec/libx264.c). */
const TAKES_LIVE = /^libx264(rgb)?$/;
/** A limit can be changed where there was one from the beginning. */
const LIMITS: readonly string[] = ['maxrate', 'bufsize'];
const QUALITY = 'crf';

/** False where every change means a new encoder. */
export function takesLive(encoder: string): boolean {
  return TAKES_LIVE.test(encoder);
}

/** Options to set in the encoder at work; null where it must be opened anew. */
export function liveChange(from: EncodeParameters, to: EncodeParameters): Readonly<Record<string, string>> | null {
  if (!takesLive(from.encoder)) return null;
  const { bitrate: oldRate, options: oldOptions, ...oldRest } = from;
  const { bitrate: newRate, options: newOptions, ...newRest } = to;
  if (JSON.stringify(oldRest) !== JSON.stringify(newRest)) return null;
  const live: Record<string, string> = {};
  if (oldRate !== newRate) {
    // Between a rate and a quality lies another way of controlling it, which is chosen when it is opened.
    if (oldRate === null || newRate === null || QUALITY in newOptions || QUALITY in oldOptions) return null;
    live['b'] = String(newRate);
  }
  const names = new Set([...Object.keys(oldOptions), ...Object.keys(newOptions)]);
  for (const name of names) {
    const value = newOptions[name];
    if (value === oldOptions[name]) continue;
    if (name !== QUALITY && !LIMITS.includes(name)) return null;
    if (value === undefined || oldOptions[name] === undefined) return null;
    live[name] = value;
  }
  return live;
}

/** @returns false where one of them was not taken */
export function setLive(context: CodecContext, values: Readonly<Record<string, string>>): boolean {
  const native = context.getNative();
  return Object.entries(values).every(([name, value]) => Option.set(native, name, value, AV_OPT_SEARCH_CHILDREN) >= 0);
}
