// What parallel coordinates are drawn with: upright axes with their texts, and lines across them.

import type { Behind, LinesMark, Panel, RectsMark, SceneText, SegmentsMark } from '../scene/scene.ts';
import { segmentsMark, type Stroke } from '../scene/segments.ts';
import { fitText, widthOfText } from '../scene/text-width.ts';
import { behindGroups, type Groups } from './grouping.ts';
import { crossingText, type ParallelAxis } from './parallel-lines.ts';

const TEXT_PX = 11;
const TITLE_PX = 12;
/** Width of the part of an axis that takes a brush. */
const GRIP_PX = 20;
/** Room that a tick's text takes. */
const LINE_PX = 14;
const MARGIN_PX = 36;
/** Half of a title. */
const RIGHT_PX = 56;

/** Free beside a title at the edge. */
const EDGE_PX = 3;
/** Bold letters are so much wider. */
const BOLD = 1.08;
const GROUND_OPACITY = 0.7;

/** Where axes stand. */
export interface AxisFrame {
  readonly top: number;
  readonly foot: number;
  /** Middle of each axis. */
  readonly places: readonly number[];
}

/** The outer axes stand in by half of what their texts need. */
export function axisFrame(axes: readonly ParallelAxis[], width: number, height: number): AxisFrame {
  const left = Math.max(MARGIN_PX, Math.min(width / 5, textRoom(axes[0]!) + 14));
  const right = width - RIGHT_PX;
  const step = axes.length > 1 ? (right - left) / (axes.length - 1) : 0;
  return { top: 46, foot: height - 16, places: axes.map((_, i) => left + i * step) };
}

function textRoom({ axis }: ParallelAxis): number {
  const texts = axis.kind === 'names' ? axis.names : axis.ticks.map(({ text }) => text);
  return Math.max(0, ...texts.map((text) => widthOfText(text, TEXT_PX)));
}

/** One narrow panel for each axis: there a brush of its metric is pulled. */
export function axisPanels(axes: readonly ParallelAxis[], { top, foot, places }: AxisFrame): Panel[] {
  return axes.map(({ title, axis, metric }, i) => ({
    title,
    x: places[i]! - GRIP_PX / 2,
    y: top,
    width: GRIP_PX,
    height: foot - top,
    xAxis: { kind: 'names', label: '', names: [''] },
    yAxis: axis,
    xMetric: null,
    yMetric: metric?.name ?? null,
  }));
}

/** The axes themselves, with a short stroke at each tick of a number. */
export function axisStrokes(axes: readonly ParallelAxis[], frame: AxisFrame, look: number): SegmentsMark {
  const strokes: Stroke[] = [];
  for (const [i, { axis }] of axes.entries()) {
    const x = frame.places[i]!;
    strokes.push([x, frame.top, x, frame.foot]);
    for (const { share } of axis.kind === 'names' ? [] : tickShares(axis)) {
      const y = heightAt(share, frame);
      strokes.push([x - 4, y, x, y]);
    }
  }
  return segmentsMark(strokes, look, 1.2);
}

/** Title above an axis in two lines, name and unit; its texts to its left, as many as have room. */
export function axisTexts(axes: readonly ParallelAxis[], frame: AxisFrame, width: number): SceneText[] {
  const step = axes.length > 1 ? frame.places[1]! - frame.places[0]! : width;
  return axes.flatMap((one, i): SceneText[] => {
    const x = frame.places[i]!;
    const half = Math.min(x, width - x, step / 2);
    // The outer ones are moved in, away from the edge, as far as their neighbours are from them.
    const room = Math.min(step - 12, half + step / 2 - 6);
    const unit = one.metric === null ? '' : one.axis.label.slice(one.title.length + 2);
    const arrow = one.metric?.better === 'higher' ? '↑ ' : one.metric?.better === 'lower' ? '↓ ' : '';
    const label = (whole: string, y: number, bold: boolean): SceneText[] => {
      if (whole === '') return [];
      const wider = bold ? BOLD : 1;
      const text = fitText(whole, TITLE_PX, room / wider);
      const reach = (widthOfText(text, TITLE_PX) * wider) / 2 + EDGE_PX;
      // Fonts differ: what begins or ends at an edge is not cut there, however wide it is.
      const [at, anchor] =
        reach > x
          ? ([EDGE_PX, 'start'] as const)
          : reach > width - x
            ? ([width - EDGE_PX, 'end'] as const)
            : ([x, 'middle'] as const);
      return [{ x: at, y, text, anchor, size: TITLE_PX, ink: bold ? 'text' : 'muted', bold }];
    };
    const [name, rest] = inTwo(one.title, room / BOLD);
    const texts = [...label(name, 16, true), ...label(`${rest} ${arrow}${unit}`.trim(), 32, false)];
    const shares = tickShares(one.axis);
    const skip = Math.ceil((shares.length * LINE_PX) / (frame.foot - frame.top));
    const textRoomPx = (i === 0 ? x : step) - 12;
    for (const [k, { share, text }] of shares.entries()) {
      if (skip > 1 && k % skip !== 0) continue;
      const y = heightAt(share, frame) + 4;
      texts.push({ x: x - 7, y, text: fitText(text, TEXT_PX, textRoomPx), anchor: 'end', size: TEXT_PX, ink: 'text' });
    }
    return texts;
  });
}

