// Scales pictures and converts pixel formats into frames that are used again as soon as the encoder lets go of them.

import { Rational, SoftwareScaleContext, avGetPixFmtName } from 'node-av/lib';
import type { Frame } from 'node-av/lib';
import { AVCOL_RANGE_UNSPECIFIED, AVCOL_SPC_RGB, AVCOL_SPC_UNSPECIFIED } from 'node-av/constants';
import type { AVPixelFormat } from 'node-av/constants';
import { pixelLayout } from '../pixel-format.ts';
import { failureOf } from './encode-failure.ts';
import { FramePool } from './frame-pool.ts';

export class PictureScaler {
  readonly #context = new SoftwareScaleContext();
  readonly #pool: FramePool;
  readonly #width: number;
  readonly #height: number;
  readonly #format: AVPixelFormat;
  readonly #isRgb: boolean;

  /** @param threads automatic by default */
  constructor(width: number, height: number, format: AVPixelFormat, threads: number | null = null) {
    this.#width = width;
    this.#height = height;
    this.#format = format;
    this.#isRgb = pixelLayout(avGetPixFmtName(format) ?? '')?.chroma === 'rgb';
    this.#pool = new FramePool(width, height, format);
    // Not initialised with sizes: it then follows each frame's own size and colours, even where they change midway.
    this.#context.allocContext();
    this.#context.setOption('threads', threads === null ? 'auto' : String(threads));
    this.#context.setOption('sws_flags', 'bicubic');
  }

  needs(frame: Frame): boolean {
    return frame.width !== this.#width || frame.height !== this.#height || frame.format !== this.#format;
  }

  /** The picture in the wanted size and format; the frame belongs to the scaler and is valid until the next call. */
  scale(source: Frame): Frame {
    const target = this.#pool.take();
    target.copyProps(source);
    // Pictures of a screen or a generator say that they are RGB, which video is not: encoders would refuse it.
    if (source.colorSpace === AVCOL_SPC_RGB && !this.#isRgb) {
      target.colorSpace = AVCOL_SPC_UNSPECIFIED;
      target.colorRange = AVCOL_RANGE_UNSPECIFIED;
    }
    const { num, den } = source.sampleAspectRatio;
    // The picture keeps its shape on the screen: its samples change theirs.
    if (num > 0 && den > 0 && (source.width !== this.#width || source.height !== this.#height))
      target.sampleAspectRatio = aspectOf(num * source.width * this.#height, den * source.height * this.#width);
    const code = this.#context.scaleFrameSync(target, source);
    if (code < 0) throw failureOf(`scaling from ${source.width}x${source.height} fails`, code);
    return target;
  }

  close(): void {
    this.#pool.close();
    this.#context.freeContext();
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
