// Facets with shared axes: where each panel stands, its frame, grid, ticks and titles.

import { pixelScale } from '../scene/axis-scale.ts';
import { roomyTicks, type PlotAxis, type Tick } from '../scene/plot-axis.ts';
import type { Mark, Panel, SceneText } from '../scene/scene.ts';
import { segmentsMark, type Stroke } from '../scene/segments.ts';
import { fitText, widthOfText } from '../scene/text-width.ts';
import type { Split } from './splits.ts';

export const MAX_FACET_COLUMNS = 12;
export const MAX_FACET_ROWS = 12;
/** Narrower and lower panels can't be read: then the scene grows. */
const NARROWEST = 132;
const LOWEST = 104;

export const TICK_SIZE = 11;
const TITLE_SIZE = 12;
/** Bold letters are wider. */
const BOLD = 1.08;
const GAP_X = 14;
const GAP_Y = 12;
/** Half of what is free between two texts of one line. */
const HALF_GAP = 6;
const TICK_LINE = 15;
const TITLE_LINE = 18;
const RIGHT = 10;
/** Names that stand aslant take no more of the height than this. */
const MOST_SLANTED = 120;
const SLANT_DEG = -38;
/** Margins grow by steps: the layout stands still while values come in. */
const MARGIN_STEP = 12;

export interface FacetInput {
  readonly columns: Split;
  readonly rows: Split;
  readonly width: number;
  readonly height: number;
  /** The same for all, or one for each column. */
  readonly xAxis: PlotAxis | readonly PlotAxis[];
  /** The upright axis, given about how high a panel is. */
  readonly yAxis: (heightPx: number) => PlotAxis;
  readonly xMetric: string | null;
  readonly yMetric: string | null;
  /** Pixels between a panel's foot and the texts of its axis, for signs that stand there; 0 where it is left out. */
  readonly footRoom?: number | undefined;
}

export interface Facets {
  readonly width: number;
  readonly height: number;
  readonly panels: readonly Panel[];
  readonly yAxis: PlotAxis;
  /** Drawn before everything else: grid, ticks and titles. */
  readonly marks: readonly Mark[];
  /** Position of a look for lines of the grid is 0, and it must be first among the scene's looks. */
  readonly panelOf: (column: number, row: number) => number;
}

/** Position of the look that grids are drawn in. */
const GRID_LOOK = 0;

