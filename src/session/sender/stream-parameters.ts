// From settings, the open source and what adaptation allows to the encode of a stream. Pure.

import type { EncoderInfo } from '#core/encoder';
import type { Fraction } from '#core/source';
import type { EncodeParameters } from '#media/encode-job';
import { reduced } from '#media/fraction';
import type { SettingProblem } from '#media/picture-settings';
import { nearestPixelFormat, needsEven, pixelLayout } from '#media/pixel-format';
import { withThreads } from '#media/thread-settings';
import { lowLatencyOptions } from '../low-latency.ts';
import { DEFAULT_CAPTURE_RATE, DEFAULT_GOP_S, type ResolvedSession } from '../session-settings.ts';
import type { PictureSource } from './picture-source.ts';

/** What adaptation allows at the moment. */
export interface StreamLimits {
  /** Bits a second; null for what the settings say. */
  readonly bitrate: number | null;
  /** Share of the frame rate, and of each side of the picture. */
  readonly rateScale: number;
  readonly sizeScale: number;
}

export const NO_LIMITS: StreamLimits = { bitrate: null, rateScale: 1, sizeScale: 1 };

/**
 * What the encoder may send at once where adaptation is on, seconds of its rate: a keyframe that is larger than the queue of a
 * narrow link never comes through it.
 */
const ADAPTED_BUFFER_S = 0.15;
/** A frame rate is scaled in steps of a hundredth. */
const RATE_STEPS = 100;
const SMALLEST_SIDE = 16;

export function streamParameters(
  session: ResolvedSession,
  encoder: EncoderInfo,
  source: Pick<PictureSource, 'width' | 'height' | 'pixelFormat' | 'frameRate'>,
  limits: StreamLimits,
): EncodeParameters | { readonly problem: SettingProblem } {
  const pixelFormat = session.pixelFormat ?? pixelFormatFor(source.pixelFormat, encoder);
  const even = needsEven(pixelFormat);
  const { size } = session;
  if (size !== null && ((even.width && size.width % 2 === 1) || (even.height && size.height % 2 === 1)))
    return {
      problem: {
        setting: 'resolution',
        what: `${size.width}x${size.height} is odd, and the pixel format ${pixelFormat} needs an even size`,
      },
    };
  const side = (full: number, inPairs: boolean) => {
    const scaled = limits.sizeScale === 1 ? full : Math.max(SMALLEST_SIDE, Math.round(full * limits.sizeScale));
    return inPairs ? scaled - (scaled % 2) : scaled;
  };
  const frameRate = scaledRate(session.frameRate ?? source.frameRate ?? DEFAULT_CAPTURE_RATE, limits.rateScale);
  const bitrate = session.bitrate === null ? null : Math.min(session.bitrate, limits.bitrate ?? Infinity);
  const known = new Set(encoder.parameters.map(({ name }) => name));
  const defaults = lowLatencyOptions(encoder.name, known, session.options, bitrate);
  const shortBuffer =
    session.adapt && bitrate !== null && 'bufsize' in defaults && !('bufsize' in session.options)
      ? { bufsize: String(Math.round(bitrate * ADAPTED_BUFFER_S)) }
      : {};
  const options = { ...defaults, ...shortBuffer };
  return {
    engine: encoder.engine,
    encoder: encoder.name,
    hwdecode: null,
    width: side(size?.width ?? source.width, even.width),
    height: side(size?.height ?? source.height, even.height),
    pixelFormat,
    frameRate,
    variableFrameRate: false,
    timeBase: { num: frameRate.den, den: frameRate.num },
    frames: null,
    expectedFrames: null,
    sourceFrames: null,
    sourceRate: null,
    sourceStream: null,
    bitrate,
    gop: session.gop ?? Math.max(1, Math.round((DEFAULT_GOP_S * frameRate.num) / frameRate.den)),
    threads: session.threads,
    options: withThreads(encoder.name, session.threads, options),
  };
}

/** What a screen shows is RGB: as video it has half the colours, as every receiver expects. JPEG has no limited range. */
function pixelFormatFor(source: string, encoder: EncoderInfo): string {
  const usual = pixelLayout(source)?.chroma === 'rgb' ? 'yuv420p' : source;
  const full = usual.replace(/^yuv(?=4..p$)/, 'yuvj');
  const like = encoder.codec === 'mjpeg' && encoder.pixelFormats.includes(full) ? full : usual;
  return nearestPixelFormat(like, encoder.pixelFormats) ?? encoder.pixelFormats[0] ?? 'yuv420p';
}

function scaledRate({ num, den }: Fraction, scale: number): Fraction {
  return scale === 1 ? reduced(num, den) : reduced(Math.round(num * scale * RATE_STEPS), den * RATE_STEPS);
}
