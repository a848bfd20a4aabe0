// What a regression is drawn with: runs as points, lines and their bands through them, what they say in the corner.

import type { Brushed } from '../data/filter-rows.ts';
import type { Mark, Panel, SceneText } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { PALE } from './arranged.ts';
import { TICK_SIZE } from './facet-layout.ts';
import type { Groups } from './grouping.ts';
import type { LabelBox } from './place-labels.ts';
import { curveOf, pText, shareText, type FitForm, type SeriesFit } from './regression-fits.ts';

/** Places at which a line and its band are drawn. */
const STEPS = 48;
const BAND_OPACITY = 0.16;
const LINE_PX = 14;

export interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

export interface DrawnFit extends SeriesFit {
  /** Position of its look in the scene. */
  readonly look: number;
  /** Cells whose runs it goes through. */
  readonly members: readonly number[];
  readonly title: string;
}

export function fitMarks(panel: number, fits: readonly DrawnFit[], form: FitForm, scales: Scales): Mark[] {
  const drawn = fits.flatMap(({ fit, look }) => (fit === null ? [] : [{ fit, look }]));
  if (drawn.length === 0) return [];
  const points = drawn.length * (STEPS + 1);
  const [x, y] = [new Float32Array(points), new Float32Array(points)];
  const [low, high] = [new Float32Array(points), new Float32Array(points)];
  for (const [k, { fit }] of drawn.entries()) {
    const places = Float64Array.from({ length: STEPS + 1 }, (_, i) => {
      const at = fit.minX + ((fit.maxX - fit.minX) * i) / STEPS;
      return form === 'linear' ? at : Math.exp(at);
    });
    const curve = curveOf(fit, form, places);
    for (let i = 0; i <= STEPS; i++) {
      const at = k * (STEPS + 1) + i;
      x[at] = scales.x(places[i]!);
      y[at] = scales.y(curve.middle[i]!);
      low[at] = scales.y(curve.low[i]!);
      high[at] = scales.y(curve.high[i]!);
    }
  }
  const first = Uint32Array.from({ length: drawn.length + 1 }, (_, k) => k * (STEPS + 1));
  const looks = Uint16Array.from(drawn, ({ look }) => look);
  return [
    { kind: 'bands', panel, behind: null, x, low, high, first, looks, opacity: BAND_OPACITY },
    { kind: 'lines', panel, behind: null, x, y, first, looks, width: 2 },
  ];
}

/** Brushed points above the pale ones; of many each is pale, so that their density shows. */
export function runMarks(
  panel: number,
  fits: readonly DrawnFit[],
  groups: Groups,
  x: Float64Array,
  y: Float64Array,
  brushed: Brushed | null,
  scales: Scales,
): Mark[] {
  let total = 0;
  for (const { runs } of fits) total += runs;
  const opacity = total > 5000 ? 0.25 : total > 500 ? 0.5 : 0.85;
  return (brushed === null ? [1] : [0, 1]).flatMap((strong): Mark[] => {
    const rows = new Uint32Array(total);
    const looks = new Uint16Array(total);
    let count = 0;
    for (const { members, look } of fits) {
      for (const cell of members) {
        for (let i = groups.first[cell]!; i < groups.first[cell + 1]!; i++) {
          const row = groups.rows[i]!;
          if (brushed !== null && brushed.rows[row] !== strong) continue;
          rows[count] = row;
          looks[count++] = look;
        }
      }
    }
    if (count === 0) return [];
    const [atX, atY] = [new Float32Array(count), new Float32Array(count)];
    for (let i = 0; i < count; i++) {
      atX[i] = scales.x(x[rows[i]!]!);
      atY[i] = scales.y(y[rows[i]!]!);
    }
    return [
      {
        kind: 'points',
        panel,
        x: atX,
        y: atY,
        looks: looks.subarray(0, count),
        radius: total > 500 ? 2.4 : 3.6,
        behind: { first: Uint32Array.from({ length: count + 1 }, (_, i) => i), rows: rows.subarray(0, count) },
        opacity: strong === 1 ? opacity : PALE * opacity,
      },
    ];
  });
}

/** One line of text for each fit, in the corner where the fewest points are. */
export function fitTexts(
  fits: readonly DrawnFit[],
  { x, y, width, height }: Panel,
  marks: readonly Mark[],
): SceneText[] {
  const texts = fits.flatMap(({ fit, title }) =>
    fit === null ? [] : [`${title === '' ? '' : `${title}: `}r² ${shareText(fit.rSquared)}, ${pText(fit.p)}`],
  );
  const [room, lines] = [Math.max(0, ...texts.map((text) => widthOfText(text, TICK_SIZE))), texts.length * LINE_PX];
  const corners = [
    { left: true, top: true },
    { left: false, top: false },
    { left: false, top: true },
    { left: true, top: false },
  ].map((corner) => {
    const box = {
      x: corner.left ? x + 8 : x + width - 8 - room,
      y: corner.top ? y + 3 : y + height - 5 - lines,
      width: room,
      height: lines,
    };
    return { ...corner, box, points: pointsWithin(marks, box) };
  });
  const { box, left } = corners.reduce((best, corner) => (corner.points < best.points ? corner : best));
  return texts.map((text, line) => ({
    x: left ? box.x : box.x + room,
    y: box.y + line * LINE_PX + TICK_SIZE,
    text,
    anchor: left ? 'start' : 'end',
    size: TICK_SIZE,
    ink: 'text',
  }));
}

function pointsWithin(marks: readonly Mark[], box: LabelBox): number {
  let count = 0;
  for (const mark of marks) {
    if (mark.kind !== 'points') continue;
    for (let i = 0; i < mark.x.length; i++)
      if (
        mark.x[i]! >= box.x - 4 &&
        mark.x[i]! <= box.x + box.width + 4 &&
        mark.y[i]! >= box.y - 4 &&
        mark.y[i]! <= box.y + box.height + 4
      )
        count++;
  }
  return count;
}
