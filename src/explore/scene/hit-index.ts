// What lies under the pointer: items of a scene in a grid of its surface, so that a hundred thousand of them are asked in no time.

import type { LinesMark, Mark, RectsMark, Scene } from './scene.ts';

export interface Hit {
  /** Position in the scene's marks, and in that mark. */
  readonly mark: number;
  readonly item: number;
  /** Where it is read: a point itself, the value's end of a bar, the middle of a cell, the nearest point of a line. */
  readonly x: number;
  readonly y: number;
}

export interface HitIndex {
  /** Items that have something behind them. */
  readonly count: number;
  /** The item under a place, or the nearest one within {@link REACH_PX}; null where there is none. */
  at(x: number, y: number): Hit | null;
  /** The first item in the order of walking: panel by panel, from left to right; null where there is none. */
  first(): Hit | null;
  last(): Hit | null;
  /** The next item in the order of walking, `by` may be negative; the ends hold. */
  step(from: Hit, by: number): Hit;
  /** The nearest item above (-1) or below (1) in the same panel; the same where there is none. */
  stepUpright(from: Hit, direction: -1 | 1): Hit;
}

/** Pixels from a point within which it is meant. */
export const REACH_PX = 24;

/** Rows of the dataset behind an item. */
export function rowsBehind(scene: Scene, { mark, item }: Pick<Hit, 'mark' | 'item'>): Uint32Array {
  const found = scene.marks[mark];
  if (found === undefined || found.kind === 'texts' || found.behind === null) return new Uint32Array(0);
  const { first, rows } = found.behind;
  return rows.subarray(first[item]!, first[item + 1]!);
}

type HitMark = Exclude<Mark, { kind: 'texts' }>;

export function hitIndex(scene: Scene): HitIndex {
  const marks = scene.marks.flatMap((mark, at): { mark: HitMark; at: number }[] =>
    mark.kind === 'texts' || mark.behind === null ? [] : [{ mark, at }],
  );
  let count = 0;
  for (const { mark } of marks) count += mark.behind!.first.length - 1;
  const markOf = new Uint16Array(count);
  const itemOf = new Uint32Array(count);
  const x = new Float32Array(count).fill(NaN);
  const y = new Float32Array(count).fill(NaN);
  let next = 0;
  for (const [k, { mark }] of marks.entries()) {
    for (let item = 0; item < mark.behind!.first.length - 1; item++, next++) {
      markOf[next] = k;
      itemOf[next] = item;
      [x[next], y[next]] = anchorOf(mark, item, scene);
    }
  }

  const across = Math.max(1, Math.ceil(scene.width / REACH_PX));
  const down = Math.max(1, Math.ceil(scene.height / REACH_PX));
  const column = (pixel: number) => Math.max(0, Math.min(across - 1, Math.floor(pixel / REACH_PX)));
  const line = (pixel: number) => Math.max(0, Math.min(down - 1, Math.floor(pixel / REACH_PX)));
  const eachCell = (id: number, visit: (cell: number) => void) => {
    const { mark } = marks[markOf[id]!]!;
    const item = itemOf[id]!;
    if (Number.isNaN(x[id]!) || Number.isNaN(y[id]!)) return;
    if (mark.kind === 'rects') {
      const toX = column(mark.x[item]! + mark.width[item]!);
      const toY = line(mark.y[item]! + mark.height[item]!);
      for (let cy = line(mark.y[item]!); cy <= toY; cy++)
        for (let cx = column(mark.x[item]!); cx <= toX; cx++) visit(cy * across + cx);
    } else if (mark.kind === 'lines') eachPlaceOfLine(mark, item, (px, py) => visit(line(py) * across + column(px)));
    else visit(line(y[id]!) * across + column(x[id]!));
  };
  const starts = new Uint32Array(across * down + 1);
  for (let id = 0; id < count; id++) eachCell(id, (cell) => starts[cell + 1]!++);
  for (let cell = 0; cell < across * down; cell++) starts[cell + 1]! += starts[cell]!;
  const filled = starts.slice();
  const ids = new Uint32Array(starts[across * down]!);
  for (let id = 0; id < count; id++) eachCell(id, (cell) => (ids[filled[cell]!++] = id));

  const hitOf = (id: number, at?: readonly [number, number]): Hit => ({
    mark: marks[markOf[id]!]!.at,
    item: itemOf[id]!,
    x: at?.[0] ?? x[id]!,
    y: at?.[1] ?? y[id]!,
  });
  let walk: Uint32Array | null = null;
  const order = () => (walk ??= walkingOrder(x, y, (id) => marks[markOf[id]!]!.mark.panel));
  const idOf = (hit: Hit) => {
    const k = marks.findIndex(({ at }) => at === hit.mark);
    let id = 0;
    for (let before = 0; before < k; before++) id += marks[before]!.mark.behind!.first.length - 1;
    return id + hit.item;
  };
  const walked = (position: number): Hit | null => {
    const id = order()[position];
    return id === undefined ? null : hitOf(id);
  };

  return {
    count,
    at(px, py) {
      let best: Hit | null = null;
      let bestDistance = REACH_PX;
      const [fromX, toX] = [column(px - REACH_PX), column(px + REACH_PX)];
      const [fromY, toY] = [line(py - REACH_PX), line(py + REACH_PX)];
      for (let cy = fromY; cy <= toY; cy++) {
        for (let cx = fromX; cx <= toX; cx++) {
          const cell = cy * across + cx;
          for (let i = starts[cell]!; i < starts[cell + 1]!; i++) {
            const id = ids[i]!;
            const { mark } = marks[markOf[id]!]!;
            const near = mark.kind === 'lines' ? nearestOnLine(mark, itemOf[id]!, px, py) : null;
            const distance =
              near === null
                ? distanceTo(mark, itemOf[id]!, px, py, Math.hypot(x[id]! - px, y[id]! - py))
                : Math.hypot(near[0] - px, near[1] - py);
            // Of two that are as near the one on top is meant.
            if (distance <= bestDistance) {
              bestDistance = distance;
              best = hitOf(id, near ?? undefined);
            }
          }
        }
      }
      return best;
    },
    first: () => walked(0),
    last: () => walked(order().length - 1),
    step(from, by) {
      const position = order().indexOf(idOf(from));
      return walked(Math.max(0, Math.min(order().length - 1, position + by))) ?? from;
    },
    stepUpright(from, direction) {
      const own = idOf(from);
      const { panel } = marks[markOf[own]!]!.mark;
      let best = own;
      let least = Infinity;
      for (const id of order()) {
        const ahead = (y[id]! - y[own]!) * direction;
        if (!(ahead > 0.5) || marks[markOf[id]!]!.mark.panel !== panel) continue;
        // What stands in the same column comes first, however far.
        const cost = ahead + 4 * Math.abs(x[id]! - x[own]!);
        if (cost < least) [least, best] = [cost, id];
      }
      return hitOf(best);
    },
  };
}

