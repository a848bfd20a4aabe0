// What a heatmap is drawn of: which rows, which cells, and where they stand.

import type { HeatmapCells } from '#profile/heatmap-cells';
import { heatmapCells } from '#profile/heatmap-cells';
import { leastCellNs } from '#profile/heatmap-error';
import type { NamedRange } from '#profile/heatmap-rows';
import type { Occupancy, OccupancyRow } from '#profile/occupancy';
import type { TimeRange } from '../chart/chart-group.ts';
import { RIGHT_PAD } from '../chart/time-chart.tsx';
import type { HeatmapChoice } from './heatmap-choice.ts';
import { columnSeconds, FOLDED_ROWS, type HeatmapLayout } from './heatmap-layout.ts';
import { cellLooks } from './heatmap-looks.ts';
import type { LookTable } from './heatmap-paint.ts';

/** Room for names at the left. The charts beside a heatmap have an axis as wide (`ChartGroup.axisPx`), so that times stand below each other. */
export const NAMES_PX = 112;
const FOLDED_PX = 250;
const ROW_PX = 20;
const LEAST_ROW_PX = 3;
/** Rows of many CPUs become lower, not the page longer. */
const MAX_LINEAR_PX = 520;
/** Cells of a folded heatmap: beyond, each is longer than was asked for. */
const MAX_FOLDED = 1_000_000;
const SINGLE_ROW_PX = 64;
/** The shortest cells where the scheduler told the times exactly. */
const LEAST_EXACT_NS = 1e4;
/** Widths of columns that are kept: an hour has three on a screen. */
const MAX_TABLES = 12;

export interface HeatmapScene {
  readonly rows: readonly OccupancyRow[];
  readonly layout: HeatmapLayout;
  readonly table: LookTable;
}

/** All of a row, folded. How it looks is made once for each width of columns: moving and zooming only draw it. */
export class FoldedCells {
  readonly #cells: HeatmapCells;
  readonly perSecond: number;
  readonly #fromS: number;
  readonly #tables = new Map<number, LookTable>();

  constructor(cells: HeatmapCells, perSecond: number, fromS: number) {
    this.#cells = cells;
    this.perSecond = perSecond;
    this.#fromS = fromS;
  }

  /** @param columnS whole seconds of a column */
  table(columnS: number): LookTable {
    const known = this.#tables.get(columnS);
    if (known !== undefined) return known;
    const looks = cellLooks(this.#cells, columnS, this.perSecond);
    const made: LookTable = {
      looks,
      rows: this.perSecond,
      count: looks.length / this.perSecond,
      fromS: this.#fromS,
      columnS,
      order: 'columns',
    };
    if (this.#tables.size >= MAX_TABLES) this.#tables.clear();
    this.#tables.set(columnS, made);
    return made;
  }
}

/** Rows that can be drawn; those of phases only where there are any. */
export function rowsOf(
  occupancy: Occupancy,
  choice: HeatmapChoice,
  phases: readonly NamedRange[],
): readonly OccupancyRow[] {
  if (choice.rows !== 'phase') return occupancy.rows(choice.rows);
  return phases.length === 0 ? occupancy.rows('all') : occupancy.phases(phases);
}

/** The one row that is folded. */
export function foldedRow(rows: readonly OccupancyRow[], name: string | null): OccupancyRow | undefined {
  return rows.find((row) => row.name.replaceAll(',', ' ') === name) ?? rows[0];
}

/** The run's own rows are marked where others stand beside them. */
export function shownName({ name, isOwn }: OccupancyRow): string {
  return isOwn ? `● ${name}` : name;
}

/** All cells of a folded heatmap, made once: moving and zooming only draw them. */
export function foldedCells(
  occupancy: Occupancy,
  row: OccupancyRow,
  choice: HeatmapChoice,
  whole: TimeRange,
  zeroNs: number,
): FoldedCells {
  const from = Math.floor(whole.from);
  const wanted = Math.max(1, Math.ceil(whole.to) - from);
  const perSecond = FOLDED_ROWS.findLast((count) => count <= choice.cells && count * wanted <= MAX_FOLDED) ?? 10;
  const count = Math.min(wanted, MAX_FOLDED / perSecond) * perSecond;
  const { header } = occupancy.source;
  const cells = heatmapCells([row], header, zeroNs + from * 1e9, 1e9 / perSecond, count, 'picture');
  return new FoldedCells(cells, perSecond, from);
}

export function foldedScene(row: OccupancyRow, cells: FoldedCells, range: TimeRange, boxPx: number): HeatmapScene {
  const width = Math.max(1, boxPx - NAMES_PX - RIGHT_PAD);
  const columnS = columnSeconds(range, width);
  const layout: HeatmapLayout = {
    form: 'folded',
    range,
    left: NAMES_PX,
    width,
    height: FOLDED_PX,
    rows: cells.perSecond,
    cellS: 1 / cells.perSecond,
    columnS,
  };
  return { rows: [row], layout, table: cells.table(columnS) };
}

/** Cells of what is in view; they begin at multiples of their length, so that they stay the same while it moves. */
export function linearScene(
  occupancy: Occupancy,
  rows: readonly OccupancyRow[],
  range: TimeRange,
  boxPx: number,
  zeroNs: number,
): HeatmapScene {
  const width = Math.max(1, boxPx - NAMES_PX - RIGHT_PAD);
  const cellNs = linearCellNs(occupancy, range, width);
  const first = Math.floor((range.from * 1e9) / cellNs);
  const count = Math.ceil((range.to * 1e9) / cellNs) - first;
  const cells = heatmapCells(rows, occupancy.source.header, zeroNs + first * cellNs, cellNs, count, 'picture');
  const height = rows.length === 1 ? SINGLE_ROW_PX : rows.length * rowPx(rows.length);
  const layout: HeatmapLayout = {
    form: 'linear',
    range,
    left: NAMES_PX,
    width,
    height,
    rows: rows.length,
    cellS: cellNs / 1e9,
    columnS: cellNs / 1e9,
  };
  const columnS = cellNs / 1e9;
  const table: LookTable = {
    looks: cellLooks(cells),
    rows: rows.length,
    count,
    fromS: first * columnS,
    columnS,
    order: 'lines',
  };
  return { rows, layout, table };
}

function rowPx(rows: number): number {
  return Math.max(LEAST_ROW_PX, Math.min(ROW_PX, Math.floor(MAX_LINEAR_PX / rows)));
}

/** About a pixel wide, but no shorter than can be relied on: 1, 2 or 5 times a power of ten. */
function linearCellNs(occupancy: Occupancy, range: TimeRange, width: number): number {
  const pixelNs = ((range.to - range.from) * 1e9) / width;
  const least = Math.max(pixelNs, occupancy.isExact ? LEAST_EXACT_NS : shortestCellNs(occupancy));
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((ns) => ns >= least * (1 - 1e-9))!;
}

/** The shortest cell that can be relied on: any where the scheduler told of each change, else one with enough samples. */
export function shortestCellNs(occupancy: Occupancy): number {
  if (occupancy.isExact) return 0;
  return leastCellNs(occupancy.frequencyHz ?? 0, occupancy.capacity.count);
}
