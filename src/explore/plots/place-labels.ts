// Texts beside points so that none stands on another: each goes to the first of a few places that is free.

import { widthOfText } from '../scene/text-width.ts';

export interface LabelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A side of a point. */
export interface Side {
  readonly right: boolean;
  readonly up: boolean;
}

export interface PlacedLabel {
  /** Which of the labels. */
  readonly index: number;
  readonly text: string;
  readonly x: number;
  /** Baseline. */
  readonly y: number;
  readonly anchor: 'start' | 'end' | 'middle';
}

/** Distances of a label from its point: it may stand beside it, or a step further off. */
const OFFSETS = [9, 20];
/** Free room around a point. */
const POINT_ROOM = 5;

/**
 * Places labels. A label whose text has no room anywhere is tried with its shorter texts, and is left out where the last one
 * has none either.
 * @param points pixels
 * @param texts for each point its texts, the longest first
 * @param obstacles where no label may stand besides
 * @param faint where a label stands only where its last text would else have no room
 * @param first the side of its point that is tried first
 */
export function placeLabels(
  points: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  texts: readonly (readonly string[])[],
  within: LabelBox,
  size: number,
  obstacles: readonly LabelBox[],
  first: Side,
  faint: readonly LabelBox[] = [],
): PlacedLabel[] {
  const taken: LabelBox[] = [...obstacles];
  for (const i of texts.keys())
    taken.push({
      x: points.x[i]! - POINT_ROOM,
      y: points.y[i]! - POINT_ROOM,
      width: 2 * POINT_ROOM,
      height: 2 * POINT_ROOM,
    });
  // From the outside in: a label is then beside its own point, and not above one that comes after it.
  const order = [...texts.keys()].sort((a, b) => (first.up ? 1 : -1) * (points.y[a]! - points.y[b]!));
  const placed: PlacedLabel[] = [];
  for (const index of order) {
    const own = [...new Set(texts[index]!)];
    const tries = own.map((text): readonly [text: string, faint: readonly LabelBox[]] => [text, faint]);
    if (faint.length > 0) tries.push([own.at(-1)!, []]);
    for (const [tried, avoided] of tries) {
      const width = widthOfText(tried, size);
      const found = freePlace(points.x[index]!, points.y[index]!, width, size, within, [taken, avoided], first);
      if (found === null) continue;
      taken.push(found.box);
      placed.push({ index, text: tried, x: found.x, y: found.box.y + size, anchor: found.anchor });
      break;
    }
  }
  return placed;
}

function freePlace(
  x: number,
  y: number,
  width: number,
  size: number,
  within: LabelBox,
  taken: readonly (readonly LabelBox[])[],
  first: Side,
) {
  const height = size + 3;
  for (const offset of OFFSETS) {
    const beside = (right: boolean, up: boolean) => ({
      anchor: right ? ('start' as const) : ('end' as const),
      x: right ? x + offset : x - offset,
      left: right ? x + offset : x - offset - width,
      top: up ? y - height - offset / 3 : y + offset / 3,
    });
    const over = (up: boolean) => ({
      anchor: 'middle' as const,
      x,
      left: x - width / 2,
      top: up ? y - height - offset : y + offset,
    });
    const places = [
      beside(first.right, first.up),
      over(first.up),
      beside(!first.right, first.up),
      beside(first.right, !first.up),
      beside(!first.right, !first.up),
      over(!first.up),
    ];
    for (const place of places) {
      const box = { x: place.left, y: place.top, width, height };
      if (isInside(box, within) && !taken.some((boxes) => boxes.some((other) => overlap(box, other))))
        return { box, x: place.x, anchor: place.anchor };
    }
  }
  return null;
}

function isInside(box: LabelBox, within: LabelBox): boolean {
  return (
    box.x >= within.x &&
    box.y >= within.y &&
    box.x + box.width <= within.x + within.width &&
    box.y + box.height <= within.y + within.height
  );
}

export function overlap(a: LabelBox, b: LabelBox): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
