// Items of a plot in columns, one after the other, where their number is not known before.

import type { PointsMark, SegmentsMark } from '../scene/scene.ts';
import { behindGroups, type Groups } from './grouping.ts';

/** Points that groups stand behind, and the number that one reads off each. */
export function groupPoints(
  groups: Groups,
  chosen: ArrayLike<number>,
  about: {
    readonly panel: number;
    readonly x: (group: number) => number;
    readonly y: (group: number) => number;
    readonly look: (group: number) => number;
    readonly read: { readonly title: string; readonly unit: string; readonly of: Float64Array };
    readonly radius: number;
    readonly opacity?: number;
  },
): PointsMark {
  const count = chosen.length;
  const [x, y] = [new Float32Array(count), new Float32Array(count)];
  const looks = new Uint16Array(count);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const group = chosen[i]!;
    x[i] = about.x(group);
    y[i] = about.y(group);
    looks[i] = about.look(group);
    values[i] = about.read.of[group]!;
  }
  return {
    kind: 'points',
    panel: about.panel,
    behind: behindGroups(groups, chosen),
    read: { title: about.read.title, unit: about.read.unit, values },
    x,
    y,
    looks,
    radius: about.radius,
    opacity: about.opacity,
  };
}

/** Strokes collected one by one. */
export class Strokes {
  readonly #ends: number[] = [];
  readonly #looks: number[] = [];

  /** A stroke with an end that is NaN is none. */
  add(x1: number, y1: number, x2: number, y2: number, look: number): void {
    if (Number.isNaN(x1 + y1 + x2 + y2)) return;
    this.#ends.push(x1, y1, x2, y2);
    this.#looks.push(look);
  }

  mark(panel: number, width: number, opacity?: number): SegmentsMark {
    const column = (k: number) => Float32Array.from(this.#looks, (_, i) => this.#ends[4 * i + k]!);
    return {
      kind: 'segments',
      panel,
      behind: null,
      x1: column(0),
      y1: column(1),
      x2: column(2),
      y2: column(3),
      looks: Uint16Array.from(this.#looks),
      width,
      opacity,
    };
  }
}
