// A small encode of made-up pictures: what trials and proofs ask of an encoder where no source is known.

import type { EncoderInfo } from '#core/encoder';
import type { EncodeParameters } from './encode-job.ts';
import { nearestPixelFormat } from './pixel-format.ts';

/** CIF: the one size that old encoders (H.261, H.263) take as well as new ones. */
const USUAL_SIZE = { width: 352, height: 288 } as const;
const RATE = { num: 25, den: 1 } as const;

/** @param more what is asked for besides: another size, options, threads */
export function smallEncode(
  encoder: Pick<EncoderInfo, 'name' | 'engine' | 'pixelFormats'>,
  more: Partial<EncodeParameters> = {},
): EncodeParameters {
  return {
    engine: encoder.engine,
    encoder: encoder.name,
    hwdecode: null,
    ...USUAL_SIZE,
    pixelFormat: nearestPixelFormat('yuv420p', encoder.pixelFormats) ?? encoder.pixelFormats[0] ?? 'yuv420p',
    frameRate: RATE,
    variableFrameRate: false,
    timeBase: { num: RATE.den, den: RATE.num },
    frames: null,
    expectedFrames: null,
    sourceFrames: null,
    sourceRate: null,
    sourceStream: null,
    bitrate: null,
    gop: null,
    threads: null,
    options: {},
    ...more,
  };
}
