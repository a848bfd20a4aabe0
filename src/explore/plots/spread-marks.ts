// Boxes, violins and strips of one panel.

import type { LinesMark, Mark, Panel, PointsMark, RectsMark } from '../scene/scene.ts';
import type { MetricColumn } from '../data/dataset.ts';
import type { Brushed } from '../data/filter-rows.ts';
import { isBrushed } from './arranged.ts';
import { boxOf, densityOf, MIN_DENSITY } from './density.ts';
import { behindGroups, type Groups } from './grouping.ts';
import { Strokes } from './value-marks.ts';

export interface SpreadOfPanel {
  readonly at: number;
  readonly groups: Groups;
  readonly panel: Panel;
  readonly yScale: (value: number) => number;
  /** There are others to be told from. */
  readonly hasSigns: boolean;
  readonly isLog: boolean;
  /** Pixel of a group's middle, and how much room it has across. */
  readonly middle: (group: number) => number;
  readonly lane: number;
  readonly look: (group: number) => number;
  readonly metric: MetricColumn;
  readonly brushed: Brushed | null;
  /** How faint what is not brushed is. */
  readonly pale: number;
}

const TEXT_LOOK = 1;
const FILL_OPACITY = 0.38;

export function boxMarks(draw: SpreadOfPanel, all: readonly number[]): Mark[] {
  const [few, groups] = byCount(draw, all);
  const marks = inBothStrengths(draw, groups, (chosen, strength) => {
    const whiskers = new Strokes();
    const medians = new Strokes();
    const [bright, faint]: [Outside, Outside] = [emptyOutside(), emptyOutside()];
    const half = Math.max(1, draw.lane * 0.36);
    const boxes = chosen.map((group) => {
      const sorted = valuesOf(draw, group);
      const box = boxOf(sorted);
      const [x, look] = [draw.middle(group), draw.look(group)];
      whiskers.add(x, draw.yScale(box.whiskerLow), x, draw.yScale(box.lower), look);
      whiskers.add(x, draw.yScale(box.upper), x, draw.yScale(box.whiskerHigh), look);
      for (const end of [box.whiskerLow, box.whiskerHigh])
        whiskers.add(x - half / 2, draw.yScale(end), x + half / 2, draw.yScale(end), look);
      medians.add(x - half, draw.yScale(box.median), x + half, draw.yScale(box.median), TEXT_LOOK);
      eachRow(draw, group, (row, value) => {
        if (value < box.whiskerLow || value > box.whiskerHigh)
          addOutside(isFaintRun(draw, row) ? faint : bright, draw, x, value, look, row);
      });
      return { group, top: draw.yScale(box.upper), foot: draw.yScale(box.lower), median: box.median };
    });
    const fill = boxRects(draw, boxes, half);
    return [
      whiskers.mark(draw.at, 1.3, strength),
      { ...fill, opacity: FILL_OPACITY * strength },
      { ...fill, behind: null, read: undefined, outlined: true, opacity: strength },
      medians.mark(draw.at, 2.2, strength),
      ...signsOf(draw, boxes, strength),
      ...(faint.x.length > 0 ? [pointsOf(faint, draw, 2.4, draw.pale)] : []),
      ...(bright.x.length > 0 ? [pointsOf(bright, draw, 2.4, 1)] : []),
    ];
  });
  return [...marks, ...stripMarks(draw, few)];
}

/** Places along a violin. */
const VIOLIN_STEPS = 64;

