// The frames of a source, decoded one after the other, each with its number, its time and what decoding it cost.

import { Codec, CodecContext, Packet, avGetCodecName } from 'node-av/lib';
import type { Frame, Stream } from 'node-av/lib';
import {
  AVFMT_NOTIMESTAMPS,
  AVDISCARD_ALL,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
  AV_CODEC_FLAG_OUTPUT_CORRUPT,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_DISCARD,
} from 'node-av/constants';
import type { AVPixelFormat } from 'node-av/constants';
import { monotonicUs } from '#system/clock';
import { InputError, openInput, type OpenInput } from '../open-input.ts';
import { EncodeFailure, failureOf } from './encode-failure.ts';
import { deviceDecoder, openDevice } from './hardware-device.ts';
import { PacketsInDecoder } from './reordering.ts';

/** Automatic, as the ffmpeg command decodes: frame threads, one a core. */
const DECODER_THREADS = 0;
/** Errors between two packets after which a decoder is taken for broken: it holds fewer packets than that. */
const MAX_ERRORS_IN_A_ROW = 1024;
/** Pictures of a device's that are out at once: the two that wait for their times, and what an encoder looks ahead. */
const DEVICE_FRAMES = 32;

/** Sees what passes by on the way to the decoder: no second reading is needed to know every packet. */
export interface PacketWatch {
  /** Each packet of each stream, before it is decoded. */
  packet(packet: Packet): void;
  /** The decoder took no packet, or gave no frame, for this error. */
  refused(code: number): void;
}

export class SourceFrames {
  readonly stream: Stream;
  readonly #input: OpenInput;
  readonly #decoder = new CodecContext();
  readonly #packet = new Packet();
  readonly #watch: PacketWatch | null;
  #inDecoder = new PacketsInDecoder();
  /** Format of pictures in the memory of the device that decodes; null where it is decoded in software. */
  readonly deviceFormat: AVPixelFormat | null;
  readonly #device: string | null;
  #draining = false;
  #lastTicks = -1;
  /** Number of the frame that `next` gave, in presentation order, from 0. */
  frame = -1;
  /** Its time in ticks of the stream. */
  ticks = 0;
  /** True where the source tells that time; false where it was counted or guessed from its packets' order. */
  timed = false;
  /** How long it is shown, in ticks of the stream; 0 where that is not known. */
  duration = 0;
  /** When its packet went in, and the time spent in calls for it; -1 where not known. */
  startUs = -1;
  endUs = -1;
  busyUs = -1;

