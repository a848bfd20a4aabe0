// A plot as data, laid out in pixels: the page draws it on a canvas, reports and exports write it as SVG. Colours are named, not
// chosen: light, dark and print give them values when they draw. Everything that there may be thousands of is in columns.

import type { Unit } from '#core/metric';
import type { PlotAxis } from './plot-axis.ts';
import type { Shape } from './shapes.ts';

/** `series-0` to `series-6` is the palette of Okabe and Ito; `ramp-0` to `ramp-15` goes from little to much. */
export type Ink =
  | 'text'
  | 'muted'
  | 'line'
  | 'surface'
  | 'accent'
  | 'good'
  | 'bad'
  | `series-${number}`
  | `ramp-${number}`;

/** A colour, a shape and a dash together tell a series: none of them alone. */
export interface Look {
  readonly ink: Ink;
  readonly shape: Shape;
  readonly dash: readonly number[];
}

/** Which runs stand behind each item of a mark: item i has `rows[first[i]] … rows[first[i + 1] - 1]`, rows of the dataset. */
export interface Behind {
  /** One longer than there are items. */
  readonly first: Uint32Array;
  readonly rows: Uint32Array;
}

/** The number that one reads off each item, where the axes do not tell it: a bar's height, a cell's colour. */
export interface ReadValues {
  readonly title: string;
  readonly unit: Unit;
  readonly values: Float64Array;
}

interface MarkBase {
  /** Position in `panels`: it is clipped to it. -1 for the whole scene. */
  readonly panel: number;
  /** Null where nothing stands behind it (grids, error bars). */
  readonly behind: Behind | null;
  readonly read?: ReadValues | undefined;
  /** Further words for an item, where its place does not say which settings it is: made when they are asked for. */
  readonly about?: ((item: number) => readonly string[]) | undefined;
  /** 0 to 1; 1 where left out. */
  readonly opacity?: number | undefined;
}

export interface PointsMark extends MarkBase {
  readonly kind: 'points';
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Positions in the scene's `looks`. */
  readonly looks: Uint16Array;
  readonly radius: number;
}

/** Polylines: line i has the points `first[i] … first[i + 1] - 1`. */
export interface LinesMark extends MarkBase {
  readonly kind: 'lines';
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly first: Uint32Array;
  /** One for each line. */
  readonly looks: Uint16Array;
  readonly width: number;
}

/** Filled areas between two heights, cut as lines are. */
export interface BandsMark extends MarkBase {
  readonly kind: 'bands';
  readonly x: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly first: Uint32Array;
  readonly looks: Uint16Array;
}

export interface RectsMark extends MarkBase {
  readonly kind: 'rects';
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly width: Float32Array;
  readonly height: Float32Array;
  readonly looks: Uint16Array;
  readonly outlined: boolean;
  /** Lines across instead of a filled area: nothing was measured there. */
  readonly hatched?: boolean | undefined;
}

/** Single straight strokes: grids, error bars, whiskers. */
export interface SegmentsMark extends MarkBase {
  readonly kind: 'segments';
  readonly x1: Float32Array;
  readonly y1: Float32Array;
  readonly x2: Float32Array;
  readonly y2: Float32Array;
  readonly looks: Uint16Array;
  readonly width: number;
}

export interface SceneText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly size: number;
  readonly ink: Ink;
  readonly bold?: boolean | undefined;
  /** Degrees, clockwise, about its own place. */
  readonly rotate?: number | undefined;
}

export interface TextsMark {
  readonly kind: 'texts';
  readonly panel: number;
  readonly texts: readonly SceneText[];
}

export type Mark = PointsMark | LinesMark | BandsMark | RectsMark | SegmentsMark | TextsMark;

/** A rectangle with axes: a facet. The axes turn a place back into a value, for a brush and for what the pointer reads. */
export interface Panel {
  /** What its runs have in common, as it is written above it; missing where there is one panel. */
  readonly title?: string | undefined;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly xAxis: PlotAxis;
  readonly yAxis: PlotAxis;
  /** Names of the metrics that the axes show; null where an axis shows none. */
  readonly xMetric: string | null;
  readonly yMetric: string | null;
}

export interface LegendEntry {
  readonly title: string;
  readonly look: Look;
  /** Filter that a click on it sets: property and value; null where it stands for more than one property. */
  readonly property: string | null;
  readonly value: string | null;
  /** It stands for areas of a colour: its sign is one, and no line with a shape. */
  readonly isArea?: boolean | undefined;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly panels: readonly Panel[];
  readonly looks: readonly Look[];
  /** Drawn in this order. */
  readonly marks: readonly Mark[];
  readonly legendTitle: string;
  readonly legend: readonly LegendEntry[];
  /** What the picture shows, in a sentence, for those who do not see it. */
  readonly description: string;
}
