// The frames of a kept bitstream, decoded in order, each with the number that the sender gave it.

import { Codec, CodecContext, FFmpegError, Packet } from 'node-av/lib';
import type { Frame } from 'node-av/lib';
import { AVERROR_EAGAIN, AVERROR_EOF, AV_FRAME_FLAG_CORRUPT, AV_PKT_FLAG_KEY, AV_NOPTS_VALUE } from 'node-av/constants';
import { QualityFailure } from '#media/quality/quality-job';
import { readKept, type KeptFrame, type KeptRecord } from '../kept-reader.ts';
import type { MediaConfig } from '../transport/media.ts';

/** Automatic: frame threads, one a core. */
const DECODER_THREADS = 0;
/** FFmpeg's own AV1 decoder needs a GPU. */
const DECODERS: Readonly<Record<string, string>> = { av1: 'libdav1d' };

/** What the sender said of a frame. */
export interface ReceivedFrame {
  readonly frame: number;
  readonly sourceFrame: number;
  /** Microseconds, the sender's monotonic clock. */
  readonly captureUs: number;
}

export class ReceivedFrames {
  readonly #records: AsyncGenerator<KeptRecord, void, void>;
  readonly #packet = new Packet();
  #decoder: CodecContext | null = null;
  /** A record that waits until the decoder before it is empty. */
  #config: MediaConfig | null = null;
  #current = -1;
  #draining = false;
  #ended = false;
  /** Frames in the decoder: no more than it has threads and pictures to put into order. */
  readonly #inside = new Map<number, ReceivedFrame>();
  /** Numbers of those that did not come out of it. */
  readonly #onMissing: (frame: ReceivedFrame) => void;
  /** Frames a second that were asked for, as of the first configuration. */
  frameRate = 0;

  constructor(path: string, onMissing: (frame: ReceivedFrame) => void) {
    this.#records = readKept(path);
    this.#onMissing = onMissing;
    this.#packet.alloc();
  }

  /**
   * Decodes the next frame into `into`, which must be empty.
   * @returns null at the end
   * @throws QualityFailure where there is no decoder for it; UserError where it is no kept file, or damaged
   */
  async next(into: Frame): Promise<ReceivedFrame | null> {
    for (;;) {
      const found = this.#take(into);
      if (found !== null) return found;
      if (this.#ended) return null;
      await this.#feed();
    }
  }

  async close(): Promise<void> {
    await this.#records.return();
    this.#packet.free();
    this.#decoder?.freeContext();
  }

  #take(into: Frame): ReceivedFrame | null {
    while (this.#decoder !== null) {
      const code = this.#decoder.receiveFrameSync(into);
      if (code === AVERROR_EOF || (code === AVERROR_EAGAIN && this.#draining)) {
        this.#lose(Infinity);
        this.#decoder.freeContext();
        this.#decoder = null;
        this.#draining = false;
        return null;
      }
      if (code === AVERROR_EAGAIN) return null;
      // A damaged frame is an error of this frame only.
      if (code < 0) continue;
      const known = into.pts === AV_NOPTS_VALUE ? undefined : this.#inside.get(Number(into.pts));
      // The client presents no damaged picture.
      const whole = !into.hasFlags(AV_FRAME_FLAG_CORRUPT) && into.decodeErrorFlags === 0;
      if (known !== undefined && whole) {
        this.#inside.delete(known.frame);
        this.#lose(known.frame);
        return known;
      }
      into.unref();
    }
    return null;
  }

  /** Frames come out in their order: an earlier one that has not come does not come any more. */
  #lose(before: number): void {
    for (const [frame, known] of this.#inside) {
      if (frame >= before) continue;
      this.#inside.delete(frame);
      this.#onMissing(known);
    }
  }

  /** Gives the decoder the next record. */
  async #feed(): Promise<void> {
    if (this.#decoder === null && this.#config !== null) {
      this.#decoder = openDecoder(this.#config);
      this.#config = null;
    }
    const { value: record } = await this.#records.next();
    if (record === undefined) {
      this.#ended = this.#decoder === null;
      return this.#drain();
    }
    if (record.kind === 'header' && record.what !== 'bitstream')
      throw new QualityFailure('what was kept of the client is no bitstream');
    if (record.kind === 'bitstream') {
      this.frameRate ||= record.config.frameRate;
      // Over a lossy transport the same one comes again with every keyframe.
      if (record.config.config === this.#current) return;
      this.#current = record.config.config;
      this.#config = record.config;
      this.#drain();
    } else if (record.kind === 'frame') this.#send(record);
  }

  #drain(): void {
    if (this.#decoder === null || this.#draining) return;
    this.#draining = true;
    this.#decoder.sendPacketSync(null);
  }

  #send(record: KeptFrame): void {
    if (this.#decoder === null) throw new QualityFailure('the kept bitstream has frames without a configuration');
    const { frame, sourceFrame, captureUs } = record;
    const packet = this.#packet;
    packet.unref();
    packet.data = record.data;
    packet.pts = BigInt(frame);
    packet.dts = BigInt(frame);
    if (record.key) packet.flags = AV_PKT_FLAG_KEY;
    this.#inside.set(frame, { frame, sourceFrame, captureUs });
    this.#decoder.sendPacketSync(packet);
  }
}

/** @throws QualityFailure where it can't be had */
function openDecoder({ codec: name, extraData, width, height }: MediaConfig): CodecContext {
  const codec = Codec.findDecoderByName((DECODERS[name] ?? name) as never);
  if (codec === null) throw new QualityFailure(`there is no decoder for ${name}`);
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.width = width;
  decoder.height = height;
  decoder.threadCount = DECODER_THREADS;
  if (extraData !== null) decoder.extraData = Buffer.from(extraData);
  const code = decoder.open2Sync(codec, null);
  if (code < 0) throw new QualityFailure(`the decoder of ${name} can't be opened: ${FFmpegError.strerror(code)}`);
  return decoder;
}