/** Where an item is read. */
function anchorOf(mark: HitMark, item: number, scene: Scene): readonly [x: number, y: number] {
  switch (mark.kind) {
    case 'points':
      return [mark.x[item]!, mark.y[item]!];
    case 'rects':
      return [mark.x[item]! + mark.width[item]! / 2, heightRead(mark, item, scene)];
    case 'segments':
      return [(mark.x1[item]! + mark.x2[item]!) / 2, (mark.y1[item]! + mark.y2[item]!) / 2];
    case 'lines': {
      const end = mark.first[item + 1]! - 1;
      return [mark.x[end] ?? NaN, mark.y[end] ?? NaN];
    }
    case 'bands': {
      const middle = (mark.first[item]! + mark.first[item + 1]!) >> 1;
      return [mark.x[middle] ?? NaN, ((mark.low[middle] ?? NaN) + (mark.high[middle] ?? NaN)) / 2];
    }
  }
}

/** A bar is read at its value's end, which of a negative one is its foot; what stands on an axis of names in its middle. */
function heightRead(mark: RectsMark, item: number, scene: Scene): number {
  const [top, height] = [mark.y[item]!, mark.height[item]!];
  if ((scene.panels[mark.panel]?.yMetric ?? null) === null) return top + height / 2;
  return (mark.read?.values[item] ?? 0) < 0 ? top + height : top;
}

function distanceTo(mark: HitMark, item: number, x: number, y: number, toAnchor: number): number {
  if (mark.kind !== 'rects') return toAnchor;
  const dx = Math.max(mark.x[item]! - x, 0, x - mark.x[item]! - mark.width[item]!);
  const dy = Math.max(mark.y[item]! - y, 0, y - mark.y[item]! - mark.height[item]!);
  return Math.hypot(dx, dy);
}

/** Places along a line, near enough to each other that no cell of the grid is jumped over. */
function eachPlaceOfLine(mark: LinesMark, line: number, visit: (x: number, y: number) => void): void {
  const [start, end] = [mark.first[line]!, mark.first[line + 1]!];
  for (let i = start; i < end; i++) {
    const j = Math.min(i + 1, end - 1);
    const [dx, dy] = [mark.x[j]! - mark.x[i]!, mark.y[j]! - mark.y[i]!];
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)) / REACH_PX));
    for (let step = 0; step < steps; step++) visit(mark.x[i]! + (dx * step) / steps, mark.y[i]! + (dy * step) / steps);
  }
}

function nearestOnLine(mark: LinesMark, line: number, x: number, y: number): readonly [x: number, y: number] {
  let best: readonly [number, number] = [NaN, NaN];
  let least = Infinity;
  for (let i = mark.first[line]!; i + 1 < mark.first[line + 1]!; i++) {
    const [ax, ay] = [mark.x[i]!, mark.y[i]!];
    const [dx, dy] = [mark.x[i + 1]! - ax, mark.y[i + 1]! - ay];
    const share = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    const [nx, ny] = [ax + share * dx, ay + share * dy];
    const distance = Math.hypot(nx - x, ny - y);
    if (distance < least) [least, best] = [distance, [nx, ny]];
  }
  return best;
}

function walkingOrder(x: Float32Array, y: Float32Array, panelOf: (id: number) => number): Uint32Array {
  return Uint32Array.from(x.keys())
    .filter((id) => !Number.isNaN(x[id]!) && !Number.isNaN(y[id]!))
    .sort((a, b) => panelOf(a) - panelOf(b) || x[a]! - x[b]! || y[a]! - y[b]! || a - b);
}
