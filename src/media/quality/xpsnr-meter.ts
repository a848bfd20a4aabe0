// XPSNR of 8-bit pictures up to HD, three times as fast as FFmpeg's filter, which is plain C, and with its results.

import type { Frame } from 'node-av/lib';
import type { Fraction } from '#core/source';
import type { PictureForm } from './conformer.ts';
import { MASK_BYTES, planeSums, type PlaneSums } from './plane-sums.ts';

/** FFmpeg's filter sees larger pictures at half their size: they are left to it. */
const MAX_SAMPLES = 2048 * 1152;
/** Weights are smoothed in pictures up to this size. */
const SMOOTHED_SAMPLES = 640 * 480;
const UHD_SAMPLES = 3840 * 2160;
/** Blocks below this are no blocks: the filter then computes a plain PSNR. */
const MIN_BLOCK = 4;
/** From this rate on, activity in time is the second difference of pictures. */
const SECOND_DIFFERENCE_RATE = 32;
/** How much changes in time count beside details in space. */
const GAMMA = 2;
/** Lines may lie this much further apart than they are wide; else they are copied one by one. */
const LINE_GAP_BYTES = 256;
const MAX_ERROR = 255 ** 2;
/** Weakest activity of a block: what the high-pass filter makes of noise in the last bit. */
const MIN_ACTIVITY = 1 << (8 - 6);

/** A plane in the module's memory. */
interface Plane {
  at: number;
  step: number;
}

/**
 * Helmrich and others, "XPSNR: a low-complexity extension of the perceptually weighted peak signal-to-noise ratio for high-resolution
 * video quality assessment", ICASSP 2020: errors of blocks are weighed by how little goes on in them, in space and in time.
 */
export class XpsnrMeter {
  readonly metric = 'xpsnr';
  readonly #form: PictureForm;
  readonly #sums: PlaneSums;
  readonly #bytes: Uint8Array;
  readonly #secondDifference: boolean;
  readonly #block: number;
  readonly #columns: number;
  readonly #averageActivity: number;
  readonly #errors: Float64Array;
  readonly #weights: Float64Array;
  /** Luma of the source: this picture, the one before, and the one before that; black before the first. */
  #luma: [Plane, Plane, Plane];
  readonly #first: Plane;
  readonly #second: Plane;
  readonly #planes: readonly { readonly width: number; readonly height: number }[];
  readonly #scores = [NaN, NaN, NaN];

  /** Whether pictures of this form are its business. */
  static measures({ pixelFormat, width, height }: PictureForm): boolean {
    return PLANES[pixelFormat] !== undefined && width * height <= MAX_SAMPLES && blockOf(width, height) >= MIN_BLOCK;
  }

