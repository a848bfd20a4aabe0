// Brings pictures to the size, format and colours of the comparison: bicubic, as FFmpeg's scale filter does by default.

import { FFmpegError, Frame, SoftwareScaleContext, avGetPixFmtFromName } from 'node-av/lib';
import type { AVChromaLocation, AVColorRange, AVColorSpace } from 'node-av/constants';
import {
  AVCOL_RANGE_MPEG,
  AVCOL_RANGE_UNSPECIFIED,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
} from 'node-av/constants';
import { QualityFailure } from './quality-job.ts';

/** Pictures of one side that are held at once: in the filters, among the worst, and one more; this bound catches a leak. */
const MAX_PICTURES = 64;

/** What both pictures are like when they are compared. */
export interface PictureForm {
  readonly width: number;
  readonly height: number;
  /** FFmpeg's name. */
  readonly pixelFormat: string;
  /** Bytes of a sample. */
  readonly sampleBytes: 1 | 2;
  readonly colorSpace: AVColorSpace;
  readonly colorRange: AVColorRange;
  readonly chromaLocation: AVChromaLocation;
}

/**
 * The form of the first source picture; an RGB source takes the colours of the output, since it has none of YCbCr.
 * @throws QualityFailure where the output has been turned: its pictures can't be laid on those of the source
 */
export function formOf(source: Frame, output: Frame, pixelFormat: string): PictureForm {
  const { width, height } = source;
  if (width !== height && output.width === height && output.height === width)
    throw new QualityFailure(
      `the output was turned: its pictures are ${height}x${width}, and those of the source ${width}x${height}`,
    );
  const rgb = source.colorSpace === AVCOL_SPC_RGB;
  const colours = rgb ? output : source;
  const usual = height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  const unknown = colours.colorSpace === AVCOL_SPC_UNSPECIFIED || colours.colorSpace === AVCOL_SPC_RGB;
  return {
    width,
    height,
    pixelFormat,
    sampleBytes: /\d\dle$/.test(pixelFormat) ? 2 : 1,
    colorSpace: rgb && unknown ? usual : colours.colorSpace,
    colorRange: rgb && colours.colorRange === AVCOL_RANGE_UNSPECIFIED ? AVCOL_RANGE_MPEG : colours.colorRange,
    chromaLocation: colours.chromaLocation,
  };
}

export class Conformer {
  readonly #form: PictureForm;
  readonly #format: ReturnType<typeof avGetPixFmtFromName>;
  readonly #context = new SoftwareScaleContext();
  readonly #pool: Frame[] = [];

  constructor(form: PictureForm) {
    this.#form = form;
    this.#format = avGetPixFmtFromName(form.pixelFormat);
    // Not initialised with sizes: it then follows each frame's own size and colours, even where they change midway.
    this.#context.allocContext();
    this.#context.setOption('threads', 'auto');
    this.#context.setOption('sws_flags', 'bicubic');
  }

  /** Puts the picture into the form, in place: its memory is exchanged where it needs another. */
  conform(frame: Frame): void {
    this.#sayColours(frame);
    if (!this.#needs(frame)) return;
    const target = this.#free();
    const form = this.#form;
    target.copyProps(frame);
    target.colorSpace = form.colorSpace;
    target.colorRange = form.colorRange;
    target.chromaLocation = form.chromaLocation;
    const code = this.#context.scaleFrameSync(target, frame);
    if (code < 0)
      throw new QualityFailure(
        `a picture of ${frame.width}x${frame.height} can't be brought to ${form.width}x${form.height}: ${FFmpegError.strerror(code)}`,
      );
    frame.unref();
    frame.ref(target);
  }

  close(): void {
    for (const frame of this.#pool) frame.free();
    this.#context.freeContext();
  }

  /** What a stream does not say of its colours is taken to be as in the source. */
  #sayColours(frame: Frame): void {
    if (frame.colorSpace === AVCOL_SPC_UNSPECIFIED) frame.colorSpace = this.#form.colorSpace;
    if (frame.colorRange === AVCOL_RANGE_UNSPECIFIED) frame.colorRange = this.#form.colorRange;
  }

  #needs(frame: Frame): boolean {
    const { width, height, colorSpace, colorRange, sampleBytes } = this.#form;
    if (frame.width !== width || frame.height !== height || frame.format !== this.#format) return true;
    if (frame.colorSpace !== colorSpace || frame.colorRange !== colorRange) return true;
    // FFmpeg's xpsnr takes lines of more than 8 bits to lie without gaps; where they don't it would compare other samples.
    return sampleBytes === 2 && frame.linesize[0] !== width * sampleBytes;
  }

  /** A frame whose memory nobody else holds. */
  #free(): Frame {
    for (const frame of this.#pool) if (frame.isWritable) return frame;
    if (this.#pool.length === MAX_PICTURES) throw new Error(`more than ${MAX_PICTURES} pictures are held`);
    const frame = new Frame();
    frame.alloc();
    frame.width = this.#form.width;
    frame.height = this.#form.height;
    frame.format = this.#format;
    const code = frame.getBuffer(this.#form.sampleBytes === 2 ? 1 : 0);
    if (code < 0) throw new QualityFailure(`a picture can't be allocated: ${FFmpegError.strerror(code)}`);
    this.#pool.push(frame);
    return frame;
  }
}
