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
