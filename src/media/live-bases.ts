// Encodes in which a change is tried: what controls the rate only has an effect where that way of control is at work.

import type { EncoderInfo, EncoderParameter } from '#core/encoder';

export interface LiveBase {
  /** In words: `constant quality`. */
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

/** Parameters by which encoders let a quality be asked for. */
const QUALITY_NAMES = ['crf', 'qp', 'cq', 'q', 'quality'];
/** In the middle of the scale of those that do not declare its end (x264, x265: 0 to 51). */
const MIDDLE_QUALITY = 28;
/** In the middle of FFmpeg's own scale, 1 to 31, in its unit (FF_QP2LAMBDA). */
const MIDDLE_GLOBAL_QUALITY = 8 * 118;
/** A limit that binds, and a target that asks for less than the quality does. */
const SHARE_OF_RATE = 0.5;
/** Seconds that the decoder's buffer holds at the limit. */
const BUFFER_S = 0.5;

/** Encodes of a certain quality: every parameter that asks for one, and FFmpeg's own scale where there is none. */
export function qualityBases(encoder: EncoderInfo): LiveBase[] {
  const own = encoder.parameters.filter(
    ({ name, scope, type }) =>
      scope === 'private' && QUALITY_NAMES.includes(name) && (type === 'int' || type === 'float'),
  );
  const named = own.map((parameter) => ({
    name: `constant ${parameter.name}`,
    options: { [parameter.name]: String(middleQuality(parameter)) },
  }));
  if (named.length > 0) return named;
  return [{ name: 'fixed quantizer', options: { flags: '+qscale', global_quality: String(MIDDLE_GLOBAL_QUALITY) } }];
}

/**
 * Encodes to a rate, and one of a quality with a limit.
 * @param quality the encode whose rate was seen; null where none worked
 * @param rateBps bits a second that it took
 */
export function rateBases(quality: LiveBase | null, rateBps: number): LiveBase[] {
  const rate = String(Math.max(1_000, Math.round((rateBps * SHARE_OF_RATE) / 1_000) * 1_000));
  const bufsize = String(Math.round(Number(rate) * BUFFER_S));
  return [
    { name: 'constant bitrate', options: { b: rate, maxrate: rate, bufsize } },
    { name: 'constant bitrate with a least one', options: { b: rate, maxrate: rate, minrate: rate, bufsize } },
    { name: 'average bitrate', options: { b: rate } },
    ...(quality === null
      ? []
      : [{ name: `${quality.name} with a limit`, options: { ...quality.options, maxrate: rate, bufsize } }]),
  ];
}

function middleQuality({ min, max }: EncoderParameter): number {
  return max === null ? MIDDLE_QUALITY : Math.round((Math.max(0, min ?? 0) + max) / 2);
}
