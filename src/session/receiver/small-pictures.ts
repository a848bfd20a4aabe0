// Small JPEG pictures of what is presented, for a person to look at: at most so often.

import { Codec, CodecContext, Packet, Rational } from 'node-av/lib';
import type { Frame } from 'node-av/lib';
import {
  AVCOL_RANGE_JPEG,
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUVJ420P,
  FF_ENCODER_MJPEG,
  FF_QP2LAMBDA,
} from 'node-av/constants';
import { PictureScaler } from '#media/bundled/picture-scaler';

const MIN_PICTURE_WIDTH = 64;
const MAX_PICTURE_WIDTH = 1920;
/** Of 1 (best) to 31. */
const JPEG_QUANTIZER = 4;

export interface SmallPicture {
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
}

/** Scaler and encoder of one size. */
interface Studio {
  readonly width: number;
  readonly height: number;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly scaler: PictureScaler;
  readonly context: CodecContext;
}

export class SmallPictures {
  readonly #everyUs: number;
  readonly #width: number;
  readonly #packet = new Packet();
  #studio: Studio | null = null;
  #lastUs = -Infinity;
  /** Times of an encoder's pictures must grow. */
  #made = 0n;

  /** @param width of the pictures; the height follows the stream's shape */
  constructor(everyMs: number, width: number) {
    this.#everyUs = everyMs * 1000;
    this.#width = Math.min(Math.max(even(width), MIN_PICTURE_WIDTH), MAX_PICTURE_WIDTH);
    this.#packet.alloc();
  }

  due(nowUs: number): boolean {
    return nowUs - this.#lastUs >= this.#everyUs;
  }

  /** Null where it can't be made: it is only for looking at. */
  make(picture: Frame, nowUs: number): SmallPicture | null {
    this.#lastUs = nowUs;
    const studio = this.#studioFor(picture);
    if (studio === null) return null;
    const scaled = studio.scaler.scale(picture);
    scaled.colorRange = AVCOL_RANGE_JPEG;
    scaled.pts = this.#made++;
    if (studio.context.sendFrameSync(scaled) < 0) return null;
    if (studio.context.receivePacketSync(this.#packet) < 0) return null;
    const jpeg = Uint8Array.from(this.#packet.data ?? []);
    this.#packet.unref();
    return jpeg.length === 0 ? null : { width: studio.width, height: studio.height, jpeg };
  }

  close(): void {
    this.#closeStudio();
    this.#packet.free();
  }

  #studioFor(picture: Frame): Studio | null {
    const known = this.#studio;
    if (known?.sourceWidth === picture.width && known.sourceHeight === picture.height) return known;
    this.#closeStudio();
    const width = Math.min(this.#width, even(picture.width));
    const height = even((width * picture.height) / picture.width);
    const codec = Codec.findEncoderByName(FF_ENCODER_MJPEG);
    if (codec === null) return null;
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 25);
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    context.globalQuality = JPEG_QUANTIZER * FF_QP2LAMBDA;
    if (context.open2Sync(codec, null) < 0) {
      context.freeContext();
      return null;
    }
    const scaler = new PictureScaler(width, height, AV_PIX_FMT_YUVJ420P);
    this.#studio = { width, height, sourceWidth: picture.width, sourceHeight: picture.height, scaler, context };
    return this.#studio;
  }

  #closeStudio(): void {
    this.#studio?.scaler.close();
    this.#studio?.context.freeContext();
    this.#studio = null;
  }
}

function even(size: number): number {
  return Math.max(2, 2 * Math.round(size / 2));
}
