// The video packets of an MP4 file, one after the other, with exact times (child only).

import { FFmpegError, Packet } from 'node-av/lib';
import type { Stream } from 'node-av/lib';
import {
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_CORRUPT,
  AV_PKT_FLAG_DISCARD,
} from 'node-av/constants';
import type { Fraction } from '#core/source';
import { isSystemError } from '../cache-file.ts';
import { reduced } from '../fraction.ts';
import { openInput, type OpenInput } from '../open-input.ts';
import { AssembleFailure, blamed } from './assemble-failure.ts';
import type { Blame } from './assemble-job.ts';

export class PacketFile {
  readonly stream: Stream;
  readonly packet = new Packet();
  readonly #input: OpenInput;
  readonly #name: string;
  readonly #blame: Blame;
  /** Ticks of the job a tick of the file. */
  readonly #scale: Fraction;
  /** Packets that `next` gave. */
  count = 0;
  /** Times of the packet, in ticks of the job. */
  pts = 0;
  dts = 0;

  /**
   * @param name as people know it: `chunk 7`
   * @param timeBase seconds a tick of the times that are told
   * @param blame who is to blame for a file that is not as it should be
   * @throws AssembleFailure where it is gone or no video can be read from it
   */
  constructor(path: string, name: string, timeBase: Fraction, blame: Blame) {
    this.#name = name;
    this.#blame = blame;
    this.#input = blamed(name, () => this.#open(path));
    const stream = this.#input.format.streams.find((each) => each.codecpar.codecType === AVMEDIA_TYPE_VIDEO);
    if (stream === undefined) throw this.#failure('it holds no video');
    for (const other of this.#input.format.streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    this.stream = stream;
    const { num, den } = stream.timeBase;
    this.#scale = reduced(num * timeBase.den, den * timeBase.num);
    this.packet.alloc();
  }

  /** @returns false at the end. @throws AssembleFailure where reading breaks off, or a time lies between two ticks */
  next(): boolean {
    const packet = this.packet;
    packet.unref();
    let code = 0;
    while ((code = this.#input.format.readFrameSync(packet)) >= 0 && packet.streamIndex !== this.stream.index)
      packet.unref();
    if (code === AVERROR_EOF) return false;
    if (code < 0) throw this.#failure(`it can't be read behind frame ${this.count - 1}: ${FFmpegError.strerror(code)}`);
    if ((packet.flags & AV_PKT_FLAG_CORRUPT) !== 0)
      throw this.#failure(`it is cut off or damaged at frame ${this.count}`);
    if ((packet.flags & AV_PKT_FLAG_DISCARD) !== 0) throw this.#failure(`its edit list hides frame ${this.count}`);
    this.pts = this.#ticks(packet.pts);
    this.dts = this.#ticks(packet.dts);
    this.count++;
    return true;
  }

  close(): void {
    this.packet.free();
    this.#input.close();
  }

  #ticks(time: bigint): number {
    if (time === AV_NOPTS_VALUE) throw this.#failure(`frame ${this.count} has no time`);
    const scaled = Number(time) * this.#scale.num;
    const ticks = scaled / this.#scale.den;
    if (!Number.isSafeInteger(scaled) || !Number.isInteger(ticks))
      throw this.#failure(`the time of frame ${this.count} lies between two ticks: its time scale does not fit`);
    return ticks;
  }

  #open(path: string): OpenInput {
    try {
      return openInput(path);
    } catch (error) {
      if (isSystemError(error)) throw error;
      throw this.#failure(`it can't be opened: ${(error as Error).message}`, error);
    }
  }

  #failure(what: string, cause?: unknown): AssembleFailure {
    return new AssembleFailure(this.#blame, `${this.#name}: ${what}`, cause === undefined ? undefined : { cause });
  }
}
