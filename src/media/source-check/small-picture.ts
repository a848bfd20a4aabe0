// Decoded frames as tiny luma pictures, of which only the lines that are needed are touched (child only).

import { Frame, SoftwareScaleContext } from 'node-av/lib';
import { AV_PIX_FMT_GRAY8 } from 'node-av/constants';
import { failureOf } from '../bundled/encode-failure.ts';
import { scaleWhole } from '../scale-whole.ts';

/** Samples along the longer and the shorter side: enough to tell scenes apart, and 0.05 ms to look at. */
const LONG_SIDE = 64;
const SHORT_SIDE = 36;

export class SmallPicture {
  readonly width: number;
  readonly height: number;
  readonly #context = new SoftwareScaleContext();
  readonly #frame = new Frame();
  /**
   * The memory of the small picture, which stays where it is. Asked for once: each Buffer of a frame's memory lives until the
   * event loop turns, which it never does while a source is decoded.
   */
  readonly #data: Buffer;
  /** Bytes from a line to the next. */
  readonly #step: number;
  readonly #luma: Uint8Array;

  /** @param width and height of the source, which decide whether the small one stands or lies */
  constructor(width: number, height: number) {
    this.width = width >= height ? LONG_SIDE : SHORT_SIDE;
    this.height = width >= height ? SHORT_SIDE : LONG_SIDE;
    this.#luma = new Uint8Array(this.width * this.height);
    this.#frame.alloc();
    this.#frame.width = this.width;
    this.#frame.height = this.height;
    this.#frame.format = AV_PIX_FMT_GRAY8;
    const code = this.#frame.getBuffer(0);
    if (code < 0) throw failureOf("a picture can't be allocated", code);
    this.#data = this.#frame.data![0]!;
    this.#step = this.#frame.linesize[0]!;
    // Not initialised with sizes: it then follows each frame's own size, format and range, even where they change midway.
    this.#context.allocContext();
    // The nearest sample: no filter reads what it does not take. The same result on every machine.
    this.#context.setOption('sws_flags', 'neighbor+accurate_rnd+bitexact');
  }

  /** The luma of a frame, in 8-bit steps of the full range; valid until the next call. */
  luma(frame: Frame): Uint8Array {
    const code = scaleWhole(this.#context, this.#frame, frame);
    if (code < 0) throw failureOf(`scaling from ${frame.width}x${frame.height} fails`, code);
    const data = this.#data;
    const step = this.#step;
    if (step === this.width) this.#luma.set(data.subarray(0, this.#luma.length));
    else
      for (let row = 0; row < this.height; row++)
        this.#luma.set(data.subarray(row * step, row * step + this.width), row * this.width);
    return this.#luma;
  }

  close(): void {
    this.#frame.free();
    this.#context.freeContext();
  }
}
