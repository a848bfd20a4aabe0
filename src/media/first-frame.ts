// Does a video stream decode, and into which pixel format: its first frame tells (child only).

import { Codec, CodecContext, FFmpegError, Frame, avGetPixFmtName } from 'node-av/lib';
import type { Packet, Stream } from 'node-av/lib';
import { AVERROR_EAGAIN, AVERROR_EOF, AV_CODEC_FLAG_OUTPUT_CORRUPT } from 'node-av/constants';
import { besidePicture, type BesidePicture } from './beside-picture.ts';

/** Larger pictures are refused before a decoder would allocate them: four times 8K. */
const MAX_PIXELS = 15_360 * 8_640;
/** Packets in which the first decoded frame must come. */
const MAX_DECODE_PACKETS = 300;

/** Decodes packets until one frame came out. */
export class FirstFrame {
  readonly #context = new CodecContext();
  readonly #frame = new Frame();
  #fed = 0;
  #open = false;
  decoded = false;
  error: string | null = null;
  pixelFormat: string | null = null;
  /** What it carries beside its samples; null where none was decoded. */
  beside: BesidePicture | null = null;

  constructor(stream: Stream) {
    const parameters = stream.codecpar;
    const decoder = Codec.findDecoder(parameters.codecId);
    if (decoder === null) this.error = 'there is no decoder for it';
    else if (parameters.width <= 0 || parameters.height <= 0) this.error = 'its size is unknown';
    else if (parameters.width * parameters.height > MAX_PIXELS)
      this.error = `it declares pictures of ${parameters.width}x${parameters.height}`;
    else {
      this.#context.allocContext3(decoder);
      this.#context.parametersToContext(parameters);
      this.#context.pktTimebase = stream.timeBase;
      this.#context.threadCount = 1;
      this.#context.setFlags(AV_CODEC_FLAG_OUTPUT_CORRUPT);
      this.#frame.alloc();
      const opened = this.#context.open2Sync(decoder, null);
      if (opened < 0) this.error = FFmpegError.strerror(opened);
      this.#open = opened >= 0;
    }
  }

  feed(packet: Packet | null): void {
    if (!this.#open) return;
    const sent = this.#context.sendPacketSync(packet);
    if (sent < 0 && sent !== AVERROR_EAGAIN && sent !== AVERROR_EOF) this.error = FFmpegError.strerror(sent);
    if (this.#context.receiveFrameSync(this.#frame) >= 0) {
      this.decoded = true;
      this.error = null;
      this.pixelFormat = avGetPixFmtName(this.#frame.format as never);
      this.beside = besidePicture(this.#frame);
      this.#close();
    } else if (++this.#fed >= MAX_DECODE_PACKETS) {
      this.error ??= `its first ${MAX_DECODE_PACKETS} packets hold no frame that can be decoded`;
      this.#close();
    }
  }

  finish(): void {
    this.feed(null);
    if (this.#open) this.#close();
    if (!this.decoded) this.error ??= 'no frame of it can be decoded';
  }

  #close(): void {
    this.#open = false;
    this.#frame.free();
    this.#context.freeContext();
  }
}
