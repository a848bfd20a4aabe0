// The child that reads the files of chunks again and decodes them, each GOP with a decoder that knows nothing of the others.

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { Codec, CodecContext, FFmpegError, Frame, Log, Packet, avGetCodecName } from 'node-av/lib';
import type { Stream } from 'node-av/lib';
import {
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  AV_FRAME_FLAG_CORRUPT,
  AV_LOG_WARNING,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_DISCARD,
} from 'node-av/constants';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { openInput } from '../open-input.ts';
import type { CheckedChunk, ChunkToCheck, SeenPictures } from './check-chunk.ts';
import type { CheckJob, CheckMessage } from './check-messages.ts';
import { isCleanStart } from './clean-start.ts';
import { EdgeScorer } from './edge-scorer.ts';
import { gopProblem, type CodedPacket } from './gop-order.ts';
import { PictureHash } from './picture-hash.ts';

const ALIVE_INTERVAL_MS = 500;
const HASH_DIGITS = 16;
/** Hashes in one message, so that it stays far below the longest. */
const HASHES_AT_ONCE = 10_000;
/** A chunk's packets: hours of them. */
const MAX_PACKETS = 1_000_000;

const channel = new ChannelWriter();
const send = (message: CheckMessage) => channel.json(message);

function main(): void {
  const { files } = readJob<CheckJob>();
  Log.setLevel(AV_LOG_WARNING);
  for (const file of files) {
    const before = process.cpuUsage();
    const told = check(file);
    const { user, system } = process.cpuUsage(before);
    send({ kind: 'checked', file: { ...told, cpuS: (user + system) / 1e6 } });
  }
}

type Told = Omit<CheckedChunk, 'packetHashes' | 'cpuS'>;

/** Something that a chunk must not be. */
class Wrong extends Error {}

function check(file: ChunkToCheck): Told {
  const told: { -readonly [Name in keyof Told]: Told[Name] } = {
    problem: null,
    frames: 0,
    bytes: 0,
    decodesFrom: 0,
    pictures: null,
  };
  try {
    told.bytes = statSync(file.path).size;
    const input = openInput(file.path);
    try {
      const [stream, ...others] = input.format.streams;
      if (stream?.codecpar.codecType !== AVMEDIA_TYPE_VIDEO || others.length > 0)
        throw new Wrong('it holds something else than one stream of video');
      const chunk = new CheckedFile(file, stream);
      try {
        const packet = new Packet();
        packet.alloc();
        let code = 0;
        while ((code = input.format.readFrameSync(packet)) >= 0) {
          chunk.add(packet);
          packet.unref();
        }
        packet.free();
        if (code !== AVERROR_EOF) throw new Wrong(`it can't be read: ${FFmpegError.strerror(code)}`);
        told.pictures = chunk.finish();
      } finally {
        told.frames = chunk.frames;
        told.decodesFrom = chunk.decodesFrom;
        chunk.close();
      }
    } finally {
      input.close();
    }
    return told;
  } catch (error) {
    return { ...told, problem: error instanceof Error ? error.message : String(error) };
  }
}

class CheckedFile {
  readonly #file: ChunkToCheck;
  readonly #stream: Stream;
  readonly #codec: string;
  readonly #decoder = new CodecContext();
  readonly #frame = new Frame();
  readonly #packets: CodedPacket[] = [];
  readonly #edges: EdgeScorer;
  readonly #head = new PictureHash();
  /** The same where the chunk is one GOP. */
  readonly #tail: PictureHash;
  #hashes: string[] = [];
  /** Encoder's ticks in one of the file's. */
  readonly #perTick: number;
  #aliveMs = performance.now();
  frames = 0;
  decodesFrom = 0;

  constructor(file: ChunkToCheck, stream: Stream) {
    this.#file = file;
    this.#tail = file.keyframes.length > 1 ? new PictureHash() : this.#head;
    this.#stream = stream;
    this.#codec = avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
    const { num, den } = stream.timeBase;
    this.#perTick = (num * file.timeBase.den) / (den * file.timeBase.num);
    this.#frame.alloc();
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    if (codec === null) throw new Wrong(`there is no decoder for ${this.#codec}`);
    this.#decoder.allocContext3(codec);
    this.#decoder.parametersToContext(stream.codecpar);
    this.#decoder.pktTimebase = stream.timeBase;
    this.#decoder.threadCount = 1;
    const opened = this.#decoder.open2Sync(codec, null);
    if (opened < 0) throw new Wrong(`its decoder can't be opened: ${FFmpegError.strerror(opened)}`);
    this.#edges = new EdgeScorer(file);
  }