  constructor(form: PictureForm, frameRate: Fraction) {
    const { width, height, pixelFormat } = form;
    this.#form = form;
    this.#secondDifference = Math.floor(frameRate.num / frameRate.den) >= SECOND_DIFFERENCE_RATE;
    this.#block = blockOf(width, height);
    this.#columns = Math.ceil(width / this.#block);
    const blocks = this.#columns * Math.ceil(height / this.#block);
    this.#errors = new Float64Array(blocks);
    this.#weights = new Float64Array(blocks);
    this.#averageActivity = Math.sqrt(
      (16 * 2 ** (2 * 8 - 9)) / Math.sqrt(Math.max(1e-5, (width * height) / UHD_SAMPLES)),
    );
    const shifts = PLANES[pixelFormat]!;
    this.#planes = shifts.map(([x, y]) => ({ width: Math.ceil(width / 2 ** x), height: Math.ceil(height / 2 ** y) }));
    const step = width + LINE_GAP_BYTES;
    const planeBytes = step * height;
    this.#sums = planeSums(MASK_BYTES + 5 * planeBytes + LINE_GAP_BYTES);
    this.#bytes = new Uint8Array(this.#sums.memory.buffer);
    const plane = (slot: number): Plane => ({ at: MASK_BYTES + slot * planeBytes, step });
    this.#luma = [plane(0), plane(1), plane(2)];
    this.#first = plane(3);
    this.#second = plane(4);
  }

  score(source: Frame, output: Frame): void {
    const [sources, outputs] = [source.data!, output.data!];
    const [steps, outputSteps] = [source.linesize, output.linesize];
    for (const [index, size] of this.#planes.entries()) {
      const from = index === 0 ? this.#luma[0] : this.#first;
      this.#copy(sources[index]!, steps[index]!, size, from);
      this.#copy(outputs[index]!, outputSteps[index]!, size, this.#second);
      const weighted = index === 0 ? this.#weighLuma() : this.#weighChroma(size);
      // Whole numbers, as in the filter.
      const error = Math.sqrt(weighted <= 0 ? 0 : Math.floor(weighted * this.#averageActivity + 0.5));
      this.#scores[index] =
        error >= 1 ? 10 * Math.log10((size.width * size.height * MAX_ERROR) / (error * error)) : Infinity;
    }
    const [now, before, earlier] = this.#luma;
    this.#luma = [earlier, now, before];
  }

  read(tell: (column: string, value: number) => void): void {
    for (const index of this.#planes.keys()) tell(COLUMNS[index]!, this.#scores[index]!);
  }

  close(): void {
    // Its memory is the collector's.
  }

  /** Sum of squared errors of the blocks, each by its weight; keeps the weights for the chroma planes. */
  #weighLuma(): number {
    const { width, height } = this.#form;
    const block = this.#block;
    let index = 0;
    for (let y = 0; y < height; y += block)
      for (let x = 0; x < width; x += block, index++) {
        const [columns, lines] = [Math.min(block, width - x), Math.min(block, height - y)];
        const [now, second] = [this.#luma[0], this.#second];
        const [at, other] = [now.at + y * now.step + x, second.at + y * second.step + x];
        this.#errors[index] = this.#sums.squared(at, now.step, other, second.step, columns, lines) >>> 0;
        this.#weights[index] = 1 / Math.sqrt(this.#activity(x, y, columns, lines) ** 2);
        if (width * height <= SMOOTHED_SAMPLES) this.#smooth(index, x, x + block >= width && y + block >= height);
      }
    let sum = 0;
    for (let i = 0; i < index; i++) sum += this.#errors[i]! * this.#weights[i]!;
    return sum;
  }

  /** What goes on in a block: its details, and how it differs from the pictures before. */
  #activity(x: number, y: number, columns: number, lines: number): number {
    const { width, height } = this.#form;
    const sums = this.#sums;
    const [now, before, earlier] = this.#luma;
    // The filter's neighbours must lie in the picture.
    const [left, top] = [x > 0 ? 0 : 1, y > 0 ? 0 : 1];
    const inner = columns - left - (x + columns < width ? 0 : 1);
    const innerLines = lines - top - (y + lines < height ? 0 : 1);
    if (inner <= 0 || innerLines <= 0) return 1;
    const detail = sums.highPass(now.at + (y + top) * now.step + x + left, now.step, inner, innerLines);
    const at = (plane: Plane) => plane.at + y * plane.step + x;
    const change = this.#secondDifference
      ? sums.changeOfChange(at(now), now.step, at(before), before.step, at(earlier), earlier.step, columns, lines)
      : sums.change(at(now), now.step, at(before), before.step, columns, lines);
    return Math.max(MIN_ACTIVITY, detail / (inner * innerLines) + (GAMMA * change) / (columns * lines));
  }

  /** A block weighs no more than the heaviest of its neighbours: in the order, and with the neighbours, of the filter. */
  #smooth(index: number, x: number, last: boolean): void {
    const weights = this.#weights;
    let limit = 0;
    if (x === 0) limit = index > 1 ? weights[index - 2]! : 0;
    else limit = x > this.#block ? Math.max(weights[index - 2]!, weights[index]!) : weights[index]!;
    if (index > this.#columns) limit = Math.max(limit, weights[index - 1 - this.#columns]!);
    if (index > 0 && weights[index - 1]! > limit) weights[index - 1] = limit;
    if (!last || index <= this.#columns) return;
    limit = Math.max(weights[index - 1]!, weights[index - this.#columns]!);
    if (weights[index]! > limit) weights[index] = limit;
  }

  #weighChroma({ width, height }: { readonly width: number; readonly height: number }): number {
    const blockWidth = Math.floor((this.#block * width) / this.#form.width);
    const blockHeight = Math.floor((this.#block * height) / this.#form.height);
    const [first, second] = [this.#first, this.#second];
    const last = this.#weights.length - 1;
    let sum = 0;
    let index = 0;
    for (let y = 0; y < height; y += blockHeight)
      for (let x = 0; x < width; x += blockWidth, index++) {
        const [at, other] = [first.at + y * first.step + x, second.at + y * second.step + x];
        const [columns, lines] = [Math.min(blockWidth, width - x), Math.min(blockHeight, height - y)];
        const squared = this.#sums.squared(at, first.step, other, second.step, columns, lines) >>> 0;
        sum += squared * this.#weights[Math.min(index, last)]!;
      }
    return sum;
  }

  #copy(from: Uint8Array, step: number, size: { readonly width: number; readonly height: number }, to: Plane): void {
    const bytes = this.#bytes;
    if (step >= size.width && step <= this.#form.width + LINE_GAP_BYTES) {
      to.step = step;
      bytes.set(from.subarray(0, step * (size.height - 1) + size.width), to.at);
      return;
    }
    to.step = size.width;
    for (let y = 0; y < size.height; y++)
      bytes.set(from.subarray(y * step, y * step + size.width), to.at + y * size.width);
  }
}

/** How often width and height of each plane are halved. */
const PLANES: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>> = {
  gray: [[0, 0]],
  yuv420p: [
    [0, 0],
    [1, 1],
    [1, 1],
  ],
  yuv422p: [
    [0, 0],
    [1, 0],
    [1, 0],
  ],
  yuv444p: [
    [0, 0],
    [0, 0],
    [0, 0],
  ],
};
const COLUMNS = ['xpsnr.y', 'xpsnr.u', 'xpsnr.v'];

/** Side of a block in luma samples: 128 at UHD, and in proportion. */
function blockOf(width: number, height: number): number {
  return 4 * Math.floor(32 * Math.sqrt((width * height) / UHD_SAMPLES) + 0.5);
}
