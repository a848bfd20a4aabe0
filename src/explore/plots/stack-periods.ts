// The time that there is for a frame, as lines across the stacks, with their numbers.

import { formatNumber } from '#core/format-quantity';
import type { Mark, Panel, SceneText } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { TICK_SIZE } from './facet-layout.ts';
import { overlap, type LabelBox } from './place-labels.ts';

export interface PeriodLine {
  /** Of each group milliseconds; NaN where there is none. */
  readonly ms: Float64Array;
  /** Position of its look. */
  readonly look: number;
  readonly title: string;
}

export interface PeriodPlace {
  readonly panel: Panel;
  /** Its position. */
  readonly at: number;
  readonly middle: (group: number) => number;
  readonly half: number;
  readonly yScale: (ms: number) => number;
  /** Position of the look of the ground on which the numbers stand. */
  readonly ground: number;
}

const GROUND_OPACITY = 0.85;

/** A stroke across each group's slot. Its number stands above it, or below, where that is free; one that is that of the slot before is not said again. */
export function periodMarks(lines: readonly PeriodLine[], groups: readonly number[], place: PeriodPlace): Mark[] {
  const { panel, at, middle, half, yScale, ground } = place;
  const strokes: Mark[] = [];
  const texts: SceneText[] = [];
  const taken: LabelBox[] = [];
  for (const { ms, look, title } of lines) {
    const shown = groups.filter((group) => yScale(ms[group]!) >= panel.y - 1);
    if (shown.length === 0) continue;
    const y = Float32Array.from(shown, (group) => yScale(ms[group]!));
    strokes.push({
      kind: 'segments',
      panel: at,
      behind: null,
      x1: Float32Array.from(shown, (group) => middle(group) - half),
      y1: y,
      x2: Float32Array.from(shown, (group) => middle(group) + half),
      y2: y,
      looks: new Uint16Array(shown.length).fill(look),
      width: 2,
    });
    let said = '';
    for (const [i, group] of shown.entries()) {
      const value = formatNumber(ms[group]!);
      if (value === said) continue;
      const text = said === '' ? `${title} ${value} ms` : value;
      const x = middle(group) - half;
      const width = widthOfText(text, TICK_SIZE) * BOLD + 4;
      // Of narrow slots only the first is told: numbers of all would be a wall.
      if (said !== '' && width > 2 * half + 8) continue;
      const box = [y[i]! - TICK_SIZE - 5, y[i]! + 3]
        .map((top): LabelBox => ({ x, y: top, width, height: TICK_SIZE + 3 }))
        .find(
          (one) =>
            one.x + width <= panel.x + panel.width && one.y >= panel.y && !taken.some((other) => overlap(one, other)),
        );
      if (box === undefined) continue;
      taken.push(box);
      texts.push({ x: x + 2, y: box.y + TICK_SIZE, text, anchor: 'start', size: TICK_SIZE, ink: 'text', bold: true });
      said = value;
    }
  }
  return [
    ...strokes,
    {
      kind: 'rects',
      panel: at,
      behind: null,
      x: Float32Array.from(taken, ({ x }) => x),
      y: Float32Array.from(taken, ({ y }) => y),
      width: Float32Array.from(taken, ({ width }) => width),
      height: Float32Array.from(taken, ({ height }) => height),
      looks: new Uint16Array(taken.length).fill(ground),
      outlined: false,
      opacity: GROUND_OPACITY,
    },
    { kind: 'texts', panel: at, texts },
  ];
}

/** Bold letters are so much wider. */
const BOLD = 1.08;

/** A frame period that is longer than the target by more than this factor is late. */
const LATE = 1.02;

/** What is said of stacks higher than the target period: whether their frames came in time all the same. NaN is not known. */
export function highStackNotes(totalMs: Float64Array, requested: Float64Array, actual: Float64Array): string[] {
  const high = [...totalMs.keys()].filter((group) => totalMs[group]! > requested[group]!);
  const late = high.filter((group) => actual[group]! > requested[group]! * LATE);
  const inTime = high.filter((group) => actual[group]! <= requested[group]! * LATE);
  const unknown = high.filter((group) => Number.isNaN(actual[group]!));
  const note = (groups: readonly number[], one: string, several: string) => {
    if (groups.length === 0) return [];
    const [are, what] = groups.length === 1 ? ['is', one] : ['are', several];
    const stacks = totalMs.length === 1 ? 'stack' : 'stacks';
    return [`${groups.length} of ${totalMs.length} ${stacks} ${are} higher than the target period${what}`];
  };
  const lateness = `, and can’t keep up: a frame came every ${msText(actual, late)} in place of ${msText(requested, late)}`;
  const overlapping = ': only steps that overlap could keep up with it';
  return [
    ...note(late, lateness, lateness),
    ...note(inTime, ', and keeps up: its steps overlap', ', and keep up: their steps overlap'),
    ...note(unknown, overlapping, overlapping),
  ];
}

/** `33.3 ms`, `35.6 to 39.1 ms`. */
function msText(ms: Float64Array, groups: readonly number[]): string {
  const own = groups.map((group) => ms[group]!);
  const [low, high] = [formatNumber(Math.min(...own)), formatNumber(Math.max(...own))];
  return low === high ? `${low} ms` : `${low} to ${high} ms`;
}
