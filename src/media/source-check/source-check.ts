// One pass over a source: every packet is looked at, every frame decoded, made small and compared (child only).

import { FFmpegError, Frame, avGetPixFmtName } from 'node-av/lib';
import type { Packet } from 'node-av/lib';
import {
  AVMEDIA_TYPE_AUDIO,
  AV_FRAME_FLAG_CORRUPT,
  AV_FRAME_FLAG_INTERLACED,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_CORRUPT,
  AV_PKT_FLAG_DISCARD,
  AV_PKT_FLAG_KEY,
} from 'node-av/constants';
import type { FieldOrder } from '#core/source';
import type { SourceFrameColumns } from '#core/source-check';
import { sceneCuts } from '#analysis/scene-cuts';
import { fieldOrder } from '../beside-picture.ts';
import { SourceFrames } from '../bundled/source-frames.ts';
import type { OpenInput } from '../open-input.ts';
import type { PacketScan } from '../packet-scan.ts';
import type { PicturePass } from '../thumbnails/picture-pass.ts';
import { AudioScan, met } from './audio-scan.ts';
import type { CheckTallies, PictureChange, Tally } from './check-messages.ts';
import { FrameTable } from './frame-table.ts';
import { PictureActivity } from './picture-activity.ts';
import { SmallPicture } from './small-picture.ts';

export class SourceCheck {
  readonly #scan: PacketScan;
  readonly #source: SourceFrames;
  #frame = new Frame();
  readonly #small: SmallPicture;
  readonly #activity: PictureActivity;
  readonly #frames = new FrameTable();
  readonly #pictures: PicturePass | null;
  /** Times of the packets at which a decoder can begin, whose frames did not come out yet; only for the pictures. */
  readonly #keyTimes = new Set<number>();
  readonly #audio: readonly (AudioScan | null)[];
  readonly #index: number;
  readonly #tick: number;
  readonly #startS: number;
  readonly #durationS: number;
  readonly #corrupt: Tally = { count: 0, firstS: null };
  readonly #refused: Tally = { count: 0, firstS: null };
  #refusedWhy: string | null = null;
  readonly #backwards: Tally = { count: 0, firstS: null };
  #lastDts = -Infinity;
  #packetS: number | null = null;
  #damaged = 0;
  #damagedFrame: number | null = null;
  #interlaced = 0;
  #interlacedFrame: number | null = null;
  #fieldOrder: FieldOrder | null = null;
  #width = 0;
  #height = 0;
  #format = -1;
  #sizes: PictureChange | null = null;
  #formats: PictureChange | null = null;

