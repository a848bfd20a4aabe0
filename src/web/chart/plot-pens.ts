// Draws columns of values onto a canvas. Where points are closer than pixels, each column of pixels is one bar from its
// smallest to its largest value: the same picture, at a cost that the width of the chart bounds.

import { addShape, type Shape } from '#explore/scene/shapes';
import { firstAt, type Track } from './track.ts';

export interface Pen {
  readonly context: CanvasRenderingContext2D;
  /** Pixels of the canvas for one of the page. */
  readonly ratio: number;
  readonly leftPx: number;
  readonly pxPerSecond: number;
  /** What is to be drawn, seconds. */
  readonly fromS: number;
  readonly toS: number;
  readonly height: number;
  readonly low: number;
  readonly pxPerUnit: number;
}

/** A line goes on over a gap that is shorter, or that is usual for its series. */
const LEAST_GAP_S = 2.5;
const USUAL_GAPS = 5;
/** Points for a pixel from which on columns are drawn as bars: a stack's areas cost more than lines. */
const DENSE_LINE = 2.5;
const DENSE_STACK = 1.5;
/** Marks for a pixel from which on they are drawn smaller. */
const DENSE_MARKS = 0.3;
const MARK_RADIUS = 3.4;

/** Dashed lines are of few points: those that hold a value until the next. */
export function drawLine(pen: Pen, columns: Track, isDashed: boolean): void {
  const part = partOf(pen, columns);
  if (part.density > DENSE_LINE && !isDashed) drawBars(pen, columns, part);
  else strokeLine(pen, columns, part, isDashed);
}

/** The area below the values; what lies on it is drawn before. */
export function drawStack(pen: Pen, columns: Track): void {
  const part = partOf(pen, columns);
  const { context, height } = pen;
  if (part.density > DENSE_STACK) {
    eachColumn(pen, columns, part, (x, _least, most) => {
      const y = yOf(pen, most);
      context.fillRect(x, y, 1, height - y);
    });
    return;
  }
  context.beginPath();
  let startX = NaN;
  let lastX = NaN;
  const close = () => {
    if (Number.isNaN(startX)) return;
    context.lineTo(lastX, height);
    context.lineTo(startX, height);
    context.closePath();
  };
  eachPoint(pen, columns, part, (x, y, isStart) => {
    if (isStart) {
      close();
      context.moveTo(x, y);
      startX = x;
    } else context.lineTo(x, y);
    lastX = x;
  });
  close();
  context.fill();
}

/** Of marks that would lie on each other one is enough. */
export function drawMarks(pen: Pen, columns: Track, shape: Shape): void {
  const part = partOf(pen, columns);
  const { context, ratio } = pen;
  const isDense = part.density > DENSE_MARKS;
  const radius = MARK_RADIUS * ratio * (isDense ? 0.6 : 1);
  context.beginPath();
  let lastX = -Infinity;
  let lastY = -Infinity;
  for (let i = part.first; i < part.end; i++) {
    const value = columns.values[i]!;
    if (Number.isNaN(value)) continue;
    const x = xOf(pen, columns.times[i]!);
    const y = yOf(pen, value);
    if (isDense && x - lastX < radius && Math.abs(y - lastY) < radius) continue;
    lastX = x;
    lastY = y;
    addShape(context, shape, x, y, radius);
  }
  context.fill();
}

/** Rows that are to be drawn, how close they are, and what parts two pieces of a line. */
interface Part {
  readonly first: number;
  readonly end: number;
  /** Values a pixel. */
  readonly density: number;
  readonly gapS: number;
}

/** Rows looked at to find how close values are. */
const SAMPLE = 256;

function partOf({ fromS, toS, pxPerSecond }: Pen, { times, values, length }: Track): Part {
  let first = Math.max(0, firstAt(times, length, fromS) - 1);
  // A line comes from a value: rows without one are passed.
  while (first > 0 && Number.isNaN(values[first]!) && fromS - times[first]! < LEAST_GAP_S) first--;
  const end = Math.min(length, firstAt(times, length, toS) + 1);
  let count = 0;
  const from = Math.max(0, end - SAMPLE);
  for (let i = from; i < end; i++) if (!Number.isNaN(values[i]!)) count++;
  const span = end > from ? times[end - 1]! - times[from]! : 0;
  const perSecond = span > 0 ? count / span : 0;
  return {
    first,
    end,
    density: perSecond / pxPerSecond,
    gapS: Math.max(LEAST_GAP_S, perSecond > 0 ? USUAL_GAPS / perSecond : 0),
  };
}

function strokeLine(pen: Pen, columns: Track, part: Part, isDashed: boolean): void {
  const { context } = pen;
  context.lineJoin = 'round';
  context.beginPath();
  eachPoint(pen, columns, isDashed ? { ...part, gapS: Infinity } : part, (x, y, isStart) => {
    if (isStart) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.stroke();
}

function drawBars(pen: Pen, columns: Track, part: Part): void {
  const { context, ratio } = pen;
  const thick = Math.max(1, 1.3 * ratio);
  eachColumn(pen, columns, part, (x, least, most) => {
    const top = yOf(pen, most) - thick / 2;
    context.fillRect(x, top, 1, yOf(pen, least) - top + thick / 2);
  });
}

function eachPoint(
  pen: Pen,
  { times, values }: Track,
  { first, end, gapS }: Part,
  tell: (x: number, y: number, isStart: boolean) => void,
): void {
  let before = -Infinity;
  for (let i = first; i < end; i++) {
    const value = values[i]!;
    // A row without a value breaks no line: only a time without any does.
    if (Number.isNaN(value)) continue;
    const time = times[i]!;
    tell(xOf(pen, time), yOf(pen, value), !(time - before <= gapS));
    before = time;
  }
}

/** Each column of pixels with its smallest and largest value; columns between two that are no gap are joined. */
function eachColumn(
  pen: Pen,
  { times, values }: Track,
  { first, end, gapS }: Part,
  tell: (x: number, least: number, most: number) => void,
): void {
  let column = NaN;
  let least = 0;
  let most = 0;
  let last = NaN;
  let before = -Infinity;
  for (let i = first; i < end; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const time = times[i]!;
    const at = Math.floor(time * pen.pxPerSecond) - pen.leftPx;
    if (at === column) {
      if (value < least) least = value;
      if (value > most) most = value;
    } else {
      if (!Number.isNaN(column)) tell(column, least, most);
      least = most = value;
      if (time - before <= gapS) {
        if (last < least) least = last;
        if (last > most) most = last;
        for (let empty = column + 1; empty < at; empty++) tell(empty, Math.min(last, value), Math.max(last, value));
      }
      column = at;
    }
    last = value;
    before = time;
  }
  if (!Number.isNaN(column)) tell(column, least, most);
}

function xOf(pen: Pen, time: number): number {
  return time * pen.pxPerSecond - pen.leftPx;
}

function yOf(pen: Pen, value: number): number {
  return pen.height - (value - pen.low) * pen.pxPerUnit;
}
