// What a plot shows, without a word of how it is drawn.

import type { PlotAxis } from '#explore/scene/plot-axis';
import type { Shape } from '#explore/scene/shapes';

/** What one colour, shape and dash stand for. */
export interface PlotSeries {
  readonly name: string;
  readonly stroke: string;
  readonly dash: readonly number[];
  readonly shape: Shape;
}

export interface PlotPoint {
  /** On an axis of names the position of the name. */
  readonly x: number;
  readonly y: number;
  /** Position in `series`. */
  readonly series: number;
  /** Facet: positions in the names of `columns` and `rows`; 0 where there are none. */
  readonly column: number;
  readonly row: number;
  readonly xInterval: readonly [low: number, high: number] | null;
  readonly yInterval: readonly [low: number, high: number] | null;
  /** Lines of text that the pointer shows. */
  readonly title: string;
}

export interface PlotLine {
  readonly series: number;
  readonly column: number;
  readonly row: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Dotted and pale: it joins points that are no curve. */
  readonly faint: boolean;
}

export interface Facets {
  readonly label: string;
  readonly names: readonly string[];
}

export interface PlotSpec {
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly columns: Facets | null;
  readonly rows: Facets | null;
  /** Pixels of one facet. */
  readonly facetHeight: number;
  readonly series: readonly PlotSeries[];
  readonly points: readonly PlotPoint[];
  readonly lines: readonly PlotLine[];
  /** Series stand a little beside each other, so that their intervals do not hide one another. */
  readonly apart: boolean;
}