  /**
   * @param pictures makes thumbnails in passing; null makes none
   * @throws EncodeFailure where its decoder can't be opened
   */
  constructor(input: OpenInput, scan: PacketScan, pictures: PicturePass | null) {
    this.#pictures = pictures;
    const { format } = input;
    const video = scan.chosen!;
    this.#scan = scan;
    this.#index = video.index;
    this.#tick = video.timeBase.num / video.timeBase.den;
    this.#startS = format.startTime === AV_NOPTS_VALUE ? 0 : Number(format.startTime) / 1e6;
    this.#durationS = format.duration === AV_NOPTS_VALUE ? 0 : Number(format.duration) / 1e6;
    this.#audio = format.streams.map((stream) =>
      stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO ? new AudioScan(stream) : null,
    );
    this.#source = new SourceFrames(input, video.index, null, undefined, {
      packet: (packet) => this.#see(packet),
      refused: (code) => this.#refuse(code),
    });
    this.#small = new SmallPicture(video.codecpar.width, video.codecpar.height);
    this.#activity = new PictureActivity(this.#small.width, this.#small.height);
    this.#frame.alloc();
  }

  /** How much of the source is decoded, 0 to 1; null where its length is not known. */
  get share(): number | null {
    if (this.#durationS <= 0) return null;
    const share = (this.#source.ticks * this.#tick - this.#startS) / this.#durationS;
    return Math.min(1, Math.max(0, share));
  }

  /**
   * Decodes one more frame.
   * @returns false at the end
   * @throws EncodeFailure where reading or decoding breaks down
   */
  next(): boolean {
    const source = this.#source;
    const frame = this.#frame;
    if (!source.next(frame)) return false;
    this.#watchPicture(frame);
    this.#activity.add(this.#small.luma(frame));
    const key = frame.keyFrame !== 0;
    this.#frames.add(source.frame, source.ticks, source.timed, source.duration, key, this.#activity);
    if (this.#pictures === null) frame.unref();
    else {
      // As the table of frames will tell it: the packet's word counts where the frame's packet is known.
      const begins = source.timed ? this.#keyTimes.delete(source.ticks) : key;
      this.#frame = this.#pictures.exchange(frame, source.frame, source.ticks, begins, this.#activity.spatial);
    }
    return !this.#scan.endless;
  }

  /** @returns `rows` gives some rows of all columns: a copy of all of them at once is never made */
  finish(): {
    readonly rows: (first: number, count: number) => SourceFrameColumns;
    readonly tallies: CheckTallies;
    readonly scenes: number[];
    readonly frames: number;
  } {
    const frames = this.#frames;
    const packets = this.#scan.table!;
    const lost = Math.max(packets.count, frames.count) - frames.decoded;
    frames.complete(packets);
    return {
      rows: (first, count) => frames.rows(first, count),
      frames: frames.count,
      scenes: sceneCuts(frames.signals),
      tallies: {
        corrupt: this.#corrupt,
        refused: this.#refused,
        refusedWhy: this.#refusedWhy,
        damaged: this.#damaged,
        damagedFrame: this.#damagedFrame,
        interlaced: this.#interlaced,
        interlacedFrame: this.#interlacedFrame,
        fieldOrder: this.#fieldOrder,
        lost,
        lostFrame: frames.firstLost ?? (lost > 0 ? frames.count : null),
        backwards: this.#backwards,
        untimed: packets.untimed,
        timed: frames.timed,
        sizes: this.#sizes,
        formats: this.#formats,
        audio: this.#audio.flatMap((scan) => scan?.finish() ?? []),
      },
    };
  }

  #see(packet: Packet): void {
    this.#scan.add(packet);
    const index = packet.streamIndex;
    if (index !== this.#index) {
      this.#audio[index]?.add(packet);
      return;
    }
    const { flags, pts, dts } = packet;
    const time = pts === AV_NOPTS_VALUE ? dts : pts;
    this.#packetS = time === AV_NOPTS_VALUE ? null : Number(time) * this.#tick;
    if ((flags & AV_PKT_FLAG_CORRUPT) !== 0) met(this.#corrupt, this.#packetS);
    if (dts !== AV_NOPTS_VALUE) {
      if (Number(dts) < this.#lastDts) met(this.#backwards, this.#packetS);
      this.#lastDts = Number(dts);
    }
    const begins = (flags & AV_PKT_FLAG_KEY) !== 0 && (flags & AV_PKT_FLAG_DISCARD) === 0;
    if (begins && this.#pictures !== null && pts !== AV_NOPTS_VALUE && packet.size > 0) this.#keyTimes.add(Number(pts));
  }

  #refuse(code: number): void {
    met(this.#refused, this.#packetS);
    this.#refusedWhy ??= FFmpegError.strerror(code);
  }

  #watchPicture(frame: Frame): void {
    const flags = frame.flags;
    if ((flags & AV_FRAME_FLAG_INTERLACED) !== 0) {
      this.#interlaced++;
      this.#interlacedFrame ??= this.#source.frame;
      this.#fieldOrder ??= fieldOrder(flags);
    }
    if (frame.decodeErrorFlags !== 0 || (flags & AV_FRAME_FLAG_CORRUPT) !== 0) {
      this.#damaged++;
      this.#damagedFrame ??= this.#source.frame;
    }
    const { width, height, format } = frame;
    if (width === this.#width && height === this.#height && format === this.#format) return;
    const number = this.#source.frame;
    if (this.#width > 0 && (width !== this.#width || height !== this.#height)) {
      const from = `${this.#width}x${this.#height}`;
      this.#sizes ??= { count: 0, frame: number, from, to: `${width}x${height}`, shape: false };
      this.#sizes.count++;
      // Two samples of rounding change no shape.
      if (Math.abs(width * this.#height - height * this.#width) > 2 * Math.max(width, this.#width))
        this.#sizes.shape = true;
    }
    if (this.#format >= 0 && format !== this.#format) {
      const [from, to] = [nameOf(this.#format), nameOf(format)];
      this.#formats ??= { count: 0, frame: number, from, to, shape: false };
      this.#formats.count++;
    }
    this.#width = width;
    this.#height = height;
    this.#format = format;
  }
}

function nameOf(format: number): string {
  return avGetPixFmtName(format as never) ?? String(format);
}
