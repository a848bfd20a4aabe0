// A frame's two pictures, loaded and decoded.

import { difference } from './difference.ts';
import type { Size } from './picture-view.ts';

export type PictureSide = 'source' | 'output';

/** An encoded picture and its source, of one size. */
export class PicturePair {
  readonly source: HTMLImageElement;
  readonly output: HTMLImageElement;
  readonly size: Size;
  readonly #pixels = new Map<PictureSide, ImageData>();
  #difference: { readonly gain: number; readonly canvas: HTMLCanvasElement } | null = null;

  constructor(source: HTMLImageElement, output: HTMLImageElement) {
    this.source = source;
    this.output = output;
    this.size = { width: source.naturalWidth, height: source.naturalHeight };
  }

  /** Read once, when something asks for them. */
  pixels(side: PictureSide): ImageData {
    const known = this.#pixels.get(side);
    if (known !== undefined) return known;
    const context = canvasOf(this.size).getContext('2d', { willReadFrequently: true })!;
    context.drawImage(this[side], 0, 0, this.size.width, this.size.height);
    const pixels = context.getImageData(0, 0, this.size.width, this.size.height);
    this.#pixels.set(side, pixels);
    return pixels;
  }

  /** The amplified difference as a picture; that of the last gain is kept. */
  difference(gain: number): HTMLCanvasElement {
    if (this.#difference?.gain === gain) return this.#difference.canvas;
    const canvas = canvasOf(this.size);
    const data = difference(this.pixels('source').data, this.pixels('output').data, gain);
    canvas.getContext('2d')!.putImageData(new ImageData(data, this.size.width, this.size.height), 0, 0);
    this.#difference = { gain, canvas };
    return canvas;
  }
}

/** @throws where one of them is not there or is no picture */
export async function loadPair(source: string, output: string): Promise<PicturePair> {
  const [first, second] = await Promise.all([load(source), load(output)]);
  return new PicturePair(first, second);
}

async function load(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}

function canvasOf({ width, height }: Size): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}
