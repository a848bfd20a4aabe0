// One stream of sound, decoded piece by piece (child only).

import { Codec, CodecContext, Packet, avGetCodecName } from 'node-av/lib';
import type { Frame, Stream } from 'node-av/lib';
import {
  AVDISCARD_ALL,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AV_NOPTS_VALUE,
  AV_SAMPLE_FMT_NONE,
} from 'node-av/constants';
import { openInput, type OpenInput } from '../open-input.ts';
import { SoundFailure, done } from './sound-failure.ts';

export class SoundDecoder {
  readonly stream: Stream;
  readonly #input: OpenInput;
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  readonly #tickS: number;
  #draining = false;
  /** Packets that the decoder refused. */
  badPackets = 0;

  /** @param index null for the file's first stream of sound */
  constructor(path: string, index: number | null) {
    this.#input = openSound(path);
    const streams = this.#input.format.streams;
    const stream = streams.find((each) =>
      index === null ? each.codecpar.codecType === AVMEDIA_TYPE_AUDIO : each.index === index,
    );
    if (stream?.codecpar.codecType !== AVMEDIA_TYPE_AUDIO)
      throw new SoundFailure(`there is no stream of sound ${index ?? ''}`.trim(), 'source');
    for (const other of streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    this.stream = stream;
    this.#tickS = stream.timeBase.num / stream.timeBase.den;
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    const name = avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
    if (codec === null) throw new SoundFailure(`there is no decoder for ${name} sound`, 'source');
    this.#context.allocContext3(codec);
    done(this.#context.parametersToContext(stream.codecpar), `its ${name} sound can't be decoded`, 'source');
    this.#context.pktTimebase = stream.timeBase;
    this.#context.threadCount = 1;
    done(this.#context.open2Sync(codec, null), `the decoder of its ${name} sound can't be opened`, 'source');
    this.#packet.alloc();
  }

  /**
   * Decodes the next piece into `into`, which must be empty.
   * @returns false at the end of the stream
   */
  next(into: Frame): boolean {
    for (;;) {
      const code = this.#context.receiveFrameSync(into);
      if (code >= 0) {
        if (into.nbSamples > 0 && into.format !== AV_SAMPLE_FMT_NONE) return true;
        into.unref();
      } else if (code === AVERROR_EOF || (code === AVERROR_EAGAIN && this.#draining)) return false;
      else if (code === AVERROR_EAGAIN) this.#feed();
      // A damaged piece is an error of this piece only; what it leaves is a hole in the timestamps.
      else this.badPackets++;
    }
  }

  /** When a decoded piece begins, seconds of the source's time; NaN where it does not say. */
  timeS(frame: Frame): number {
    const ticks = frame.pts === AV_NOPTS_VALUE ? frame.bestEffortTimestamp : frame.pts;
    return ticks === AV_NOPTS_VALUE ? NaN : Number(ticks) * this.#tickS;
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
    this.#input.close();
  }

  #feed(): void {
    const packet = this.#packet;
    let code = 0;
    while ((code = this.#input.format.readFrameSync(packet)) >= 0 && packet.streamIndex !== this.stream.index)
      packet.unref();
    if (code < 0) {
      if (code !== AVERROR_EOF) done(code, "the source can't be read to its end", 'system');
      this.#draining = true;
      this.#context.sendPacketSync(null);
      return;
    }
    if (this.#context.sendPacketSync(packet) < 0) this.badPackets++;
    packet.unref();
  }
}

function openSound(path: string): OpenInput {
  try {
    return openInput(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // A disk that is gone for a while and a file that is none look alike: the source was checked before.
    throw new SoundFailure(`it can't be opened: ${why}`, 'system', { cause: error });
  }
}
