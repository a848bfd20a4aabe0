// What the packets of a whole source tell of it: the chosen video stream, the others, and where all of them end (child only).

import { FFmpegError } from 'node-av/lib';
import type { FormatContext, Packet, Stream } from 'node-av/lib';
import {
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_STILL_IMAGE,
  AV_DISPOSITION_TIMED_THUMBNAILS,
  AV_NOPTS_VALUE,
} from 'node-av/constants';
import type { PacketTable } from './packet-table.ts';
import type { InspectJob, SourceFacts } from './source-facts.ts';
import { lavfiGraph } from './source-path.ts';
import { describeAudio, describeOther } from './stream-description.ts';
import { VideoScan } from './video-scan.ts';

const DECORATION = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_STILL_IMAGE;

export class PacketScan {
  readonly #format: FormatContext;
  readonly #job: InspectJob;
  readonly #streams: readonly Stream[];
  readonly #ticks: readonly number[];
  readonly #decoration: readonly boolean[];
  readonly #generated: boolean;
  readonly #video: VideoScan | null;
  /** The video stream that is encoded: the container's default, else the first; null where there is none. */
  readonly chosen: Stream | null;
  #start = Infinity;
  #end = -Infinity;

  constructor(format: FormatContext, job: InspectJob) {
    this.#format = format;
    this.#job = job;
    this.#streams = format.streams;
    this.#ticks = this.#streams.map((stream) => stream.timeBase.num / stream.timeBase.den);
    this.#decoration = this.#streams.map((stream) => (stream.disposition & DECORATION) !== 0);
    this.#generated = lavfiGraph(job.path) !== null;
    const videos = this.#streams.filter(
      (stream, index) => stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO && !this.#decoration[index],
    );
    this.chosen = videos.find((stream) => (stream.disposition & AV_DISPOSITION_DEFAULT) !== 0) ?? videos[0] ?? null;
    this.#video = this.chosen === null ? null : new VideoScan(this.chosen);
  }

  /** True where a generated source gave more frames than it may: reading has to stop. */
  get endless(): boolean {
    return this.#generated && (this.#video?.packets ?? 0) > this.#job.maxGeneratedFrames;
  }

  /** True where its headers alone tell that the chosen stream can't be decoded. */
  get undecodable(): boolean {
    return this.#video?.undecodable ?? false;
  }

  /** The shown packets of the chosen stream; null where there is none. */
  get table(): PacketTable | null {
    return this.#video?.table ?? null;
  }

  add(packet: Packet): void {
    const index = packet.streamIndex;
    const time = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
    if (time !== AV_NOPTS_VALUE && this.#decoration[index] !== true) {
      const tick = this.#ticks[index]!;
      const seconds = Number(time) * tick;
      this.#start = Math.min(this.#start, seconds);
      this.#end = Math.max(this.#end, seconds + Number(packet.duration) * tick);
    }
    if (index === this.chosen?.index) this.#video?.add(packet);
  }

  /** @param code that reading ended with: an error of FFmpeg's, or its end of file */
  finish(code: number): SourceFacts {
    const declared = this.#format.duration;
    const unknown = declared === AV_NOPTS_VALUE || declared <= 0n || this.#generated;
    return {
      container: this.#generated ? 'lavfi' : (this.#format.iformat?.name ?? 'unknown'),
      declaredDuration: unknown ? null : Number(declared) / 1e6,
      measuredDuration: this.#end > this.#start ? Math.max(this.#end, this.#end - this.#start) : 0,
      readError: code < 0 && code !== AVERROR_EOF ? FFmpegError.strerror(code) : null,
      endless: this.endless,
      video: this.#video?.finish() ?? null,
      audio: this.#streams.filter((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO).map(describeAudio),
      others: this.#streams
        .filter((stream) => stream !== this.chosen && stream.codecpar.codecType !== AVMEDIA_TYPE_AUDIO)
        .map(describeOther),
      attachedPictures: this.#decoration.filter((each) => each).length,
    };
  }
}
