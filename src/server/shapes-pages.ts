// The shapes of a lab as the page shows them, with what recordings have that was not merged yet.

import { compactShapes } from '#lab/shapes/compact-shapes';
import { shapeGroups } from '#lab/shapes/shape-groups';
import type { ShapeFilter } from '#lab/shapes/shape-relation';
import type { LabView } from './lab-view.ts';
import type { PredictedPoints, ShapesPage } from './shapes-wire.ts';
import { WIRE_VERSION } from './wire.ts';

/** Answers that are asked for while one is made wait for that. */
const MERGE_EVERY_MS = 5_000;

export class ShapePages {
  readonly #lab: LabView;
  readonly #predicted: () => Promise<PredictedPoints | null>;
  #merged: Promise<unknown> | null = null;
  #mergedAtMs = -Infinity;

  /** @param predicted what was predicted of pieces that have ended since; nothing where it is left out */
  constructor(lab: LabView, predicted: () => Promise<PredictedPoints | null> = async () => null) {
    this.#lab = lab;
    this.#predicted = predicted;
  }

  /** @throws UserError where the shapes can't be read */
  async page(filter: Pick<ShapeFilter, 'kind' | 'codec'>): Promise<ShapesPage> {
    await this.#merge();
    const [groups, predicted] = await Promise.all([shapeGroups(this.#lab, filter), this.#predicted()]);
    return { version: WIRE_VERSION, groups, predicted };
  }

  #merge(): Promise<unknown> {
    if (this.#merged === null || performance.now() - this.#mergedAtMs > MERGE_EVERY_MS) {
      this.#mergedAtMs = performance.now();
      this.#merged = compactShapes(this.#lab);
    }
    return this.#merged;
  }
}