export function layFacets(input: FacetInput): Facets {
  const { columns, rows } = input;
  const axes = 'kind' in input.xAxis ? [input.xAxis] : input.xAxis;
  const grid = gridOf(input);
  const hasTitles = columns.property !== null || rows.property !== null;
  const isWrapped = grid.wrapped !== null;
  const sideTitle = rows.property !== null && !isWrapped ? TITLE_LINE : 0;
  const top = 6 + (hasTitles && !(columns.property === null && !isWrapped) ? TITLE_LINE : 0);
  const guess = Math.max(LOWEST, (input.height - 60) / grid.lines - GAP_Y - (isWrapped ? TITLE_LINE : 0));
  const yAxis = input.yAxis(guess);
  const yTicks = ticksOf(yAxis, guess);
  const widest = Math.max(0, ...yTicks.map(({ text }) => widthOfText(text, TICK_SIZE)));
  const yTitle = yAxis.label === '' ? 0 : TITLE_LINE;
  const left = Math.max(36, Math.ceil((Math.min(widest, 140) + 8) / MARGIN_STEP) * MARGIN_STEP) + yTitle;

  const inner = input.width - left - RIGHT - sideTitle - (grid.across - 1) * GAP_X;
  const panelWidth = Math.max(NARROWEST, inner / grid.across);
  const footRoom = input.footRoom ?? 0;
  const rooms = axes.map((axis) => nameRoom(axis, panelWidth));
  const namesHeight = footRoom + Math.max(...rooms.map((room) => room.height));
  const { label } = axes[0]!;
  const bottom = namesHeight + (label === '' ? 4 : TITLE_LINE + 4);
  // Lines of panels with axes of their own need room for these as well.
  const isAxisEach = isWrapped && axes.length > 1;
  const between = GAP_Y + (isWrapped ? TITLE_LINE : 0) + (isAxisEach ? namesHeight : 0);
  const free = input.height - top - bottom - (grid.lines - 1) * between;
  const panelHeight = Math.max(LOWEST, free / grid.lines);
  const width = Math.max(input.width, left + RIGHT + sideTitle + grid.across * panelWidth + (grid.across - 1) * GAP_X);
  const height = Math.max(input.height, top + bottom + grid.lines * panelHeight + (grid.lines - 1) * between);

  const headings = { column: headingsOf(columns, panelWidth), row: headingsOf(rows, panelHeight - GAP_Y) };
  const panels: Panel[] = [];
  const texts: SceneText[] = [];
  const segments: Stroke[] = [];
  const count = grid.wrapped === null ? grid.across * grid.lines : grid.wrapped.titles.length;
  for (let i = 0; i < count; i++) {
    const [across, line] = [i % grid.across, Math.floor(i / grid.across)];
    const x = Math.round(left + across * (panelWidth + GAP_X));
    const y = Math.round(top + line * (panelHeight + between));
    const right = Math.round(left + across * (panelWidth + GAP_X) + panelWidth);
    const foot = Math.round(top + line * (panelHeight + between) + panelHeight);
    const title = facetTitle(input, grid, i);
    const own = axes.length === 1 ? 0 : isWrapped ? i : across;
    const [xAxis, names] = [axes[own]!, rooms[own]!];
    panels.push({
      x,
      y,
      width: right - x,
      height: foot - y,
      xAxis,
      yAxis,
      xMetric: input.xMetric,
      yMetric: input.yMetric,
      title: title === '' ? undefined : title,
    });
    segments.push(...gridLines(xAxis, names.ticks, yTicks, yAxis, x, y, right, foot));
    if (across === 0) texts.push(...upright(yTicks, yAxis, x, y, foot));
    // A panel that has none below it shows the axis.
    if (isAxisEach || i + grid.across >= count) {
      const beside = GAP_X / 2 - HALF_GAP;
      texts.push(
        ...lying(
          xAxis,
          names,
          x,
          right,
          foot + footRoom,
          across === 0 ? left : beside,
          i + 1 === count || across === grid.across - 1 ? RIGHT - 1 : beside,
        ),
      );
    }
    if (grid.wrapped !== null) texts.push(panelTitle(headings.column(i), (x + right) / 2, y - 6, right - x));
    else {
      if (columns.property !== null && line === 0)
        texts.push(panelTitle(headings.column(across), (x + right) / 2, y - 6, right - x));
      if (rows.property !== null && across === grid.across - 1)
        texts.push({ ...panelTitle(headings.row(line), right + 13, (y + foot) / 2, foot - y), rotate: 90 });
    }
  }
  const last = panels.at(-1)!;
  const first = panels[0]!;
  if (label !== '') {
    const middle = (first.x + Math.max(...panels.map((panel) => panel.x + panel.width))) / 2;
    const foot = Math.max(last.y + last.height, ...panels.map((panel) => panel.y + panel.height));
    texts.push(axisTitle(label, middle, foot + namesHeight + TITLE_LINE - 3, width));
  }
  if (yAxis.label !== '')
    texts.push({ ...axisTitle(yAxis.label, 12, (first.y + last.y + last.height) / 2, height), rotate: -90 });
  return {
    width,
    height,
    panels,
    yAxis,
    marks: [segmentsMark(segments, GRID_LOOK, 1), { kind: 'texts', panel: -1, texts }],
    panelOf: (column, row) => (grid.wrapped === null ? row * grid.across + column : column + row),
  };
}

interface Grid {
  readonly across: number;
  readonly lines: number;
  /** The only split there is, broken into several lines; null where columns and rows make the grid. */
  readonly wrapped: Split | null;
}