/** A title that is too wide is broken at its first space: `cpu.time`, `per frame`. */
function inTwo(title: string, room: number): readonly [name: string, rest: string] {
  const at = widthOfText(title, TITLE_PX) > room ? title.indexOf(' ') : -1;
  return at < 0 ? [title, ''] : [title.slice(0, at), title.slice(at + 1)];
}

/** Ground behind texts that lines run through. */
export function textGrounds(texts: readonly SceneText[], { top }: AxisFrame, look: number): RectsMark {
  const covered = texts.filter(({ anchor, y }) => anchor === 'end' && y > top);
  return {
    kind: 'rects',
    panel: -1,
    behind: null,
    x: Float32Array.from(covered, ({ x, text }) => x - widthOfText(text, TEXT_PX) - 1),
    y: Float32Array.from(covered, ({ y }) => y - TEXT_PX + 1),
    width: Float32Array.from(covered, ({ text }) => widthOfText(text, TEXT_PX) + 2),
    height: new Float32Array(covered.length).fill(TEXT_PX + 1),
    looks: new Uint16Array(covered.length).fill(look),
    outlined: false,
    opacity: GROUND_OPACITY,
  };
}

function tickShares(axis: ParallelAxis['axis']): { share: number; text: string }[] {
  if (axis.kind === 'names') return axis.names.map((text, i) => ({ share: 1 - (i + 0.5) / axis.names.length, text }));
  return axis.ticks.map(({ at, text }) => ({ share: (at - axis.low) / (axis.high - axis.low), text }));
}

function heightAt(share: number, { top, foot }: AxisFrame): number {
  return foot - share * (foot - top);
}

/**
 * Lines of some of the groups. Where one has no value on an axis it ends, and goes on after it: each piece is an item, with the same
 * runs behind it.
 */
export function linesOf(
  groups: Groups,
  axes: readonly ParallelAxis[],
  frame: AxisFrame,
  chosen: Uint32Array,
  looks: (group: number) => number,
): Pick<LinesMark, 'x' | 'y' | 'first' | 'looks' | 'about'> & { readonly behind: Behind } {
  const x = new Float32Array(chosen.length * axes.length);
  const y = new Float32Array(chosen.length * axes.length);
  const first: number[] = [0];
  const pieces: number[] = [];
  let points = 0;
  for (const group of chosen) {
    for (const [i, { heights }] of axes.entries()) {
      const share = heights[group]!;
      if (!Number.isNaN(share)) {
        x[points] = frame.places[i]!;
        y[points++] = heightAt(share, frame);
      }
      if ((Number.isNaN(share) || i === axes.length - 1) && points > first.at(-1)!) {
        first.push(points);
        pieces.push(group);
      }
    }
  }
  return {
    x: x.subarray(0, points),
    y: y.subarray(0, points),
    first: Uint32Array.from(first),
    looks: Uint16Array.from(pieces, looks),
    behind: behindGroups(groups, pieces),
    about: (item) => axes.flatMap((axis) => crossingText(axis, pieces[item]!) ?? []),
  };
}
