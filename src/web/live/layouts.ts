// A layout of one's own charts, as it is saved in the lab. What comes from there may be of another version, or edited by hand.

export const LAYOUT_VERSION = 1;
/** More charts than one can look at. */
export const MOST_CHARTS = 24;
const MOST_SERIES = 32;

export interface LayoutChart {
  readonly title: string;
  /** Ids of series, all of one unit. */
  readonly series: readonly string[];
}

export interface Layout {
  readonly version: typeof LAYOUT_VERSION;
  readonly charts: readonly LayoutChart[];
}

export const EMPTY_LAYOUT: Layout = { version: LAYOUT_VERSION, charts: [] };

/** Null where it is none that this page can read. */
export function parseLayout(value: unknown): Layout | null {
  if (!isRecord(value) || value['version'] !== LAYOUT_VERSION || !Array.isArray(value['charts'])) return null;
  const charts = value['charts'].slice(0, MOST_CHARTS).flatMap((chart: unknown): LayoutChart[] => {
    if (!isRecord(chart) || typeof chart['title'] !== 'string' || !Array.isArray(chart['series'])) return [];
    const series = chart['series'].filter((id): id is string => typeof id === 'string').slice(0, MOST_SERIES);
    return [{ title: chart['title'], series: [...new Set(series)] }];
  });
  return { version: LAYOUT_VERSION, charts };
}

/** A chart more, at the end; the same layout where there is no room. */
export function withChart(layout: Layout, chart: LayoutChart): Layout {
  return layout.charts.length >= MOST_CHARTS ? layout : { ...layout, charts: [...layout.charts, chart] };
}

export function withoutChart(layout: Layout, position: number): Layout {
  return { ...layout, charts: layout.charts.filter((_, at) => at !== position) };
}

/** Moves a chart up or down; it stays where there is nowhere to go. */
export function movedChart(layout: Layout, position: number, by: -1 | 1): Layout {
  const to = position + by;
  if (to < 0 || to >= layout.charts.length || position < 0 || position >= layout.charts.length) return layout;
  const charts = [...layout.charts];
  [charts[position], charts[to]] = [charts[to]!, charts[position]!];
  return { ...layout, charts };
}

/** Puts a series into a chart, or takes it out. */
export function toggledSeries(layout: Layout, position: number, id: string): Layout {
  return {
    ...layout,
    charts: layout.charts.map((chart, at) => {
      if (at !== position) return chart;
      const has = chart.series.includes(id);
      const series = has ? chart.series.filter((one) => one !== id) : [...chart.series, id].slice(0, MOST_SERIES);
      return { ...chart, series };
    }),
  };
}

/** Without its series it may be of any unit again. */
export function emptiedChart(layout: Layout, position: number): Layout {
  return { ...layout, charts: layout.charts.map((chart, at) => (at === position ? { ...chart, series: [] } : chart)) };
}

export function renamedChart(layout: Layout, position: number, title: string): Layout {
  return { ...layout, charts: layout.charts.map((chart, at) => (at === position ? { ...chart, title } : chart)) };
}

/** As the server takes it: letters and digits, with blanks, dots, dashes and underscores between them. */
export function isLayoutName(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$/u.test(name);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
