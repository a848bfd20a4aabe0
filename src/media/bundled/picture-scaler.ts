// Scales pictures and converts pixel formats into frames that are used again as soon as the encoder lets go of them.

import { Frame, Rational, SoftwareScaleContext } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import { EncodeFailure, failureOf } from './encode-failure.ts';

/** Frames that encoders hold at once are counted in tens (lookahead); this bound only catches a leak. */
const MAX_FRAMES = 1024;

export class PictureScaler {
  readonly #context = new SoftwareScaleContext();
  readonly #pool: Frame[] = [];
  readonly #width: number;
  readonly #height: number;
  readonly #format: AVPixelFormat;

  constructor(width: number, height: number, format: AVPixelFormat) {
    this.#width = width;
    this.#height = height;
    this.#format = format;
    // Not initialised with sizes: it then follows each frame's own size and colours, even where they change midway.
    this.#context.allocContext();
    this.#context.setOption('threads', 'auto');
    this.#context.setOption('sws_flags', 'bicubic');
  }

  needs(frame: Frame): boolean {
    return frame.width !== this.#width || frame.height !== this.#height || frame.format !== this.#format;
  }

  /** The picture in the wanted size and format; the frame belongs to the scaler and is valid until the next call. */
  scale(source: Frame): Frame {
    const target = this.#free();
    target.copyProps(source);
    const { num, den } = source.sampleAspectRatio;
    // The picture keeps its shape on the screen: its samples change theirs.
    if (num > 0 && den > 0 && (source.width !== this.#width || source.height !== this.#height))
      target.sampleAspectRatio = aspectOf(num * source.width * this.#height, den * source.height * this.#width);
    const code = this.#context.scaleFrameSync(target, source);
    if (code < 0) throw failureOf(`scaling from ${source.width}x${source.height} fails`, code);
    return target;
  }

  close(): void {
    for (const frame of this.#pool) frame.free();
    this.#context.freeContext();
  }

  /** A frame whose memory nobody else holds. */
  #free(): Frame {
    for (const frame of this.#pool) if (frame.isWritable) return frame;
    if (this.#pool.length === MAX_FRAMES) throw new EncodeFailure(`the encoder holds more than ${MAX_FRAMES} pictures`);
    const frame = new Frame();
    frame.alloc();
    frame.width = this.#width;
    frame.height = this.#height;
    frame.format = this.#format;
    const code = frame.getBuffer(0);
    if (code < 0) throw failureOf("a picture can't be allocated", code);
    this.#pool.push(frame);
    return frame;
  }
}

/** Aspect ratios are written into streams with 32 or fewer bits: lowest terms, and no more digits than that. */
function aspectOf(num: number, den: number): Rational {
  let [a, b] = [num, den];
  while (b !== 0) [a, b] = [b, a % b];
  const [exactNum, exactDen] = [num / a, den / a];
  const shrink = Math.max(1, exactNum / 65_535, exactDen / 65_535);
  return new Rational(Math.max(1, Math.round(exactNum / shrink)), Math.max(1, Math.round(exactDen / shrink)));
}
