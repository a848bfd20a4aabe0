// What the page of shapes is answered.

import type { ShapeGroup } from '#lab/shapes/shape-groups';

/** A piece that has ended, and what was predicted of it before. */
export interface PredictedPoint {
  /** Of the piece. */
  readonly id: string;
  readonly codec: string | null;
  readonly truth: number;
  readonly value: number;
  /** Bounds that were to hold the truth. */
  readonly low: number;
  readonly high: number;
}

export interface PredictedPoints {
  /** Share of the truth that the bounds are made to hold. */
  readonly coverage: number;
  /** CPU seconds; at most some thousand, the newest. */
  readonly points: readonly PredictedPoint[];
}

export interface ShapesPage {
  readonly version: number;
  readonly groups: readonly ShapeGroup[];
  /** Null where nothing was predicted yet. */
  readonly predicted: PredictedPoints | null;
}
