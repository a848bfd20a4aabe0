// Names beside points, as many as have room: none lies on another, on a point or outside of its panel.

import type { Panel, SceneText } from '../scene/scene.ts';
import { fitText, widthOfText } from '../scene/text-width.ts';

const SIZE = 10.5;
const HEIGHT = 12;
const WIDEST = 190;
const GAP = 7;
/** Names beyond these can't have room, and looking for it takes time. */
const MOST_TRIED = 3_000;
const CELL = 8;

export interface Places {
  /** Ascending. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Columns as wide as this have a name each, upright. */
const COLUMN = 11;

/**
 * Names of the points of a panel: upright above or below each where every one has a column of its own, else lying beside as many as
 * have room.
 * @param label of the point at a position
 */
export function labelPoints(panel: Panel, places: Places, label: (i: number) => string): SceneText[] {
  const count = places.x.length;
  const step = count > 1 ? (places.x[count - 1]! - places.x[0]!) / (count - 1) : panel.width;
  return step >= COLUMN && step < WIDEST / 2 ? upright(panel, places, label) : lying(panel, places, label);
}

function upright(panel: Panel, { x, y }: Places, label: (i: number) => string): SceneText[] {
  return Array.from(x, (at, i) => {
    const above = y[i]! - GAP - panel.y;
    const below = panel.y + panel.height - y[i]! - GAP;
    const full = label(i);
    const isAbove = widthOfText(full, SIZE) <= above || above >= below;
    return {
      x: at + 3.5,
      y: isAbove ? y[i]! - GAP : y[i]! + GAP,
      text: fitText(full, SIZE, isAbove ? above : below),
      anchor: isAbove ? 'start' : 'end',
      size: SIZE,
      ink: 'text',
      rotate: -90,
    };
  });
}

function lying(panel: Panel, places: Places, label: (i: number) => string): SceneText[] {
  const taken = new Surface(panel);
  const count = places.x.length;
  for (let i = 0; i < count; i++) taken.take(places.x[i]! - 3, places.y[i]! - 3, 6, 6);
  const texts: SceneText[] = [];
  for (let k = 0; k < Math.min(count, MOST_TRIED); k++) {
    // From both ends inwards: the best and the worst are what one looks for.
    const i = k % 2 === 0 ? count - 1 - k / 2 : (k - 1) / 2;
    const [x, y] = [places.x[i]!, places.y[i]!];
    const text = fitText(label(i), SIZE, WIDEST);
    const width = widthOfText(text, SIZE);
    const spots = [
      [x - GAP - width, y - HEIGHT / 2],
      [x + GAP, y - HEIGHT / 2],
      [x - width, y - HEIGHT - GAP],
      [x, y + GAP],
    ] as const;
    const free = spots.find(([left, top]) => taken.isFree(left, top, width, HEIGHT));
    if (free === undefined) continue;
    taken.take(free[0], free[1], width, HEIGHT);
    // Fonts differ: the end that is near the point stays there.
    const isBefore = free[0] < x - 1;
    texts.push({
      x: isBefore ? free[0] + width : free[0],
      y: free[1] + 9.5,
      text,
      anchor: isBefore ? 'end' : 'start',
      size: SIZE,
      ink: 'text',
    });
  }
  return texts;
}

/** Which squares of a panel are taken. */
class Surface {
  readonly #panel: Panel;
  readonly #across: number;
  readonly #cells: Uint8Array;

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#across = Math.ceil(panel.width / CELL);
    this.#cells = new Uint8Array(this.#across * Math.ceil(panel.height / CELL));
  }

  isFree(x: number, y: number, width: number, height: number): boolean {
    const { x: left, y: top, width: across, height: down } = this.#panel;
    if (x < left || y < top || x + width > left + across || y + height > top + down) return false;
    return this.#every(x, y, width, height, (cell) => this.#cells[cell] === 0);
  }

  take(x: number, y: number, width: number, height: number): void {
    this.#every(x, y, width, height, (cell) => {
      if (cell < this.#cells.length) this.#cells[cell] = 1;
      return true;
    });
  }

  #every(x: number, y: number, width: number, height: number, test: (cell: number) => boolean): boolean {
    const [left, top] = [x - this.#panel.x, y - this.#panel.y];
    const toX = Math.min(this.#across - 1, Math.floor((left + width) / CELL));
    const toY = Math.floor((top + height) / CELL);
    for (let row = Math.max(0, Math.floor(top / CELL)); row <= toY; row++)
      for (let column = Math.max(0, Math.floor(left / CELL)); column <= toX; column++)
        if (!test(row * this.#across + column)) return false;
    return true;
  }
}