export function violinMarks(draw: SpreadOfPanel, all: readonly number[]): Mark[] {
  const [few, groups] = byCount(draw, all);
  const marks = inBothStrengths(draw, groups, (chosen, strength) => {
    const [x, y, width, height, looks]: number[][] = [[], [], [], [], []] as number[][];
    const outlines: { x: number[]; y: number[]; first: number[]; looks: number[] } = {
      x: [],
      y: [],
      first: [],
      looks: [],
    };
    const medians = new Strokes();
    const boxes = chosen.map((group) => {
      const sorted = valuesOf(draw, group);
      const box = boxOf(sorted);
      const middle = draw.middle(group);
      const density = densityOf(draw.isLog ? sorted.map(Math.log) : sorted, VIOLIN_STEPS);
      if (density !== null) {
        const places = Array.from(density.at, (at) => draw.yScale(draw.isLog ? Math.exp(at) : at));
        const halves = Array.from(density.height, (share) => Math.max(0.5, share * draw.lane * 0.45));
        for (let i = 0; i + 1 < places.length; i++) {
          const half = (halves[i]! + halves[i + 1]!) / 2;
          // On whole pixels: no light shines through between two slices.
          const [foot, top] = [Math.round(places[i]!), Math.round(places[i + 1]!)];
          x!.push(middle - half);
          width!.push(2 * half);
          y!.push(top);
          height!.push(foot - top);
          looks!.push(draw.look(group));
        }
        outlines.first.push(outlines.x.length);
        outlines.looks.push(draw.look(group));
        for (let i = 0; i < places.length; i++) {
          outlines.x.push(middle + halves[i]!);
          outlines.y.push(places[i]!);
        }
        for (let i = places.length - 1; i >= 0; i--) {
          outlines.x.push(middle - halves[i]!);
          outlines.y.push(places[i]!);
        }
        outlines.x.push(middle + halves[0]!);
        outlines.y.push(places[0]!);
      }
      const half = Math.max(3, Math.min(8, draw.lane * 0.14));
      medians.add(middle - half, draw.yScale(box.median), middle + half, draw.yScale(box.median), TEXT_LOOK);
      return { group, top: draw.yScale(box.upper), foot: draw.yScale(box.lower), median: box.median };
    });
    const slices: RectsMark = {
      kind: 'rects',
      panel: draw.at,
      behind: null,
      x: Float32Array.from(x!),
      y: Float32Array.from(y!),
      width: Float32Array.from(width!),
      height: Float32Array.from(height!),
      looks: Uint16Array.from(looks!),
      outlined: false,
      opacity: FILL_OPACITY * strength,
    };
    const lines: LinesMark = {
      kind: 'lines',
      panel: draw.at,
      behind: null,
      x: Float32Array.from(outlines.x),
      y: Float32Array.from(outlines.y),
      first: Uint32Array.from([...outlines.first, outlines.x.length]),
      looks: Uint16Array.from(outlines.looks),
      width: 1.3,
      opacity: strength,
    };
    const bars = boxRects(draw, boxes, Math.max(1.5, Math.min(4, draw.lane * 0.06)));
    return [
      slices,
      lines,
      { ...bars, opacity: strength },
      medians.mark(draw.at, 2.2, strength),
      ...signsOf(draw, boxes, strength),
    ];
  });
  return [...marks, ...stripMarks(draw, few)];
}

export function stripMarks(draw: SpreadOfPanel, all: readonly number[]): Mark[] {
  if (all.length === 0) return [];
  const medians = new Strokes();
  const [bright, faint]: [Outside, Outside] = [emptyOutside(), emptyOutside()];
  const half = draw.lane * 0.42;
  for (const group of all) {
    const middle = draw.middle(group);
    const look = draw.look(group);
    const many = draw.groups.first[group + 1]! - draw.groups.first[group]! > 1;
    eachRow(draw, group, (row, value) => {
      const isFaint = isFaintRun(draw, row);
      const x = many ? middle + jitter(row) * half : middle;
      addOutside(isFaint ? faint : bright, draw, x, value, look, row);
    });
    if (many) {
      const y = draw.yScale(boxOf(valuesOf(draw, group)).median);
      medians.add(middle - half, y, middle + half, y, TEXT_LOOK);
    }
  }
  const radius = bright.x.length + faint.x.length > 2_000 ? 2 : 2.8;
  return [
    ...(faint.x.length > 0 ? [pointsOf(faint, draw, radius, draw.pale)] : []),
    ...(bright.x.length > 0 ? [pointsOf(bright, draw, radius, 0.8)] : []),
    medians.mark(draw.at, 2),
  ];
}

/** -1 to 1, the same for the same run in every picture: a multiplicative hash (Knuth, volume 3, 6.4). */
function jitter(row: number): number {
  return (Math.imul(row + 1, 0x9e3779b1) >>> 0) / 2 ** 31 - 1;
}

function valuesOf({ groups }: SpreadOfPanel, group: number): Float64Array {
  return groups.values.subarray(groups.first[group], groups.first[group + 1]);
}

/** Groups of too few values for a box, and the others. */
function byCount(draw: SpreadOfPanel, all: readonly number[]): readonly [few: number[], many: number[]] {
  const [few, many]: [number[], number[]] = [[], []];
  for (const group of all) (valuesOf(draw, group).length < MIN_DENSITY ? few : many).push(group);
  return [few, many];
}

