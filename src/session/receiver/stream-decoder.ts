// Decodes a stream with the least delay: a picture comes out in the call that its frame went in.

import { Codec, CodecContext, FFmpegError, Frame, Option, Packet } from 'node-av/lib';
import {
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AV_CODEC_FLAG_LOW_DELAY,
  AV_FRAME_FLAG_CORRUPT,
  AV_OPT_SEARCH_CHILDREN,
  FF_DECODER_H264,
  FF_DECODER_HEVC,
  FF_DECODER_LIBDAV1D,
  FF_DECODER_VP8,
  FF_DECODER_VP9,
  FF_THREAD_SLICE,
} from 'node-av/constants';
import { monotonicUs } from '#system/clock';
import type { MediaConfig, MediaFrame } from '../transport/media.ts';

/** A stream names a codec of these, not any decoder that there is. */
const DECODERS = {
  h264: FF_DECODER_H264,
  hevc: FF_DECODER_HEVC,
  vp8: FF_DECODER_VP8,
  vp9: FF_DECODER_VP9,
  av1: FF_DECODER_LIBDAV1D,
} as const;
/** Slices only: threads that take a frame each delay by as many frames. */
const DECODER_THREADS = 2;
/** Frames that went in and did not come out; more are forgotten. */
const MAX_INSIDE = 64;

/** Why a frame, or all of them, can't be decoded. */
export class DecodeFailure extends Error {}

/** A picture that came out; `picture` is valid during the call. */
export interface DecodedPicture {
  readonly frame: number;
  readonly startUs: number;
  readonly endUs: number;
  /** Time in calls for this frame. */
  readonly busyUs: number;
  readonly picture: Frame;
}

export class StreamDecoder {
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  readonly #picture = new Frame();
  readonly #inside = new Map<number, { readonly startUs: number; busyUs: number }>();

  /** @throws DecodeFailure where there is no such decoder, or its headers are no good */
  constructor(config: MediaConfig) {
    const name = Object.hasOwn(DECODERS, config.codec) ? DECODERS[config.codec as keyof typeof DECODERS] : null;
    const codec = name === null ? null : Codec.findDecoderByName(name);
    if (codec === null) throw new DecodeFailure(`there is no decoder for ${config.codec}`);
    this.#context = new CodecContext();
    this.#context.allocContext3(codec);
    this.#context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    this.#context.threadType = FF_THREAD_SLICE;
    this.#context.threadCount = DECODER_THREADS;
    if (config.extraData !== null) this.#context.extraData = Buffer.from(config.extraData);
    if (config.codec === 'av1') Option.set(this.#context.getNative(), 'max_frame_delay', '1', AV_OPT_SEARCH_CHILDREN);
    const code = this.#context.open2Sync(codec, null);
    if (code < 0) {
      this.#context.freeContext();
      throw new DecodeFailure(`the decoder for ${config.codec} can't be opened: ${FFmpegError.strerror(code)}`);
    }
    this.#packet.alloc();
    this.#picture.alloc();
  }

  /**
   * Gives a frame in, and what is ready out.
   * @throws DecodeFailure where the frame is damaged: nothing more can be decoded before the next keyframe
   */
  decode(frame: MediaFrame, onPicture: (decoded: DecodedPicture) => void): void {
    const startUs = monotonicUs();
    const inside = { startUs, busyUs: 0 };
    this.#inside.set(frame.frame, inside);
    for (const old of this.#inside.keys()) if (this.#inside.size > MAX_INSIDE) this.#inside.delete(old);
    this.#packet.data = Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength);
    this.#packet.pts = BigInt(frame.frame);
    this.#packet.dts = this.#packet.pts;
    this.#packet.isKeyframe = frame.key;
    try {
      this.#check(this.#context.sendPacketSync(this.#packet));
      for (;;) {
        const code = this.#context.receiveFrameSync(this.#picture);
        inside.busyUs = monotonicUs() - startUs;
        if (code === AVERROR_EAGAIN || code === AVERROR_EOF) break;
        this.#check(code);
        this.#tell(onPicture);
      }
    } finally {
      this.#packet.unref();
    }
  }

  /** Forgets what it has: the next frame must be a keyframe. */
  flush(): void {
    this.#inside.clear();
    this.#context.flushBuffers();
  }

  close(): void {
    this.#picture.free();
    this.#packet.free();
    this.#context.freeContext();
  }

  #tell(onPicture: (decoded: DecodedPicture) => void): void {
    try {
      const frame = Number(this.#picture.pts);
      const inside = this.#inside.get(frame);
      if (inside === undefined) return;
      this.#inside.delete(frame);
      if (this.#picture.hasFlags(AV_FRAME_FLAG_CORRUPT) || this.#picture.decodeErrorFlags !== 0)
        throw new DecodeFailure('the picture is damaged');
      onPicture({ frame, ...inside, endUs: monotonicUs(), picture: this.#picture });
    } finally {
      this.#picture.unref();
    }
  }

  #check(code: number): void {
    if (code < 0) throw new DecodeFailure(FFmpegError.strerror(code));
  }
}
