// Loudness of a track as it goes by (child only): FFmpeg's filter `ebur128` in a graph of its own.

import { FFmpegError, Filter, FilterGraph, Frame, Option } from 'node-av/lib';
import type { FilterContext } from 'node-av/lib';
import type { ChannelLayout } from 'node-av/lib';
import { AV_OPT_SEARCH_CHILDREN, AV_SAMPLE_FMT_FLT } from 'node-av/constants';
import { SAMPLE_RATE, type Loudness } from './audio-job.ts';

/** The gate of BS.1770 leaves out what is below -70 LUFS: the filter says so where nothing is left. */
const NOTHING_LUFS = -70;
/** Quieter than the last bit of 24: silence. */
const SILENCE_DBTP = -144;

export class LoudnessMeter {
  /** Kept: the contexts do not hold it, and it frees them when it is collected. */
  readonly #graph = new FilterGraph();
  readonly #source: FilterContext;
  readonly #meter: FilterContext;
  readonly #sink: FilterContext;
  readonly #frame = new Frame();
  readonly #out = new Frame();
  readonly #layout: ChannelLayout;
  #at = 0;

  constructor(layout: ChannelLayout) {
    this.#layout = layout;
    this.#graph.alloc();
    this.#graph.nbThreads = 1;
    const form = `sample_rate=${SAMPLE_RATE}:sample_fmt=flt:channel_layout=0x${layout.mask.toString(16)}:time_base=1/${SAMPLE_RATE}`;
    this.#source = this.#filter('abuffer', 'source', form);
    this.#meter = this.#filter('ebur128', 'meter', 'peak=true:framelog=quiet');
    this.#sink = this.#filter('abuffersink', 'sink', null);
    check(this.#source.link(0, this.#meter, 0));
    check(this.#meter.link(0, this.#sink, 0));
    check(this.#graph.configSync());
    this.#frame.alloc();
    this.#out.alloc();
  }

  /** @param samples interleaved */
  add(samples: Float32Array, count: number): void {
    const frame = this.#frame;
    frame.format = AV_SAMPLE_FMT_FLT;
    frame.sampleRate = SAMPLE_RATE;
    frame.channelLayout = this.#layout;
    frame.nbSamples = count;
    check(frame.getBuffer(0));
    // Not by `frame.data`: its buffers hold the frame's memory until the event loop turns, which it never does here.
    check(frame.fromBuffer(Buffer.from(samples.buffer, samples.byteOffset, count * this.#layout.nbChannels * 4)));
    frame.pts = BigInt(this.#at);
    this.#at += count;
    check(this.#source.buffersrcAddFrameSync(frame));
    frame.unref();
    this.#empty();
  }

  finish(): Loudness {
    check(this.#source.buffersrcAddFrameSync(null));
    this.#empty();
    const integrated = this.#value('integrated');
    const peak = this.#value('true_peak');
    const loudness: Loudness = {
      integrated: integrated > NOTHING_LUFS ? integrated : null,
      range: this.#value('range'),
      truePeak: peak > SILENCE_DBTP ? peak : null,
    };
    this.#frame.free();
    this.#out.free();
    this.#graph.free();
    return loudness;
  }

  #empty(): void {
    while (this.#sink.buffersinkGetFrameSync(this.#out) >= 0) this.#out.unref();
  }

  #value(name: string): number {
    const value = Option.getDouble(this.#meter.getNative(), name, AV_OPT_SEARCH_CHILDREN);
    if (value === null) throw new Error(`FFmpeg's filter ebur128 does not tell ${name}`);
    return value;
  }

  #filter(type: string, name: string, options: string | null): FilterContext {
    const filter = Filter.getByName(type);
    const context = filter === null ? null : this.#graph.createFilter(filter, name, options);
    if (context === null) throw new Error(`FFmpeg's filter ${type} can't be made`);
    return context;
  }
}

function check(code: number): void {
  if (code < 0) throw new Error(`FFmpeg's filter ebur128 fails: ${FFmpegError.strerror(code)}`);
}
