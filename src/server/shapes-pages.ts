// The shapes of a lab as the page shows them, with what recordings have that was not merged yet.

import { compactShapes } from '#lab/shapes/compact-shapes';
import { shapeGroups } from '#lab/shapes/shape-groups';
import type { ShapeFilter } from '#lab/shapes/shape-relation';
import type { LabView } from './lab-view.ts';
import { learnedShapes } from './learned-shapes.ts';
import type { ShapesPage } from './shapes-wire.ts';
import { WIRE_VERSION } from './wire.ts';

/** Answers that are asked for while one is made wait for that. */
const MERGE_EVERY_MS = 5_000;

export class ShapePages {
  readonly #lab: LabView;
  #merged: Promise<unknown> | null = null;
  #mergedAtMs = -Infinity;

  constructor(lab: LabView) {
    this.#lab = lab;
  }

  /** @throws UserError where the shapes can't be read */
  async page(filter: Pick<ShapeFilter, 'kind' | 'codec'>): Promise<ShapesPage> {
    await this.#merge();
    const leftOut = new Set<string>();
    const lab = { path: this.#lab.path, tell: (why: string) => leftOut.add(why) };
    const chosen = { ...filter, isPartEnough: true };
    const [groups, learned] = await Promise.all([shapeGroups(lab, chosen), learnedShapes(lab)]);
    return { version: WIRE_VERSION, groups, ...learned, leftOut: [...leftOut] };
  }

  #merge(): Promise<unknown> {
    if (this.#merged === null || performance.now() - this.#mergedAtMs > MERGE_EVERY_MS) {
      this.#mergedAtMs = performance.now();
      this.#merged = compactShapes(this.#lab);
    }
    return this.#merged;
  }
}