  /**
   * @param device decodes on this device (`vaapi`, `cuda` …), whose memory the frames then lie in; null decodes in software
   * @param threads of the decoder; automatic by default
   * @param watch sees all packets, those of other streams too, which are left out otherwise
   * @throws EncodeFailure where the source can't be opened or decoded
   */
  constructor(
    source: string | OpenInput,
    streamIndex: number | null,
    device: string | null = null,
    threads = DECODER_THREADS,
    watch: PacketWatch | null = null,
  ) {
    this.#input = typeof source === 'string' ? open(source) : source;
    this.#watch = watch;
    const streams = this.#input.format.streams;
    const stream =
      streamIndex === null
        ? streams.find((each) => each.codecpar.codecType === AVMEDIA_TYPE_VIDEO)
        : streams.find((each) => each.index === streamIndex);
    if (stream?.codecpar.codecType !== AVMEDIA_TYPE_VIDEO)
      throw new EncodeFailure('the source has changed: its video stream is gone');
    if (watch === null) for (const other of streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    this.stream = stream;
    const software = Codec.findDecoder(stream.codecpar.codecId);
    if (software === null) throw new EncodeFailure('there is no decoder for the source');
    const onDevice = device === null ? null : deviceDecoder(software, device);
    if (device !== null && onDevice === null)
      throw new EncodeFailure(
        `${device} has no decoder for ${avGetCodecName(stream.codecpar.codecId) ?? 'the source'}`,
      );
    const codec = onDevice?.codec ?? software;
    this.#device = device;
    this.deviceFormat = onDevice?.format ?? null;
    this.#decoder.allocContext3(codec);
    if (onDevice !== null) {
      this.#decoder.hwDeviceCtx = openDevice(device!);
      this.#decoder.setHardwarePixelFormat(onDevice.format);
      this.#decoder.extraHWFrames = DEVICE_FRAMES;
    }
    this.#decoder.parametersToContext(stream.codecpar);
    this.#decoder.pktTimebase = stream.timeBase;
    this.#decoder.threadCount = threads;
    // As the ffmpeg command does, so that frame numbers agree with its.
    this.#decoder.setFlags(AV_CODEC_FLAG_OUTPUT_CORRUPT);
    const opened = this.#decoder.open2Sync(codec, null);
    if (opened < 0) throw failureOf("the decoder of the source can't be opened", opened);
    this.#packet.alloc();
  }

  /**
   * Decodes the next frame into `into`, which must be empty.
   * @returns false at the end of the source
   * @throws EncodeFailure where reading or decoding breaks down
   */
  next(into: Frame): boolean {
    let errors = 0;
    for (;;) {
      const beforeUs = monotonicUs();
      const code = this.#decoder.receiveFrameSync(into);
      if (code >= 0) {
        if (this.deviceFormat !== null && into.format !== this.deviceFormat)
          throw new EncodeFailure(`${this.#device} can't decode this source`);
        this.#describe(into, beforeUs);
        return true;
      }
      if (code === AVERROR_EOF) return false;
      if (code !== AVERROR_EAGAIN) {
        // Some decoders (dav1d) tell of a damaged packet only here: an error of this packet too.
        this.#watch?.refused(code);
        if (++errors > MAX_ERRORS_IN_A_ROW) throw failureOf(`decoding breaks down behind frame ${this.frame}`, code);
        continue;
      }
      if (this.#draining) return false;
      errors = 0;
      this.#feed();
    }
  }

  /** False for a container without times (a raw stream). */
  get keepsTimes(): boolean {
    return ((this.#input.format.iformat?.flags ?? 0) & AVFMT_NOTIMESTAMPS) === 0;
  }

  /**
   * Begins again with the first frame.
   * @returns false where the source can't go back: a raw stream, a generator
   */
  rewind(): boolean {
    const start = this.stream.startTime;
    return this.seek(start === AV_NOPTS_VALUE ? 0 : Number(start));
  }

  /**
   * Goes on with a keyframe at or before a time, where the source's index is right; frames are counted from it.
   * @param ticks of the stream
   * @returns false where the source can't seek
   */
  seek(ticks: number): boolean {
    if (this.#input.format.seekFrameSync(this.stream.index, BigInt(ticks), AVSEEK_FLAG_BACKWARD) < 0) return false;
    this.#decoder.flushBuffers();
    this.#inDecoder = new PacketsInDecoder();
    this.#draining = false;
    this.#lastTicks = -1;
    this.frame = -1;
    return true;
  }

  close(): void {
    this.#packet.free();
    this.#decoder.freeContext();
    this.#input.close();
  }

  #describe(frame: Frame, beforeUs: number): void {
    this.timed = frame.pts !== AV_NOPTS_VALUE;
    const pts = this.timed ? frame.pts : frame.bestEffortTimestamp;
    this.ticks = pts === AV_NOPTS_VALUE ? this.#lastTicks + 1 : Number(pts);
    this.#lastTicks = this.ticks;
    this.duration = Math.max(0, Number(frame.duration));
    // Without a time of its own (AVI with B-frames) a frame can only be counted: its packet is not known.
    this.frame = this.#inDecoder.take(this.timed ? this.ticks : NaN);
    this.endUs = monotonicUs();
    this.startUs = this.#inDecoder.startUs;
    this.busyUs = this.startUs < 0 ? -1 : this.#inDecoder.busyUs + this.endUs - beforeUs;
  }

  #feed(): void {
    const packet = this.#packet;
    let code = 0;
    while ((code = this.#input.format.readFrameSync(packet)) >= 0) {
      this.#watch?.packet(packet);
      if (packet.streamIndex === this.stream.index) break;
      packet.unref();
    }
    if (code < 0) {
      if (code !== AVERROR_EOF) throw failureOf(`the source can't be read behind frame ${this.frame}`, code);
      this.#draining = true;
      this.#decoder.sendPacketSync(null);
      return;
    }
    const shown = (packet.flags & AV_PKT_FLAG_DISCARD) === 0 && packet.size > 0;
    const pts = packet.pts;
    const startUs = monotonicUs();
    // A damaged packet is an error of this packet only: the decoder goes on, as the ffmpeg command does.
    const sent = this.#decoder.sendPacketSync(packet);
    if (sent < 0) this.#watch?.refused(sent);
    if (shown && pts !== AV_NOPTS_VALUE) this.#inDecoder.add(Number(pts), startUs, monotonicUs() - startUs);
    packet.unref();
  }
}

function open(path: string): OpenInput {
  try {
    return openInput(path);
  } catch (error) {
    const why = error instanceof InputError || error instanceof Error ? error.message : String(error);
    throw new EncodeFailure(`the source can't be opened: ${why}`, { cause: error });
  }
}
