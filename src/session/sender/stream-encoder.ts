// An encoder at work on a stream, with what brings pictures to what it takes: scaling, and uploading to a device.

import { Packet, avGetCodecName, avGetPixFmtFromName, avGetPixFmtName } from 'node-av/lib';
import type { Codec, CodecContext, Frame } from 'node-av/lib';
import {
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
} from 'node-av/constants';
import type { AVPixelFormat } from 'node-av/constants';
import { EncodeFailure, failureOf } from '#media/bundled/encode-failure';
import { openEncoderAside, readBack } from '#media/bundled/encoder-context';
import { EncoderInput } from '#media/bundled/encoder-input';
import { PacketQuality } from '#media/bundled/packet-quality';
import { PictureScaler } from '#media/bundled/picture-scaler';
import type { EncodeParameters } from '#media/encode-job';
import { pixelLayout } from '#media/pixel-format';
import { monotonicUs } from '#system/clock';
import type { FrameNotes } from './frame-notes.ts';
import { liveChange, setLive } from './live-values.ts';

/** What came out for a frame. */
export interface EncodedFrame {
  readonly frame: number;
  readonly key: boolean;
  readonly data: Uint8Array;
  /** Code in FRAME_TYPES. */
  readonly type: number;
  readonly quantizer: number;
  /** When it came out, monotonic microseconds. */
  readonly outUs: number;
}

export type OpenedStreamEncoder =
  | { readonly encoder: StreamEncoder }
  /** `setting` is what was refused; null where it is none in particular. */
  | { readonly error: string; readonly setting: string | null };

export class StreamEncoder {
  /** FFmpeg's name of what it makes: `h264`. */
  readonly codec: string;
  /** Headers that are not in the stream; null where there are none. */
  readonly extraData: Uint8Array | null;
  #parameters: EncodeParameters;
  readonly #context: CodecContext;
  readonly #input: EncoderInput;
  readonly #scaler: PictureScaler;
  readonly #notes: FrameNotes;
  readonly #quality: PacketQuality;
  readonly #packet = new Packet();
  /** Of the last `bring`: when scaling began and how long it took, microseconds; -1 where nothing was to be scaled. */
  scaleStartUs = -1;
  scaleUs = -1;

  private constructor(
    parameters: EncodeParameters,
    { context, codec }: { readonly context: CodecContext; readonly codec: Codec },
    input: EncoderInput,
    scaler: PictureScaler,
    notes: FrameNotes,
  ) {
    this.#parameters = parameters;
    this.codec = avGetCodecName(codec.id) ?? parameters.encoder;
    this.#context = context;
    this.#input = input;
    this.#scaler = scaler;
    this.#notes = notes;
    this.#quality = new PacketQuality(parameters.encoder);
    this.#packet.alloc();
    const { extraData } = context;
    this.extraData = extraData === null ? null : Uint8Array.from(extraData);
  }

  /**
   * Opens an encoder beside the event loop: what is at work goes on.
   * @param picture one of those that it will get
   * @param notes where it finds what is known of its frames
   */
  static async open(parameters: EncodeParameters, picture: Frame, notes: FrameNotes): Promise<OpenedStreamEncoder> {
    let input: EncoderInput | null = null;
    let scaler: PictureScaler | null = null;
    try {
      input = new EncoderInput(parameters);
      scaler = new PictureScaler(parameters.width, parameters.height, avGetPixFmtFromName(input.softwareFormat));
      const like = scaler.needs(picture) ? convert(scaler, picture) : picture;
      const opened = await openEncoderAside(parameters, like, input.devicePictures);
      if (!('error' in opened)) return { encoder: new StreamEncoder(parameters, opened, input, scaler, notes) };
      scaler.close();
      input.close();
      return opened;
    } catch (error) {
      scaler?.close();
      input?.close();
      if (!(error instanceof EncodeFailure)) throw error;
      return { error: error.message, setting: null };
    }
  }

  /** Other parameters from the next frame on, without being opened anew. @returns false where it does not take them so */
  changeLive(to: EncodeParameters): boolean {
    const live = liveChange(this.#parameters, to);
    if (live === null || !setLive(this.#context, live)) return false;
    this.#parameters = to;
    return true;
  }

  get parameters(): EncodeParameters {
    return this.#parameters;
  }

  /** Values that it really uses, by the names of the settings. */
  actual(): Record<string, string> {
    return readBack(this.#context, this.#parameters);
  }

  /** The picture as the encoder takes it, in main memory; valid until the next call. */
  bring(picture: Frame): Frame {
    this.scaleStartUs = -1;
    this.scaleUs = -1;
    if (!this.#scaler.needs(picture)) return picture;
    this.scaleStartUs = monotonicUs();
    const target = convert(this.#scaler, picture);
    this.scaleUs = monotonicUs() - this.scaleStartUs;
    return target;
  }

  /**
   * Encodes a picture that `bring` gave.
   * @param key makes it a keyframe
   * @param onFrame gets what comes out: of this frame, of earlier ones, or nothing yet
   * @throws EncodeFailure
   */
  encode(picture: Frame, frame: number, key: boolean, onFrame: (encoded: EncodedFrame) => void): void {
    const startUs = monotonicUs();
    const taken = this.#input.uploader === null ? picture : this.#input.uploader.upload(picture);
    taken.pts = BigInt(frame);
    taken.duration = 1n;
    // A decoded frame carries its old type, which encoders would take for an order.
    taken.pictType = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    this.#notes.encodeFrom(frame, startUs);
    const code = this.#context.sendFrameSync(taken);
    this.#notes.addBusy(frame, monotonicUs() - startUs);
    if (code < 0) throw failureOf(`the encoder fails on frame ${frame}`, code);
    this.#drain(onFrame);
  }

  /** Takes out what it still holds. */
  flush(onFrame: (encoded: EncodedFrame) => void): void {
    const code = this.#context.sendFrameSync(null);
    if (code >= 0 || code === AVERROR_EOF) this.#drain(onFrame);
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
    this.#scaler.close();
    this.#input.close();
  }

  #drain(onFrame: (encoded: EncodedFrame) => void): void {
    const packet = this.#packet;
    for (;;) {
      const beforeUs = monotonicUs();
      const code = this.#context.receivePacketSync(packet);
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
      if (code < 0) throw failureOf('the encoder fails', code);
      const outUs = monotonicUs();
      const frame = Number(packet.pts);
      this.#notes.addBusy(frame, outUs - beforeUs);
      this.#quality.read(packet);
      const { type, quantizer } = this.#quality;
      onFrame({ frame, key: packet.isKeyframe, data: packet.data ?? NO_DATA, type, quantizer, outUs });
      packet.unref();
    }
  }
}

const NO_DATA = new Uint8Array();

/** Scales and converts. What comes from a screen or a generator is RGB: as video it is BT.709, limited, and says so. */
export function convert(scaler: PictureScaler, picture: Frame): Frame {
  if (pixelLayout(avGetPixFmtName(picture.format as AVPixelFormat) ?? '')?.chroma === 'rgb') {
    picture.colorSpace = AVCOL_SPC_BT709;
    picture.colorRange = AVCOL_RANGE_MPEG;
  }
  return scaler.scale(picture);
}