function gridOf({ columns, rows, width }: FacetInput): Grid {
  const [across, lines] = [columns.titles.length, rows.titles.length];
  const fits = Math.max(1, Math.floor((width - 60) / (NARROWEST + GAP_X)));
  if (rows.property === null && columns.property !== null && across > fits) {
    // Lines as full as each other: 8 facets are 4 and 4, not 6 and 2.
    const even = Math.ceil(across / Math.ceil(across / fits));
    return { across: even, lines: Math.ceil(across / even), wrapped: columns };
  }
  return { across, lines, wrapped: null };
}

function facetTitle({ columns, rows }: FacetInput, grid: Grid, i: number): string {
  if (grid.wrapped !== null) return `${columns.title}: ${grid.wrapped.titles[i]!}`;
  const parts: string[] = [];
  if (columns.property !== null) parts.push(`${columns.title}: ${columns.titles[i % grid.across]!}`);
  if (rows.property !== null) parts.push(`${rows.title}: ${rows.titles[Math.floor(i / grid.across)]!}`);
  return parts.join(', ');
}

/** `gop: 30` where that has room in every panel, else the values alone. */
function headingsOf(split: Split, room: number): (i: number) => string {
  const full = (i: number) => `${split.title}: ${split.titles[i]!}`;
  const fits = split.titles.every((_, i) => widthOfText(full(i), TITLE_SIZE * BOLD) <= room);
  return (i) => (fits ? full(i) : split.titles[i]!);
}

const panelTitle = (text: string, x: number, y: number, room: number): SceneText => ({
  x,
  y,
  text: fitText(text, TITLE_SIZE * BOLD, room),
  anchor: 'middle',
  size: TITLE_SIZE,
  ink: 'text',
  bold: true,
});

const axisTitle = (text: string, x: number, y: number, room: number): SceneText => ({
  x,
  y,
  text: fitText(text, TITLE_SIZE, room),
  anchor: 'middle',
  size: TITLE_SIZE,
  ink: 'muted',
});

/** Ticks of an upright axis; of names those that have room. */
function ticksOf(axis: PlotAxis, heightPx: number): readonly Tick[] {
  if (axis.kind !== 'names') return thinned(axis, heightPx);
  const step = Math.ceil((axis.names.length * 13) / heightPx);
  return axis.names.map((text, at) => ({ at, text: fitText(text, TICK_SIZE, 136) })).filter((_, i) => i % step === 0);
}

/** Of an upright axis of numbers the ticks that do not touch. */
function thinned(axis: Exclude<PlotAxis, { kind: 'names' }>, heightPx: number): readonly Tick[] {
  const place = pixelScale(axis, heightPx, 0);
  let free = Infinity;
  return axis.ticks.filter(({ at }) => {
    const y = place(at);
    if (!(y <= free + 1e-6)) return false;
    free = y - 14;
    return true;
  });
}

interface NameRoom {
  readonly ticks: readonly Tick[];
  readonly slanted: boolean;
  readonly height: number;
}

/** 1, 2, 5, 10, 20 … : the first that is enough. */
function evenStep(least: number): number {
  for (let power = 1; ; power *= 10) {
    const step = [1, 2, 5].find((factor) => factor * power >= least);
    if (step !== undefined) return step * power;
  }
}

/** Where a setting has more values than there is room for: those that are multiples of a round number, if there are some. */
function evenTicks(axis: Exclude<PlotAxis, { kind: 'names' }>, widthPx: number): readonly Tick[] {
  const roomy = roomyTicks(axis, widthPx);
  if (roomy.length === axis.ticks.length || axis.kind === 'log') return roomy;
  const widest = Math.max(...axis.ticks.map(({ text }) => widthOfText(text, TICK_SIZE)));
  const rough = ((widest + 14) * (axis.high - axis.low)) / widthPx;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = evenStep(rough / power) * power;
  const even = axis.ticks.filter(({ at }) => Math.abs(at / step - Math.round(at / step)) < 1e-6);
  return even.length >= FEW_TICKS ? even : roomy;
}

/** Fewer ticks say less than uneven ones. */
const FEW_TICKS = 3;

