// Turns pictures upright by FFmpeg's own filters (child only).

import { FFmpegError, Filter, FilterGraph, Frame, avGetPixFmtFromName, type FilterContext } from 'node-av/lib';
import { AV_BUFFERSRC_FLAG_KEEP_REF } from 'node-av/constants';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import type { Rotation } from './chunk-job.ts';

type Filters = readonly (readonly [name: string, options: string])[];

const FILTERS: Readonly<Record<Exclude<Rotation, 0>, Filters>> = {
  90: [['transpose', 'dir=clock']],
  180: [
    ['hflip', ''],
    ['vflip', ''],
  ],
  270: [['transpose', 'dir=cclock']],
};

export class PictureTurner {
  /** Kept: the contexts do not hold it, and it frees them when it is collected. */
  readonly #graph = new FilterGraph();
  readonly #source: FilterContext;
  readonly #sink: FilterContext;
  readonly #turned = new Frame();
  #pictures = 0n;

  /**
   * @param width of the pictures before they are turned
   * @param rotation clockwise degrees
   */
  constructor(width: number, height: number, pixelFormat: string, rotation: Exclude<Rotation, 0>) {
    this.#graph.alloc();
    this.#graph.nbThreads = 1;
    const form = `video_size=${width}x${height}:pix_fmt=${avGetPixFmtFromName(pixelFormat)}:time_base=1/1`;
    this.#source = this.#filter('buffer', 'source', form);
    this.#sink = this.#filter('buffersink', 'sink', null);
    let last = this.#source;
    for (const [name, options] of FILTERS[rotation]) {
      const filter = this.#filter(name, name, options);
      check(last.link(0, filter, 0));
      last = filter;
    }
    check(last.link(0, this.#sink, 0));
    check(this.#graph.configSync());
    this.#turned.alloc();
  }

  /** The turned picture; it belongs to the turner and is valid until the next call. */
  turn(picture: Frame): Frame {
    picture.pts = this.#pictures++;
    this.#turned.unref();
    check(this.#source.buffersrcAddFrameSync(picture, AV_BUFFERSRC_FLAG_KEEP_REF));
    check(this.#sink.buffersinkGetFrameSync(this.#turned));
    return this.#turned;
  }

  close(): void {
    this.#turned.free();
    this.#graph.free();
  }

  #filter(type: string, name: string, options: string | null): FilterContext {
    const filter = Filter.getByName(type);
    const context = filter === null ? null : this.#graph.createFilter(filter, name, options);
    if (context === null) throw new EncodeFailure(`FFmpeg's filter ${type} can't be made`);
    return context;
  }
}

function check(code: number): void {
  if (code < 0) throw new EncodeFailure(`turning pictures fails: ${FFmpegError.strerror(code)}`);
}
