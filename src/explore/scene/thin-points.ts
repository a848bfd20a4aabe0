// Points that lie on each other are drawn once: of a hundred thousand values in order a screen shows a few thousand places.

import type { PointsMark } from './scene.ts';

/** Points nearer to each other than half a pixel are one. */
const PLACES_A_PX = 2;
/** A bit for each place of a picture this large; larger ones are drawn whole. */
const MOST_PLACES = 1 << 26;

/**
 * Calls with the points of each look that are worth drawing: those that have a place, each place once.
 * @param width pixels of the scene, as `height`
 */
export function eachLookOfPoints(
  { x, y, looks }: PointsMark,
  width: number,
  height: number,
  draw: (look: number, items: readonly number[]) => void,
): void {
  const across = Math.ceil(width * PLACES_A_PX) + 1;
  const places = across * (Math.ceil(height * PLACES_A_PX) + 1);
  const isThinned = x.length > FEW && places <= MOST_PLACES;
  const seen = isThinned ? new Uint16Array(places) : null;
  let most = 0;
  for (const look of looks) most = Math.max(most, look);
  const counts = new Uint32Array(most + 1);
  const kept = new Uint32Array(x.length);
  let count = 0;
  // From the last to the first: what is drawn last lies on top.
  for (let i = x.length - 1; i >= 0; i--) {
    if (!(x[i]! >= 0 && x[i]! <= width && y[i]! >= 0 && y[i]! <= height)) continue;
    if (seen !== null) {
      const place = Math.round(y[i]! * PLACES_A_PX) * across + Math.round(x[i]! * PLACES_A_PX);
      if (seen[place] === looks[i]! + 1) continue;
      seen[place] = looks[i]! + 1;
    }
    kept[count++] = i;
    counts[looks[i]!]!++;
  }
  // Look by look the last look would hide the others where points lie close: in rounds each comes to lie on top somewhere.
  const rounds = isThinned && counts.filter((size) => size > 0).length > 1 ? ROUNDS : 1;
  const lists = Array.from({ length: rounds * counts.length }, (): number[] => []);
  for (let k = count - 1; k >= 0; k--) lists[(k % rounds) * counts.length + looks[kept[k]!]!]!.push(kept[k]!);
  for (const [at, items] of lists.entries()) if (items.length > 0) draw(at % counts.length, items);
}

/** Times that every look is drawn. */
const ROUNDS = 8;
/** So few are drawn whole. */
const FEW = 500;
