// What is looked at: which runs, filtered how, arranged how, drawn as what. It stands in the address of the page and in files of the lab.

export const VIEW_VERSION = 1;

/**
 * Keeps the runs whose property has one of the values (with `absent` also those that have no such property), or whose number lies in
 * the range (both ends included; null is open).
 */
export type Filter =
  | {
      readonly kind: 'values';
      readonly property: string;
      readonly values: readonly string[];
      readonly absent?: true;
    }
  | {
      readonly kind: 'range';
      readonly property: string;
      readonly low: number | null;
      readonly high: number | null;
    };

/** Where a property may stand. What stands nowhere is pooled: its runs count together. */
export const PLACES = ['column', 'row', 'x', 'color', 'shape'] as const;
export type Place = (typeof PLACES)[number];

export type Placed = Readonly<Record<Place, string | null>> & {
  /** Told apart beyond colour and shape: each combination of their values is a series of its own. */
  readonly legend: readonly string[];
};

export const PLOT_KINDS = [
  'bars',
  'lines',
  'scatter',
  'distribution',
  'heatmap',
  'regression',
  'stack',
  'frame-rate',
  'report',
  'rate-quality',
  'pareto',
  'parallel',
] as const;
export type PlotKind = (typeof PLOT_KINDS)[number];

/** A brush over one metric: what all plots of the page share. Both ends included. */
export interface Brush {
  readonly metric: string;
  readonly low: number;
  readonly high: number;
}

/** Plots side by side at the most. */
export const MAX_STATS = 3;

export interface View {
  readonly version: typeof VIEW_VERSION;
  /** Names of benchmarks; empty for every run of the lab. */
  readonly benchmarks: readonly string[];
  readonly filters: readonly Filter[];
  /** Null where nobody chose: then what varies most is placed by itself. */
  readonly placed: Placed | null;
  /** Names of metrics, one plot each, MAX_STATS at most; empty where nobody chose. */
  readonly stats: readonly string[];
  /** Null where nobody chose: then by the number of properties that vary still. */
  readonly plot: PlotKind | null;
  /** What a kind of plot lets one choose, by its own names: `text=off`, `x=log`, `show=violin`, `against=cpu.time`. */
  readonly options: Readonly<Record<string, string>>;
  /** Failed and left-out runs are listed and marked. They never count in a statistic. */
  readonly showInvalid: boolean;
  readonly brushes: readonly Brush[];
}

export const EMPTY_VIEW: View = {
  version: VIEW_VERSION,
  benchmarks: [],
  filters: [],
  placed: null,
  stats: [],
  plot: null,
  options: {},
  showInvalid: false,
  brushes: [],
};
