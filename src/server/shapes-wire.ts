// What the page of shapes is answered.

import type { Target } from '#farm/predict/model';
import type { ShapeGroup } from '#lab/shapes/shape-groups';

/** A piece that has ended, and what was predicted of it before. */
export interface PredictedPoint {
  /** Of the piece. */
  readonly id: string;
  readonly codec: string | null;
  /** What said it: a model of the lab, or where none knew such work the machine's calibration, whose bounds are set and not proven. */
  readonly basis: 'model' | 'calibration';
  readonly truth: number;
  readonly value: number;
  /** Bounds that were to hold the truth. */
  readonly low: number;
  readonly high: number;
}

export interface PredictedPoints {
  /** Share of the truth that a model's bounds are made to hold. */
  readonly coverage: number;
  /** CPU seconds; at most some thousand, the newest. */
  readonly points: readonly PredictedPoint[];
}

/** How well a model predicted titles that it had not seen; a row for each quantity and count of finished items of the title. */
export interface ModelAccuracy {
  readonly number: number;
  /** UTC, milliseconds. */
  readonly trainedAt: number;
  readonly pieces: number;
  readonly titles: number;
  readonly rows: readonly {
    readonly quantity: Target;
    readonly siblings: number;
    /** Median of |predicted / truth - 1|. */
    readonly medianError: number;
    /** Shares of the truth inside the interval, and at or below its upper bound. */
    readonly inside: number;
    readonly notAbove: number;
    /** Upper bound over truth, median. */
    readonly reserved: number;
  }[];
}

export interface ShapesPage {
  readonly version: number;
  readonly groups: readonly ShapeGroup[];
  /** Null where nothing was predicted yet. */
  readonly predicted: PredictedPoints | null;
  /** The model that holds; null where there is none yet. */
  readonly model: ModelAccuracy | null;
  /** Files of shapes that can't be read, and why: their rows are missing. */
  readonly leftOut: readonly string[];
}
