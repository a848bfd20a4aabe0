// One of FFmpeg's filters that score a pair of pictures, in a graph of its own.

import { Filter, FFmpegError, FilterGraph, Frame, avGetPixFmtFromName, type FilterContext } from 'node-av/lib';
import { AV_BUFFERSRC_FLAG_KEEP_REF } from 'node-av/constants';
import type { Fraction } from '#core/source';
import type { PictureForm } from './conformer.ts';

export type FilterMetric = 'psnr' | 'ssim' | 'xpsnr';

/** Keys of a frame's metadata by column of the table `quality`. */
const KEYS: Readonly<Record<FilterMetric, Readonly<Record<string, string>>>> = {
  psnr: {
    psnr: 'lavfi.psnr.psnr_avg',
    'psnr.y': 'lavfi.psnr.psnr.y',
    'psnr.u': 'lavfi.psnr.psnr.u',
    'psnr.v': 'lavfi.psnr.psnr.v',
  },
  ssim: {
    ssim: 'lavfi.ssim.All',
    'ssim.y': 'lavfi.ssim.Y',
    'ssim.u': 'lavfi.ssim.U',
    'ssim.v': 'lavfi.ssim.V',
  },
  xpsnr: {
    'xpsnr.y': 'lavfi.xpsnr.xpsnr.y',
    'xpsnr.u': 'lavfi.xpsnr.xpsnr.u',
    'xpsnr.v': 'lavfi.xpsnr.xpsnr.v',
  },
};

export class ScoreFilter {
  readonly metric: FilterMetric;
  /** Kept: the contexts do not hold it, and it frees them when it is collected. */
  readonly #graph = new FilterGraph();
  readonly #source: FilterContext;
  readonly #output: FilterContext;
  readonly #sink: FilterContext;
  readonly #scored = new Frame();
  #pairs = 0n;

  /** @param frameRate by which xpsnr weighs what changes: above 32 by second differences */
  constructor(metric: FilterMetric, form: PictureForm, frameRate: Fraction) {
    this.metric = metric;
    this.#graph.alloc();
    this.#graph.nbThreads = 1;
    const input = [
      `video_size=${form.width}x${form.height}`,
      `pix_fmt=${avGetPixFmtFromName(form.pixelFormat)}`,
      `time_base=${frameRate.den}/${frameRate.num}`,
      `frame_rate=${frameRate.num}/${frameRate.den}`,
      `colorspace=${form.colorSpace}`,
      `range=${form.colorRange}`,
    ].join(':');
    this.#source = this.#filter('buffer', 'source', input);
    this.#output = this.#filter('buffer', 'output', input);
    this.#sink = this.#filter('buffersink', 'sink', null);
    const scorer = this.#filter(metric, 'scorer', '');
    // The source first: xpsnr weighs errors by what is to be seen in its first input. The others treat both alike.
    check(this.#source.link(0, scorer, 0), metric);
    check(this.#output.link(0, scorer, 1), metric);
    check(scorer.link(0, this.#sink, 0), metric);
    check(this.#graph.configSync(), metric);
    this.#scored.alloc();
  }

  /** Scores the pair on this thread; `read` then tells. */
  score(source: Frame, output: Frame): void {
    this.#push(source, output);
    check(this.#sink.buffersinkGetFrameSync(this.#scored), this.metric);
  }

  /** The same on another thread, while this one goes on. */
  async scoreAside(source: Frame, output: Frame): Promise<void> {
    this.#push(source, output);
    check(await this.#sink.buffersinkGetFrame(this.#scored), this.metric);
  }

  /** Tells the scores of the last pair by column; a plane that the pictures do not have has none. */
  read(tell: (column: string, value: number) => void): void {
    const metadata = this.#scored.getMetadata();
    for (const [column, key] of Object.entries(KEYS[this.metric])) {
      const text = metadata.get(key);
      if (text !== null) tell(column, text === 'inf' ? Infinity : Number(text));
    }
    metadata.free();
    this.#scored.unref();
  }

  close(): void {
    this.#scored.free();
    this.#graph.free();
  }

  #push(source: Frame, output: Frame): void {
    // The pairs are their own clock: it is decided before which frames belong together.
    source.pts = this.#pairs;
    output.pts = this.#pairs;
    this.#pairs++;
    check(this.#source.buffersrcAddFrameSync(source, AV_BUFFERSRC_FLAG_KEEP_REF), this.metric);
    check(this.#output.buffersrcAddFrameSync(output, AV_BUFFERSRC_FLAG_KEEP_REF), this.metric);
  }

  #filter(type: string, name: string, options: string | null): FilterContext {
    const filter = Filter.getByName(type);
    const context = filter === null ? null : this.#graph.createFilter(filter, name, options);
    if (context === null) throw new Error(`FFmpeg's filter ${type} can't be made`);
    return context;
  }
}

function check(code: number, metric: string): void {
  if (code < 0) throw new Error(`FFmpeg's filter ${metric} fails: ${FFmpegError.strerror(code)}`);
}