/** How the ticks of a lying axis stand: beside each other, aslant, or only some of them. */
function nameRoom(axis: PlotAxis, widthPx: number): NameRoom {
  if (axis.kind !== 'names') return { ticks: evenTicks(axis, widthPx), slanted: false, height: TICK_LINE + 3 };
  const slot = widthPx / Math.max(1, axis.names.length);
  const widest = Math.max(0, ...axis.names.map((name) => widthOfText(name, TICK_SIZE)));
  const every = (step: number, room: number) =>
    axis.names.flatMap((name, at) => (at % step === 0 ? [{ at, text: fitText(name, TICK_SIZE, room) }] : []));
  if (widest <= 0) return { ticks: [], slanted: false, height: 4 };
  if (widest + 6 <= slot) return { ticks: every(1, slot), slanted: false, height: TICK_LINE + 3 };
  // Short names that are many (1, 2, 3 …): some of them, upright, say more than all of them aslant.
  const isShort = widest <= 24;
  if (isShort) return { ticks: every(evenStep((widest + 8) / slot), 24), slanted: false, height: TICK_LINE + 3 };
  const room = MOST_SLANTED / Math.sin((-SLANT_DEG * Math.PI) / 180);
  const ticks = every(evenStep(15 / slot), room);
  const longest = Math.max(...ticks.map(({ text }) => widthOfText(text, TICK_SIZE)));
  const rise = longest * Math.sin((-SLANT_DEG * Math.PI) / 180) + 14;
  return { ticks, slanted: true, height: Math.ceil(rise / MARGIN_STEP) * MARGIN_STEP };
}

/**
 * Texts below a panel.
 * @param before pixels that they may reach out to its left, `after` to its right: a number at the edge moves in, so that it meets no other
 */
function lying(
  axis: PlotAxis,
  { ticks, slanted }: NameRoom,
  x: number,
  right: number,
  foot: number,
  before: number,
  after: number,
): SceneText[] {
  const place = pixelScale(axis, x, right);
  const about = { y: foot + 14, anchor: 'middle', size: TICK_SIZE, ink: 'muted' } as const;
  if (slanted)
    return ticks.map(({ at, text }) => ({
      ...about,
      x: place(at) + 3,
      y: foot + 11,
      text,
      anchor: 'end',
      rotate: SLANT_DEG,
    }));
  let free = -Infinity;
  return ticks.flatMap(({ at, text }): SceneText[] => {
    const half = widthOfText(text, TICK_SIZE) / 2;
    const middle = Math.max(x - before + half, Math.min(right + after - half, place(at)));
    if (middle - half < free) return [];
    free = middle + half + HALF_GAP;
    return [{ ...about, x: middle, text }];
  });
}

function upright(ticks: readonly Tick[], axis: PlotAxis, x: number, y: number, foot: number): SceneText[] {
  const place = axis.kind === 'names' ? pixelScale(axis, y, foot) : pixelScale(axis, foot, y);
  return ticks.map(({ at, text }) => ({
    x: x - 6,
    y: place(at) + 4,
    text,
    anchor: 'end',
    size: TICK_SIZE,
    ink: 'muted',
  }));
}

/** Lines of a panel: across at the ticks, its foot, and ticks below a foot of numbers. */
function gridLines(
  xAxis: PlotAxis,
  xTicks: readonly Tick[],
  yTicks: readonly Tick[],
  yAxis: PlotAxis,
  x: number,
  y: number,
  right: number,
  foot: number,
): Stroke[] {
  const lines: Stroke[] = [];
  if (yAxis.kind !== 'names') {
    const place = pixelScale(yAxis, foot, y);
    for (const { at } of yTicks) lines.push([x, crisp(place(at)), right, crisp(place(at))]);
  }
  lines.push([x, crisp(foot), right, crisp(foot)]);
  if (xAxis.kind !== 'names') {
    const place = pixelScale(xAxis, x, right);
    for (const { at } of xTicks) lines.push([crisp(place(at)), foot, crisp(place(at)), foot + 4]);
  }
  return lines;
}

/** A line of one pixel is sharp in the middle of pixels. */
const crisp = (pixel: number) => Math.round(pixel - 0.5) + 0.5;
