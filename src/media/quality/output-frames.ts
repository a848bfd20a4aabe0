// The frames of an encoded file, decoded one after the other, each with its number and its time.

import { Codec, CodecContext, Packet } from 'node-av/lib';
import type { Frame, Stream } from 'node-av/lib';
import {
  AVDISCARD_ALL,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_NOTIMESTAMPS,
  AVMEDIA_TYPE_VIDEO,
  AV_CODEC_FLAG_OUTPUT_CORRUPT,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_DISCARD,
} from 'node-av/constants';
import { PacketsInDecoder } from '../bundled/reordering.ts';
import { openInput, type OpenInput } from '../open-input.ts';
import { QualityFailure } from './quality-job.ts';

/** Automatic: frame threads, one a core. */
const DECODER_THREADS = 0;
/** Damaged frames in a row after which a file is given up. */
const MAX_FAULTS_IN_A_ROW = 10_000;

export class OutputFrames {
  readonly stream: Stream;
  readonly #input: OpenInput;
  readonly #decoder = new CodecContext();
  readonly #packet = new Packet();
  readonly #order = new PacketsInDecoder();
  readonly #timeless: boolean;
  readonly #tickS: number;
  #draining = false;
  #faultsInARow = 0;
  #firstTicks: number | null = null;
  /** Number of the frame that `next` gave, in presentation order, from 0; frames that can't be decoded count. */
  frame = -1;
  /** Its time in seconds from the first frame; null where the file has no times (a raw stream). */
  timeS: number | null = null;
  /** Frames that could not be decoded. */
  faults = 0;

  /** @throws QualityFailure where it can't be opened or decoded */
  constructor(path: string) {
    try {
      this.#input = openInput(path);
    } catch (error) {
      throw new QualityFailure(`the output can't be opened: ${(error as Error).message}`, { cause: error });
    }
    const streams = this.#input.format.streams;
    const isVideo = ({ codecpar, disposition }: Stream) =>
      codecpar.codecType === AVMEDIA_TYPE_VIDEO && (disposition & AV_DISPOSITION_ATTACHED_PIC) === 0;
    const stream = streams.find(isVideo);
    if (stream === undefined) throw new QualityFailure('the output has no video stream');
    for (const other of streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    this.stream = stream;
    const flags = this.#input.format.iformat?.flags ?? 0;
    this.#timeless = (flags & AVFMT_NOTIMESTAMPS) !== 0;
    this.#tickS = stream.timeBase.num / stream.timeBase.den;
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    if (codec === null) throw new QualityFailure('there is no decoder for the output');
    this.#decoder.allocContext3(codec);
    this.#decoder.parametersToContext(stream.codecpar);
    this.#decoder.pktTimebase = stream.timeBase;
    this.#decoder.threadCount = DECODER_THREADS;
    this.#decoder.setFlags(AV_CODEC_FLAG_OUTPUT_CORRUPT);
    if (this.#decoder.open2Sync(codec, null) < 0) throw new QualityFailure("the decoder of the output can't be opened");
    this.#packet.alloc();
  }

  /** Seconds that times of the file are rounded to. */
  get tickS(): number {
    return this.#tickS;
  }

  /**
   * Decodes the next frame into `into`, which must be empty.
   * @returns false at the end, which is also where reading breaks off
   */
  next(into: Frame): boolean {
    for (;;) {
      const code = this.#decoder.receiveFrameSync(into);
      if (code >= 0) {
        this.#describe(into);
        this.#faultsInARow = 0;
        return true;
      }
      if (code === AVERROR_EOF) return false;
      if (code === AVERROR_EAGAIN) {
        if (this.#draining) return false;
        this.#feed();
      } else {
        // A damaged frame is a frame lost: the decoder goes on with the next one, as the ffmpeg command does.
        this.faults++;
        if (++this.#faultsInARow > MAX_FAULTS_IN_A_ROW) return false;
      }
    }
  }

  close(): void {
    this.#packet.free();
    this.#decoder.freeContext();
    this.#input.close();
  }

  #describe(frame: Frame): void {
    const pts = frame.pts === AV_NOPTS_VALUE ? frame.bestEffortTimestamp : frame.pts;
    this.frame = this.#order.take(frame.pts === AV_NOPTS_VALUE ? NaN : Number(frame.pts));
    if (this.#timeless || pts === AV_NOPTS_VALUE) {
      this.timeS = null;
      return;
    }
    this.#firstTicks ??= Number(pts);
    this.timeS = (Number(pts) - this.#firstTicks) * this.#tickS;
  }

  #feed(): void {
    const packet = this.#packet;
    let code = 0;
    while ((code = this.#input.format.readFrameSync(packet)) >= 0 && packet.streamIndex !== this.stream.index)
      packet.unref();
    if (code < 0) {
      // Where a file is cut, what is in front of the cut is still compared, and what is missing is named.
      this.#draining = true;
      this.#decoder.sendPacketSync(null);
      return;
    }
    const shown = (packet.flags & AV_PKT_FLAG_DISCARD) === 0 && packet.size > 0;
    if (this.#decoder.sendPacketSync(packet) < 0) this.faults++;
    if (shown && packet.pts !== AV_NOPTS_VALUE) this.#order.add(Number(packet.pts), 0, 0);
    packet.unref();
  }
}
