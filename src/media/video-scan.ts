// What the packets of a video stream tell of it: frames, keyframes, exact rate, duration (child only).

import type { Packet, Stream } from 'node-av/lib';
import { AV_PKT_FLAG_CORRUPT, AV_PKT_FLAG_DISCARD, AV_PKT_FLAG_KEY } from 'node-av/constants';
import type { Fraction } from '#core/source';
import { besideVideo } from './beside-picture.ts';
import { FirstFrame } from './first-frame.ts';
import { reduced } from './fraction.ts';
import { constantFrameRate } from './frame-rate.ts';
import { PacketTable } from './packet-table.ts';
import { pixelLayout } from './pixel-format.ts';
import type { ScannedVideo } from './source-facts.ts';
import { describeVideo } from './stream-description.ts';

/** Counts the chosen stream's packets and decodes its first frame, which alone shows what can't be told from headers. */
export class VideoScan {
  readonly #stream: Stream;
  /** Those that are shown. */
  readonly table = new PacketTable();
  readonly #probe: FirstFrame;
  /** True where its headers alone tell that it can't be decoded. */
  readonly undecodable: boolean;
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
    this.undecodable = this.#probe.error !== null;
  }

  add(packet: Packet): void {
    const flags = packet.flags;
    this.packets++;
    this.#lastCorrupt = (flags & AV_PKT_FLAG_CORRUPT) !== 0;
    if (this.#lastCorrupt) this.#corrupt++;
    this.#probe.feed(packet);
    // Frames that an edit list cuts away are decoded and never shown.
    const size = packet.size;
    if ((flags & AV_PKT_FLAG_DISCARD) !== 0 || size === 0) return;
    const pts = packet.pts;
    this.table.add(pts, packet.dts, size, (flags & AV_PKT_FLAG_KEY) !== 0);
    if (Number(pts) >= this.#lastPts) {
      this.#lastPts = Number(pts);
      this.#lastDuration = Number(packet.duration);
    }
    this.#bytes += size;
    this.#frames++;
  }

  finish(): ScannedVideo {
    this.#probe.finish();
    const described = describeVideo(this.#stream);
    const { num, den } = described.timeBase;
    const declaredRates = [this.#stream.rFrameRate, this.#stream.avgFrameRate];
    const sorted = this.table.sorted();
    const frameRate =
      sorted === null ? this.#rateWithoutTimes() : constantFrameRate(sorted, described.timeBase, declaredRates);
    const duration = this.#duration(sorted, num / den, frameRate === null ? null : frameRate.num / frameRate.den);
    const pixelFormat = this.#probe.pixelFormat ?? described.pixelFormat;
    return {
      ...described,
      ...besideVideo(this.#stream, this.#probe.beside),
      pixelFormat,
      bitDepth: pixelLayout(pixelFormat)?.depth ?? described.bitDepth,
      frameRate: frameRate === null ? null : { num: frameRate.num, den: frameRate.den },
      averageFrameRate: duration > 0 ? this.#frames / duration : 0,
      variableFrameRate: frameRate === null && this.#frames > 1,
      frames: this.#frames,
      keyframes: this.table.keyframes,
      longestGop: this.table.longestGop(),
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
