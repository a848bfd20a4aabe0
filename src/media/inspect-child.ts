// The child that reads a whole source packet by packet and tells what is in it. Nothing of it is trusted.

import { Codec, CodecContext, FFmpegError, Frame, Log, Packet, avGetPixFmtName } from 'node-av/lib';
import type { FormatContext, Stream } from 'node-av/lib';
import {
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AV_CODEC_FLAG_OUTPUT_CORRUPT,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_STILL_IMAGE,
  AV_DISPOSITION_TIMED_THUMBNAILS,
  AV_LOG_WARNING,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_CORRUPT,
  AV_PKT_FLAG_DISCARD,
} from 'node-av/constants';
import type { Fraction } from '#core/source';
import { readJob } from './channel/job.ts';
import { ChannelWriter } from './channel/writer.ts';
import { reduced } from './fraction.ts';
import { constantFrameRate } from './frame-rate.ts';
import { InputError, openInput } from './open-input.ts';
import { PacketTimes } from './packet-times.ts';
import { pixelLayout } from './pixel-format.ts';
import type { InspectJob, InspectMessage, ScannedVideo, SourceFacts } from './source-facts.ts';
import { lavfiGraph } from './source-path.ts';
import { describeAudio, describeOther, describeVideo } from './stream-description.ts';

/** Larger pictures are refused before a decoder would allocate them: four times 8K. */
const MAX_PIXELS = 15_360 * 8_640;
/** Packets in which the first decoded frame must come. */
const MAX_DECODE_PACKETS = 300;
const ALIVE_INTERVAL_MS = 250;
const DECORATION = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_STILL_IMAGE;

const channel = new ChannelWriter();
const send = (message: InspectMessage) => channel.json(message);

function main(): void {
  const job = readJob<InspectJob>();
  Log.setLevel(AV_LOG_WARNING);
  try {
    const input = openInput(job.path);
    send({ kind: 'facts', facts: scan(input.format, job) });
    input.close();
  } catch (error) {
    send({
      kind: 'refused',
      code: error instanceof InputError ? error.code : 0,
      what: error instanceof Error ? error.message : String(error),
    });
  }
}

