// Makes the files of thumbnails from decoded frames (child only): the same frames always give the same bytes.

import { join } from 'node:path';
import { Frame } from 'node-av/lib';
import { writeJpeg } from './jpeg.ts';
import { PictureShrinker, Planes } from './small-picture.ts';
import {
  POSTER_NAME,
  SHEET_COLUMNS,
  SHEET_ROWS,
  placeOf,
  sheetGrid,
  sheetName,
  type PictureShape,
} from './thumbnail-plan.ts';

/** A picture darker than this in the mean (of 255) is black, or nearly: no poster. */
const DARKEST_POSTER = 24;

export class PictureMaker {
  readonly #folder: string;
  readonly #shape: PictureShape;
  readonly #shrinker: PictureShrinker;
  /** Of the sheet that is not full yet. */
  #tiles: Planes[] = [];
  #lastTile: Planes | null = null;
  /** The best picture for the poster so far. */
  readonly #poster = new Frame();
  #posterFrame = -1;
  #posterSpatial = -Infinity;
  #posterIsLight = false;
  /** Frames of the source that the pictures show, one for each picture. */
  readonly frames: number[] = [];

  /** @param folder in which sheets and poster are written */
  constructor(folder: string, shape: PictureShape) {
    this.#folder = folder;
    this.#shape = shape;
    this.#shrinker = new PictureShrinker(shape.tile, shape.rotation);
    this.#poster.alloc();
  }

  /**
   * The next picture.
   * @param number of the frame in the source; the same as before repeats the picture
   * @param spatial information of it: the picture with the most becomes the poster
   * @throws Error where it can't be made small or written
   */
  add(frame: Frame, number: number, spatial: number): void {
    if (this.#lastTile === null || this.frames.at(-1) !== number) {
      this.#lastTile = this.#shrinker.shrink(frame);
      this.#consider(frame, number, spatial, this.#lastTile.meanLuma() >= DARKEST_POSTER);
    }
    this.#tiles.push(this.#lastTile);
    this.frames.push(number);
    if (this.#tiles.length === SHEET_COLUMNS * SHEET_ROWS) this.#writeSheet();
  }

  /**
   * Writes what is not written yet.
   * @returns frame of the poster; at least one picture must have been added
   */
  finish(): number {
    if (this.#tiles.length > 0) this.#writeSheet();
    const shrinker = new PictureShrinker(this.#shape.poster, this.#shape.rotation);
    writeJpeg(join(this.#folder, POSTER_NAME), shrinker.shrink(this.#poster));
    shrinker.close();
    return this.#posterFrame;
  }

  close(): void {
    this.#poster.free();
    this.#shrinker.close();
  }

  /** The picture with the most in it that is not black; the first of equals. */
  #consider(frame: Frame, number: number, spatial: number, light: boolean): void {
    const better = light === this.#posterIsLight ? spatial > this.#posterSpatial : light;
    if (!better && this.#posterFrame >= 0) return;
    this.#poster.unref();
    this.#poster.ref(frame);
    this.#posterFrame = number;
    this.#posterSpatial = spatial;
    this.#posterIsLight = light;
  }

  #writeSheet(): void {
    const { tile } = this.#shape;
    const pictures = this.frames.length;
    const first = pictures - this.#tiles.length;
    const { sheet } = placeOf(first, tile);
    const grid = sheetGrid(sheet, pictures);
    const planes = new Planes({ width: grid.columns * tile.width, height: grid.rows * tile.height });
    this.#tiles.forEach((each, index) => {
      const { x, y } = placeOf(first + index, tile);
      planes.lay(each, x, y);
    });
    writeJpeg(join(this.#folder, sheetName(sheet)), planes);
    this.#tiles = [];
  }
}
