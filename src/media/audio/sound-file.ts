// Encodes a track's samples into an MP4 file (child only). The same samples always give the same bytes.

import { Codec, CodecContext, FormatContext, Frame, Option, Packet, Rational } from 'node-av/lib';
import type { ChannelLayout, Stream } from 'node-av/lib';
import {
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_FLAG_BITEXACT,
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_OPT_SEARCH_CHILDREN,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
} from 'node-av/constants';
import type { AudioCodec } from '#core/title';
import { SAMPLE_RATE } from './audio-job.ts';
import { done } from './sound-failure.ts';

/** FFmpeg's own AAC encoder (libfdk-aac must not be distributed) and libopus. */
const ENCODERS = { aac: 'aac', opus: 'libopus' } as const satisfies Record<AudioCodec, string>;

export interface SoundFileOptions {
  readonly path: string;
  readonly codec: AudioCodec;
  readonly bitrate: number;
  readonly layout: ChannelLayout;
  /** Decibels that every sample is raised by. */
  readonly gain: number;
}

export class SoundFile {
  readonly #format = new FormatContext();
  readonly #context = new CodecContext();
  readonly #stream: Stream;
  readonly #packet = new Packet();
  readonly #frame = new Frame();
  readonly #planar: boolean;
  readonly #channels: number;
  readonly #layout: ChannelLayout;
  readonly #factor: number;
  readonly #from = new Rational(1, SAMPLE_RATE);
  readonly #path: string;
  readonly #filled: Float32Array;
  /** The same as the encoder wants it: raised by the gain, channel after channel where it is planar. */
  readonly #raised: Float32Array;
  readonly #frameSize: number;
  #inFrame = 0;
  #samples = 0;
  bytes = 0;
  /** Samples that the encoder puts before the sound: its first packet's time is as much below 0. */
  priming = 0;

  constructor(options: SoundFileOptions) {
    const { path, codec, bitrate, layout, gain } = options;
    this.#path = path;
    this.#layout = layout;
    this.#channels = layout.nbChannels;
    this.#factor = 10 ** (gain / 20);
    const encoder = Codec.findEncoderByName(ENCODERS[codec] as never);
    if (encoder === null) throw new Error(`there is no encoder ${ENCODERS[codec]}`);
    this.#planar = codec === 'aac';
    const context = this.#context;
    context.allocContext3(encoder);
    context.sampleRate = SAMPLE_RATE;
    context.channelLayout = layout;
    context.sampleFormat = this.#planar ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_FLT;
    context.timeBase = this.#from;
    context.bitRate = BigInt(bitrate);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_BITEXACT);
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    done(
      context.open2Sync(encoder, null),
      `${ENCODERS[codec]} can't be opened for ${this.#channels} channels at ${bitrate} bits/s`,
      'source',
    );
    this.#frameSize = context.frameSize;
    this.#filled = new Float32Array(this.#frameSize * this.#channels);
    this.#raised = new Float32Array(this.#filled.length);
    this.#check(this.#format.allocOutputContext2(null, 'mp4', `file:${path}`));
    this.#format.setFlags(AVFMT_FLAG_BITEXACT);
    this.#check(this.#format.openOutputSync());
    this.#stream = this.#format.newStream(null);
    this.#stream.timeBase = this.#from;
    this.#check(this.#stream.codecpar.fromContext(context));
    // The time scale of the edit list: with milliseconds it could not say 1024 samples of 48 kHz.
    Option.set(this.#format.getNative(), 'movie_timescale', String(SAMPLE_RATE), AV_OPT_SEARCH_CHILDREN);
    this.#check(this.#format.writeHeaderSync(null));
    this.#packet.alloc();
    this.#frame.alloc();
  }

  /** @param samples interleaved */
  add(samples: Float32Array, count: number): void {
    for (let at = 0; at < count;) {
      const part = Math.min(count - at, this.#frameSize - this.#inFrame);
      const from = samples.subarray(at * this.#channels, (at + part) * this.#channels);
      this.#filled.set(from, this.#inFrame * this.#channels);
      at += part;
      this.#inFrame += part;
      if (this.#inFrame === this.#frameSize) this.#encode();
    }
  }

  /** Completes the file. */
  finish(): void {
    if (this.#inFrame > 0) this.#encode();
    done(this.#context.sendFrameSync(null), 'the encoder fails at the end', 'system');
    this.#drain();
    this.#check(this.#format.writeTrailerSync());
    this.#format.closeOutputSync();
    this.#format.freeContext();
    this.#context.freeContext();
    this.#packet.free();
    this.#frame.free();
  }

  #encode(): void {
    const frame = this.#frame;
    const count = this.#inFrame;
    frame.format = this.#planar ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_FLT;
    frame.sampleRate = SAMPLE_RATE;
    frame.channelLayout = this.#layout;
    frame.nbSamples = count;
    done(frame.getBuffer(0), "a piece of sound can't be allocated", 'system');
    const channels = this.#channels;
    if (this.#planar)
      for (let channel = 0; channel < channels; channel++) this.#raise(channel * count, channel, channels, count);
    else this.#raise(0, 0, 1, count * channels);
    const bytes = Buffer.from(this.#raised.buffer, 0, count * channels * Float32Array.BYTES_PER_ELEMENT);
    // Not by `frame.data`: its buffers hold the frame's memory until the event loop turns, which it never does here.
    done(frame.fromBuffer(bytes), "a piece of sound can't be filled", 'system');
    frame.pts = BigInt(this.#samples);
    this.#samples += count;
    this.#inFrame = 0;
    done(this.#context.sendFrameSync(frame), `the encoder fails at sample ${this.#samples}`, 'system');
    frame.unref();
    this.#drain();
  }

  /** Copies every `stride`th value from `first` on, raised by the gain. */
  #raise(at: number, first: number, stride: number, count: number): void {
    for (let i = 0, from = first; i < count; i++, from += stride)
      this.#raised[at + i] = this.#filled[from]! * this.#factor;
  }

  #drain(): void {
    for (;;) {
      const code = this.#context.receivePacketSync(this.#packet);
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
      done(code, `the encoder fails at sample ${this.#samples}`, 'system');
      if (this.bytes === 0) this.priming = Math.max(0, -Number(this.#packet.pts));
      this.bytes += this.#packet.size;
      this.#packet.streamIndex = 0;
      this.#packet.rescaleTs(this.#from, this.#stream.timeBase);
      this.#check(this.#format.writeFrameSync(this.#packet));
      this.#packet.unref();
    }
  }

  #check(code: number): void {
    done(code, `${this.#path} can't be written`, 'system');
  }
}