function scan(format: FormatContext, job: InspectJob): SourceFacts {
  const streams = format.streams;
  const isDecoration = (stream: Stream) => (stream.disposition & DECORATION) !== 0;
  const videos = streams.filter((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO && !isDecoration(stream));
  const chosen = videos.find((stream) => (stream.disposition & AV_DISPOSITION_DEFAULT) !== 0) ?? videos[0] ?? null;
  const ticks = streams.map((stream) => stream.timeBase.num / stream.timeBase.den);
  const video = chosen === null ? null : new VideoScan(chosen);
  const generated = lavfiGraph(job.path) !== null;
  const packet = new Packet();
  packet.alloc();
  let start = Infinity;
  let end = -Infinity;
  let code = 0;
  let endless = false;
  let aliveMs = performance.now();
  while ((code = format.readFrameSync(packet)) >= 0) {
    const index = packet.streamIndex;
    const time = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
    if (time !== AV_NOPTS_VALUE && !isDecoration(streams[index] ?? streams[0]!)) {
      const seconds = Number(time) * ticks[index]!;
      start = Math.min(start, seconds);
      end = Math.max(end, seconds + Number(packet.duration) * ticks[index]!);
    }
    if (index === chosen?.index) video?.add(packet);
    packet.unref();
    if (performance.now() - aliveMs > ALIVE_INTERVAL_MS) {
      send({ kind: 'alive' });
      aliveMs = performance.now();
    }
    if (generated && (video?.packets ?? 0) > job.maxGeneratedFrames) {
      endless = true;
      break;
    }
  }
  packet.free();
  const declared = format.duration;
  return {
    container: generated ? 'lavfi' : (format.iformat?.name ?? 'unknown'),
    declaredDuration: declared === AV_NOPTS_VALUE || declared <= 0n || generated ? null : Number(declared) / 1e6,
    measuredDuration: end > start ? Math.max(end, end - start) : 0,
    readError: code < 0 && code !== AVERROR_EOF ? FFmpegError.strerror(code) : null,
    endless,
    video: video?.finish() ?? null,
    audio: streams.filter((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO).map(describeAudio),
    others: streams
      .filter((stream) => stream !== chosen && stream.codecpar.codecType !== AVMEDIA_TYPE_AUDIO)
      .map(describeOther),
    attachedPictures: streams.filter(isDecoration).length,
  };
}

/** Counts the chosen stream's packets and decodes its first frame, which alone shows what can't be told from headers. */
class VideoScan {
  readonly #stream: Stream;
  readonly #times = new PacketTimes();
  readonly #probe: FirstFrame;
  packets = 0;
  #frames = 0;
  #bytes = 0;
  #lastDuration = 0;
  #lastPts = -Infinity;
  #corrupt = 0;
  #lastCorrupt = false;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#probe = new FirstFrame(stream);
  }

  add(packet: Packet): void {
    const flags = packet.flags;
    this.packets++;
    this.#lastCorrupt = (flags & AV_PKT_FLAG_CORRUPT) !== 0;
    if (this.#lastCorrupt) this.#corrupt++;
    this.#probe.feed(packet);
    // Frames that an edit list cuts away are decoded and never shown.
    if ((flags & AV_PKT_FLAG_DISCARD) !== 0 || packet.size === 0) return;
    const pts = packet.pts;
    this.#times.add(pts, packet.dts, packet.isKeyframe);
    if (Number(pts) >= this.#lastPts) {
      this.#lastPts = Number(pts);
      this.#lastDuration = Number(packet.duration);
    }
    this.#bytes += packet.size;
    this.#frames++;
  }

  finish(): ScannedVideo {
    this.#probe.finish();
    const described = describeVideo(this.#stream);
    const { num, den } = described.timeBase;
    const declaredRates = [this.#stream.rFrameRate, this.#stream.avgFrameRate];
    const sorted = this.#times.sorted();
    const frameRate =
      sorted === null ? this.#rateWithoutTimes() : constantFrameRate(sorted, described.timeBase, declaredRates);
    const duration = this.#duration(sorted, num / den, frameRate === null ? null : frameRate.num / frameRate.den);
    const pixelFormat = this.#probe.pixelFormat ?? described.pixelFormat;
    return {
      ...described,
      pixelFormat,
      bitDepth: pixelLayout(pixelFormat)?.depth ?? described.bitDepth,
      frameRate: frameRate === null ? null : { num: frameRate.num, den: frameRate.den },
      averageFrameRate: duration > 0 ? this.#frames / duration : 0,
      variableFrameRate: frameRate === null && this.#frames > 1,
      frames: this.#frames,
      keyframes: this.#times.keyframes,
      longestGop: this.#times.longestGop(sorted),
      duration,
      bitrate: duration > 0 ? (this.#bytes * 8) / duration : 0,
      declaredFrames: this.#stream.nbFrames > 0n ? Number(this.#stream.nbFrames) : null,
      packets: this.packets,
      missingTimes: sorted === null,
      decodedFrame: this.#probe.decoded,
      decodeError: this.#probe.error,
      lastPacketCorrupt: this.#lastCorrupt,
      corruptPackets: this.#corrupt,
    };
  }

  /**
   * Raw streams (H.264 out of no container) are told by what their headers say, which the codec's parameters hold. The
   * stream's `rFrameRate` is the rate of fields for H.264, twice as high, and its `avgFrameRate` the raw demuxer's own
   * guess of 25.
   */
  #rateWithoutTimes(): Fraction | null {
    const { codecpar, timeBase, avgFrameRate, rFrameRate } = this.#stream;
    const ofOneFrame = { num: timeBase.den, den: timeBase.num * this.#lastDuration };
    const rates = [codecpar.frameRate, ofOneFrame, avgFrameRate, rFrameRate];
    const rate = rates.find(({ num, den }) => num > 0 && den > 0);
    return rate === undefined ? null : reduced(rate.num, rate.den);
  }

  #duration(sorted: Float64Array | null, tick: number, rate: number | null): number {
    if (rate !== null && rate > 0) return this.#frames / rate;
    if (sorted === null || sorted.length === 0) return 0;
    const span = sorted[sorted.length - 1]! - sorted[0]!;
    const last = this.#lastDuration > 0 ? this.#lastDuration : sorted.length > 1 ? span / (sorted.length - 1) : 0;
    return (span + last) * tick;
  }
}

/** Decodes packets until one frame came out. */
class FirstFrame {
  readonly #context = new CodecContext();
  readonly #frame = new Frame();
  #fed = 0;
  #open = false;
  decoded = false;
  error: string | null = null;
  pixelFormat: string | null = null;

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

main();