function inBothStrengths(
  draw: SpreadOfPanel,
  groups: readonly number[],
  make: (chosen: readonly number[], strength: number) => Mark[],
): Mark[] {
  if (groups.length === 0) return [];
  if (draw.brushed === null) return make(groups, 1);
  const faint = groups.filter((group) => !isBrushed(draw.brushed, draw.groups, group));
  const bright = groups.filter((group) => isBrushed(draw.brushed, draw.groups, group));
  return [...(faint.length > 0 ? make(faint, draw.pale) : []), ...(bright.length > 0 ? make(bright, 1) : [])];
}

/** Calls with each run of a group: its values in the group are sorted apart from its rows. */
function eachRow({ groups, metric }: SpreadOfPanel, group: number, visit: (row: number, value: number) => void): void {
  for (let i = groups.first[group]!; i < groups.first[group + 1]!; i++)
    visit(groups.rows[i]!, metric.values[groups.rows[i]!]!);
}

/** A point of one run is brushed by its own number, whatever its box is. */
function isFaintRun({ brushed }: SpreadOfPanel, row: number): boolean {
  return brushed !== null && brushed.rows[row] !== 1;
}

/** Points of single runs. */
interface Outside {
  readonly x: number[];
  readonly y: number[];
  readonly look: number[];
  readonly rows: number[];
  readonly values: number[];
}

const emptyOutside = (): Outside => ({ x: [], y: [], look: [], rows: [], values: [] });

function addOutside(
  into: Outside,
  { yScale }: SpreadOfPanel,
  x: number,
  value: number,
  look: number,
  row: number,
): void {
  into.x.push(x);
  into.y.push(yScale(value));
  into.look.push(look);
  into.rows.push(row);
  into.values.push(value);
}

function pointsOf(from: Outside, { at, metric }: SpreadOfPanel, radius: number, opacity: number): PointsMark {
  return {
    kind: 'points',
    panel: at,
    behind: {
      first: Uint32Array.from({ length: from.rows.length + 1 }, (_, i) => i),
      rows: Uint32Array.from(from.rows),
    },
    read: { title: metric.name, unit: metric.unit, values: Float64Array.from(from.values) },
    x: Float32Array.from(from.x),
    y: Float32Array.from(from.y),
    looks: Uint16Array.from(from.look),
    radius,
    opacity,
  };
}

interface DrawnBox {
  readonly group: number;
  readonly top: number;
  readonly foot: number;
  readonly median: number;
}

function boxRects(draw: SpreadOfPanel, boxes: readonly DrawnBox[], half: number): RectsMark {
  return {
    kind: 'rects',
    panel: draw.at,
    behind: behindGroups(
      draw.groups,
      boxes.map(({ group }) => group),
    ),
    read: {
      title: `median of ${draw.metric.name}`,
      unit: draw.metric.unit,
      values: Float64Array.from(boxes, ({ median }) => median),
    },
    x: Float32Array.from(boxes, ({ group }) => draw.middle(group) - half),
    y: Float32Array.from(boxes, ({ top }) => top),
    width: new Float32Array(boxes.length).fill(2 * half),
    height: Float32Array.from(boxes, ({ top, foot }) => Math.max(1, foot - top)),
    looks: Uint16Array.from(boxes, ({ group }) => draw.look(group)),
    outlined: false,
  };
}

/**
 * The series' sign as it stands in the legend, a line with its shape, below the axis under each of its boxes: colour alone says nothing in
 * grey. No value looks like it.
 */
function signsOf(draw: SpreadOfPanel, boxes: readonly DrawnBox[], opacity: number): Mark[] {
  if (!draw.hasSigns) return [];
  const y = draw.panel.y + draw.panel.height + SIGN_GAP;
  const half = Math.min(WIDEST_SIGN, draw.lane * 0.42);
  const lines = new Strokes();
  for (const { group } of boxes)
    lines.add(draw.middle(group) - half, y, draw.middle(group) + half, y, draw.look(group));
  // Outside of every panel: nothing that is measured lies there.
  return [
    lines.mark(-1, 1.6, opacity),
    {
      kind: 'points',
      panel: -1,
      behind: null,
      x: Float32Array.from(boxes, ({ group }) => draw.middle(group)),
      y: new Float32Array(boxes.length).fill(y),
      looks: Uint16Array.from(boxes, ({ group }) => draw.look(group)),
      radius: Math.min(3.6, Math.max(1.5, draw.lane * 0.3)),
      opacity,
    },
  ];
}

const SIGN_GAP = 10;
/** Pixels to either side. */
const WIDEST_SIGN = 13;
/** Pixels below a panel that signs take. */
export const SIGN_ROOM = 14;
