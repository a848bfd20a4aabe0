// How much detail a small picture has, and how far it is from the ones before it. Pure.

/** Side of the blocks whose means are compared: small movements and noise hardly change them. */
const BLOCK = 4;
const HISTOGRAM_BINS = 32;
const BIN_SHIFT = 3;

/** Takes the luma of small pictures, one after the other; each call sets what is known of the newest. */
export class PictureActivity {
  readonly #width: number;
  readonly #height: number;
  readonly #columns: number;
  #before: Uint8Array;
  /** Block means of the newest picture and of the three before it, the newest first. */
  #blocks: Float32Array[];
  #bins: Uint32Array = new Uint32Array(HISTOGRAM_BINS);
  #binsBefore: Uint32Array = new Uint32Array(HISTOGRAM_BINS);
  #pictures = 0;
  /** Standard deviation of the Sobel-filtered luma (ITU-T P.910, SI), 8-bit steps. */
  spatial = 0;
  /** Mean absolute difference to the picture before, 8-bit steps; 0 for the first. */
  temporal = 0;
  /** Half the sum of absolute differences of the histograms' shares, 0 to 1; 0 for the first. */
  histogram = 0;
  /** Mean absolute difference of block means to the picture 1, 2 and 3 before, 8-bit steps; 0 where there is none. */
  readonly change: [number, number, number] = [0, 0, 0];

  /** @param width and height in samples, multiples of 4 */
  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#columns = width / BLOCK;
    this.#before = new Uint8Array(width * height);
    this.#blocks = Array.from({ length: 4 }, () => new Float32Array((width / BLOCK) * (height / BLOCK)));
  }

  /** @param luma one byte a sample, line after line without gaps */
  add(luma: Uint8Array): void {
    this.spatial = this.#sobelDeviation(luma);
    this.#compare(luma);
    this.#before.set(luma);
    this.#pictures++;
  }

  /** Each column of three samples is read once: the filters' two outputs come from its smoothing and its slope. */
  #sobelDeviation(luma: Uint8Array): number {
    const width = this.#width;
    const count = (width - 2) * (this.#height - 2);
    let sum = 0;
    let squares = 0;
    for (let row = 1; row < this.#height - 1; row++) {
      let above = row * width - width;
      let at = row * width;
      let below = row * width + width;
      let smoothLeft = luma[above]! + 2 * luma[at]! + luma[below]!;
      let slopeLeft = luma[below]! - luma[above]!;
      let smooth = luma[++above]! + 2 * luma[++at]! + luma[++below]!;
      let slope = luma[below]! - luma[above]!;
      for (const end = row * width + width - 1; at < end;) {
        const smoothRight = luma[++above]! + 2 * luma[++at]! + luma[++below]!;
        const slopeRight = luma[below]! - luma[above]!;
        const across = smoothRight - smoothLeft;
        const down = slopeLeft + 2 * slope + slopeRight;
        const square = across * across + down * down;
        squares += square;
        sum += Math.sqrt(square);
        smoothLeft = smooth;
        smooth = smoothRight;
        slopeLeft = slope;
        slope = slopeRight;
      }
    }
    const mean = sum / count;
    return Math.sqrt(Math.max(0, squares / count - mean * mean));
  }

  #compare(luma: Uint8Array): void {
    const blocks = this.#blocks.pop()!.fill(0);
    this.#blocks.unshift(blocks);
    const bins = this.#binsBefore.fill(0);
    this.#binsBefore = this.#bins;
    this.#bins = bins;
    const before = this.#before;
    const columns = this.#columns;
    let difference = 0;
    for (let row = 0, at = 0; row < this.#height; row++) {
      const firstBlock = Math.floor(row / BLOCK) * columns;
      for (let block = firstBlock; block < firstBlock + columns; block++) {
        let sum = 0;
        for (const end = at + BLOCK; at < end; at++) {
          const sample = luma[at]!;
          difference += Math.abs(sample - before[at]!);
          bins[sample >> BIN_SHIFT]!++;
          sum += sample;
        }
        blocks[block]! += sum;
      }
    }
    const samples = luma.length;
    this.temporal = this.#pictures === 0 ? 0 : difference / samples;
    let moved = 0;
    for (let bin = 0; bin < HISTOGRAM_BINS; bin++) moved += Math.abs(bins[bin]! - this.#binsBefore[bin]!);
    this.histogram = this.#pictures === 0 ? 0 : moved / (2 * samples);
    for (let back = 1; back <= 3; back++)
      this.change[back - 1] = this.#pictures < back ? 0 : blockDifference(blocks, this.#blocks[back]!) / samples;
  }
}

function blockDifference(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum;
}
