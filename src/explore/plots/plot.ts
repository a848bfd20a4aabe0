// What every kind of plot takes and gives: one file a kind, one function each.

import type { Unit } from '#core/metric';
import type { Dataset, DisplayNames, MetricColumn } from '../data/dataset.ts';
import type { Brushed } from '../data/filter-rows.ts';
import type { Scene } from '../scene/scene.ts';
import type { Placed } from '../view.ts';

export interface PlotInput {
  readonly dataset: Dataset;
  /** Rows that the filters leave and that count: ended well, not left out. Ascending. */
  readonly rows: Uint32Array;
  /** The metric on the value axis. */
  readonly metric: MetricColumn;
  /** Every metric that there is, custom ones included: for plots of more than one. */
  readonly metrics: readonly MetricColumn[];
  readonly placed: Placed;
  readonly names: DisplayNames;
  /** Null where nothing is: what is not brushed is drawn pale. */
  readonly brushed: Brushed | null;
  readonly options: Readonly<Record<string, string>>;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export interface TableColumn {
  readonly title: string;
  /** Null for text. */
  readonly unit: Unit | null;
  readonly values: readonly (string | number | null)[];
}

/** A choice that a kind of plot offers beyond the places: shown as a list, kept in the view's options. */
export interface PlotOption {
  readonly name: string;
  readonly title: string;
  readonly values: readonly { readonly value: string; readonly title: string }[];
  readonly chosen: string;
}

export interface Plot {
  readonly ok: true;
  readonly scene: Scene;
  /** The numbers behind the picture, for people and for CSV. */
  readonly table: readonly TableColumn[];
  /** What is not drawn, what was assumed, what the statistics say: sentences without a full stop. */
  readonly notes: readonly string[];
  readonly options: readonly PlotOption[];
}

/** Why there is nothing to draw, and what would help: sentences. */
export interface NoPlot {
  readonly ok: false;
  readonly why: string;
  readonly todo: string | null;
}

export type MakePlot = (input: PlotInput) => Plot | NoPlot;