  add(packet: Packet): void {
    if (packet.pts === AV_NOPTS_VALUE) throw new Wrong(`packet ${this.#packets.length} has no time`);
    if ((packet.flags & AV_PKT_FLAG_DISCARD) !== 0)
      throw new Wrong(`packet ${this.#packets.length} is not to be shown`);
    if (this.#packets.length === MAX_PACKETS) throw new Wrong(`it holds more than ${MAX_PACKETS} packets`);
    const data = packet.data ?? new Uint8Array();
    const key = packet.isKeyframe;
    const pts = this.#ticks(packet.pts);
    if (this.#packets.length === 0) this.decodesFrom = Math.max(0, -this.#ticks(packet.dts));
    if (key && !isCleanStart(this.#codec, data))
      throw new Wrong(`the keyframe at tick ${pts} is none that a decoder can begin at`);
    if (key && this.#packets.length > 0) this.#drain();
    this.#packets.push({ pts, key });
    this.#hash(data);
    const code = this.#decoder.sendPacketSync(packet);
    if (code < 0) throw new Wrong(`the frame at tick ${pts} can't be decoded: ${FFmpegError.strerror(code)}`);
    this.#receive();
  }

  /** @throws Wrong with what it must not be */
  finish(): SeenPictures {
    if (this.#packets.length > 0) this.#drain();
    send({ kind: 'hashes', hashes: this.#hashes });
    const { frames, keyframes } = this.#file;
    if (this.frames !== frames || this.#packets.length !== frames)
      throw new Wrong(`it holds ${this.frames} frames in ${this.#packets.length} packets, and ${frames} were to come`);
    const wrong = gopProblem(this.#packets, keyframes, (frame) => this.#expected(frame));
    if (wrong !== null) throw new Wrong(wrong);
    const headHash = this.#head.digest();
    const tailHash = this.#tail === this.#head ? headHash : this.#tail.digest();
    return { headHash, tailHash, edges: this.#edges.edges };
  }

  close(): void {
    this.#edges.close();
    this.#head.close();
    if (this.#tail !== this.#head) this.#tail.close();
    this.#frame.free();
    this.#decoder.freeContext();
  }

  /** The decoder forgets all: the next GOP is decoded by itself. */
  #drain(): void {
    this.#decoder.sendPacketSync(null);
    this.#receive();
    this.#decoder.flushBuffers();
  }

  #receive(): void {
    const frame = this.#frame;
    for (;;) {
      const code = this.#decoder.receiveFrameSync(frame);
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
      if (code < 0) throw new Wrong(`decoding fails behind frame ${this.frames - 1}: ${FFmpegError.strerror(code)}`);
      this.#look(frame);
      frame.unref();
      this.frames++;
    }
  }

  #look(frame: Frame): void {
    const number = this.frames;
    const { width, height } = this.#file;
    if ((frame.flags & AV_FRAME_FLAG_CORRUPT) !== 0 || frame.decodeErrorFlags !== 0)
      throw new Wrong(`frame ${number} is decoded with errors`);
    if (frame.width !== width || frame.height !== height)
      throw new Wrong(`frame ${number} is ${frame.width}x${frame.height}, and ${width}x${height} was asked for`);
    const pts = frame.pts === AV_NOPTS_VALUE ? null : this.#ticks(frame.pts);
    if (number < this.#file.frames && pts !== this.#expected(number))
      throw new Wrong(`frame ${number} is shown at tick ${pts} instead of ${this.#expected(number)}`);
    this.#see(frame, number);
    const nowMs = performance.now();
    if (nowMs - this.#aliveMs < ALIVE_INTERVAL_MS) return;
    this.#aliveMs = nowMs;
    send({ kind: 'alive' });
  }

  #see(frame: Frame, number: number): void {
    const { keyframes } = this.#file;
    if (number < (keyframes[1] ?? Infinity)) this.#head.add(frame);
    else if (number >= keyframes.at(-1)!) this.#tail.add(frame);
    this.#edges.take(frame, number);
  }

  #hash(data: Uint8Array): void {
    this.#hashes.push(createHash('sha256').update(data).digest('hex').slice(0, HASH_DIGITS));
    if (this.#hashes.length < HASHES_AT_ONCE) return;
    send({ kind: 'hashes', hashes: this.#hashes });
    this.#hashes = [];
  }

  #expected(frame: number): number {
    return this.#file.pts === null ? frame : this.#file.pts[frame]!;
  }

  /** Of the encoder; a time that is none of them is an error. */
  #ticks(time: bigint): number {
    const ticks = Number(time) * this.#perTick;
    const whole = Math.round(ticks);
    if (Math.abs(ticks - whole) > 1e-6) {
      const { num, den } = this.#stream.timeBase;
      throw new Wrong(
        `time ${time} of ${num}/${den} s is no tick of ${this.#file.timeBase.num}/${this.#file.timeBase.den} s`,
      );
    }
    return whole;
  }
}

main();
