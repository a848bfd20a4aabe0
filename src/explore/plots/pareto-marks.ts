// What a Pareto front is drawn with: cells as points, the staircase, names beside the points of the front, rings where it is not sure.

import type { Directions } from '#analysis/pareto';
import type { Property } from '../data/dataset.ts';
import { pixelScale } from '../scene/axis-scale.ts';
import type { Mark, Panel, SceneText } from '../scene/scene.ts';
import { isBrushed, PALE } from './arranged.ts';
import { settingsText } from './cell-names.ts';
import { TICK_SIZE } from './facet-layout.ts';
import { isUnsure, type Front, type ParetoCells } from './pareto-cells.ts';
import { placeLabels, type LabelBox, type Side } from './place-labels.ts';
import type { PlotInput } from './plot.ts';

/** Positions of looks in the scene. */
export const FRONT_LOOK = 1;
export const UNSURE_LOOK = 2;
/** Fronts of more points get numbers alone. */
const MOST_NAMED = 24;
/** Of more points than this a label can't keep clear. */
const MOST_AVOIDED = 3_000;
/** Half of what a dominated point takes. */
const FAINT_PX = 4;

/** Settings that name a cell. */
export interface CellNames {
  /** Beside its point: those in which the front differs. */
  readonly named: readonly Property[];
  /** Those that no look and no facet tells already. */
  readonly untold: readonly Property[];
}

export interface FrontDrawing {
  readonly marks: readonly Mark[];
  /** Names that have no room beside their points: there a part of it stands, or the number alone. */
  readonly nameless: readonly string[];
}

export function frontMarks(
  panelAt: number,
  panel: Panel,
  { cells, from }: Front,
  better: Directions,
  { brushed, names }: PlotInput,
  { named, untold }: CellNames,
  lookOf: (row: number) => number,
): FrontDrawing {
  const xScale = pixelScale(panel.xAxis, panel.x, panel.x + panel.width);
  const yScale = pixelScale(panel.yAxis, panel.y + panel.height, panel.y);
  const { behind, onFront, shares, front } = cells;
  const isPale = (cell: number) => !isBrushed(brushed, behind, cell);
  const count = onFront.length;
  const all = Uint32Array.from({ length: count }, (_, cell) => cell);
  const aboutCell = (cell: number): string[] => {
    const place = front.indexOf(cell);
    return [
      settingsText(untold, names, behind.rows[behind.first[cell]!]!),
      `${place < 0 ? 'dominated' : `${from + place + 1} on the front`}${isUnsure(shares[cell]!) ? ', not surely' : ''}`,
    ];
  };
  const points = (chosen: Uint32Array, radius: number, opacity: number): Mark[] =>
    chosen.length === 0
      ? []
      : [
          {
            kind: 'points',
            panel: panelAt,
            x: Float32Array.from(chosen, (cell) => xScale(cells.x[cell]!)),
            y: Float32Array.from(chosen, (cell) => yScale(cells.y[cell]!)),
            looks: Uint16Array.from(chosen, (cell) => lookOf(behind.rows[behind.first[cell]!]!)),
            radius,
            opacity,
            behind: chosen.length === count ? behind : behindCells(cells, chosen),
            about: (item) => aboutCell(chosen[item]!),
          },
        ];
  const dominated = all.filter((cell) => onFront[cell] === 0);
  const faint = count > 2000 ? 0.3 : 0.5;
  const unsure = all.filter((cell) => isUnsure(shares[cell]!));
  const at = {
    x: Float32Array.from(front, (cell) => xScale(cells.x[cell]!)),
    y: Float32Array.from(front, (cell) => yScale(cells.y[cell]!)),
  };
  // The whole name, else what its look does not tell, else its number: what would be cut off may be the setting that differs.
  const texts = [...front].map((cell, i): string[] => {
    const number = String(from + i + 1);
    if (front.length > MOST_NAMED) return [number];
    const row = behind.rows[behind.first[cell]!]!;
    const short = named.filter((property) => untold.includes(property));
    return [named, short, []].map((some) => [number, settingsText(some, names, row)].filter((part) => part).join(': '));
  });
  const faintPoints =
    dominated.length > MOST_AVOIDED
      ? []
      : Array.from(dominated, (cell): LabelBox => ({
          x: xScale(cells.x[cell]!) - FAINT_PX,
          y: yScale(cells.y[cell]!) - FAINT_PX,
          width: 2 * FAINT_PX,
          height: 2 * FAINT_PX,
        }));
  const within = { x: panel.x + 2, y: panel.y + 2, width: panel.width - 4, height: panel.height - 4 };
  const labels = placeLabels(at, texts, within, TICK_SIZE, stairBoxes(at, better), outside(better), faintPoints);
  const marks: Mark[] = [
    ...(unsure.length === 0
      ? []
      : [
          {
            kind: 'points',
            panel: panelAt,
            behind: null,
            x: Float32Array.from(unsure, (cell) => xScale(cells.x[cell]!)),
            y: Float32Array.from(unsure, (cell) => yScale(cells.y[cell]!)),
            looks: new Uint16Array(unsure.length).fill(UNSURE_LOOK),
            radius: 8,
          } satisfies Mark,
        ]),
    ...points(dominated.filter(isPale), count > 2000 ? 2 : 3, PALE * faint),
    ...points(
      dominated.filter((cell) => !isPale(cell)),
      count > 2000 ? 2 : 3,
      faint,
    ),
    staircase(panelAt, at, better),
    ...points(front.filter(isPale), 4.6, PALE),
    ...points(
      front.filter((cell) => !isPale(cell)),
      4.6,
      1,
    ),
    {
      kind: 'texts',
      panel: panelAt,
      texts: labels.map(({ text, x, y, anchor }): SceneText => ({ x, y, text, anchor, size: TICK_SIZE, ink: 'text' })),
    },
  ];
  const written = new Set(labels.map(({ text }) => text));
  const nameless = texts.flatMap(([whole, ...shorter]) =>
    shorter.length === 0 || written.has(whole!) ? [] : [whole!],
  );
  return { marks, nameless };
}

/** From point to point along x and y: what is behind it is dominated. */
function staircase(panel: number, { x, y }: { x: Float32Array; y: Float32Array }, better: Directions): Mark {
  const count = Math.max(0, 2 * x.length - 1);
  const [atX, atY] = [new Float32Array(count), new Float32Array(count)];
  for (let i = 0; i < x.length; i++) {
    atX[2 * i] = x[i]!;
    atY[2 * i] = y[i]!;
    if (i + 1 === x.length) break;
    atX[2 * i + 1] = better.x === 'lower' ? x[i + 1]! : x[i]!;
    atY[2 * i + 1] = better.x === 'lower' ? y[i]! : y[i + 1]!;
  }
  return {
    kind: 'lines',
    panel,
    behind: null,
    x: atX,
    y: atY,
    first: Uint32Array.of(0, count),
    looks: Uint16Array.of(FRONT_LOOK),
    width: 1.5,
  };
}

/** Where nothing is: on the side of the front that no cell reaches. */
function outside({ x, y }: Directions): Side {
  return { right: x === 'higher', up: y === 'higher' };
}

/** Thin boxes along the staircase: a label on a line is hard to read. */
function stairBoxes({ x, y }: { x: Float32Array; y: Float32Array }, better: Directions): LabelBox[] {
  const boxes: LabelBox[] = [];
  for (let i = 0; i + 1 < x.length; i++) {
    const [cornerX, cornerY] = better.x === 'lower' ? [x[i + 1]!, y[i]!] : [x[i]!, y[i + 1]!];
    const [top, left] = [Math.min(y[i]!, y[i + 1]!), Math.min(x[i]!, x[i + 1]!)];
    boxes.push({ x: left, y: cornerY - 1, width: Math.abs(x[i + 1]! - x[i]!), height: 2 });
    boxes.push({ x: cornerX - 1, y: top, width: 2, height: Math.abs(y[i + 1]! - y[i]!) });
  }
  return boxes;
}

function behindCells({ behind }: ParetoCells, chosen: Uint32Array) {
  const first = new Uint32Array(chosen.length + 1);
  for (const [i, cell] of chosen.entries()) first[i + 1] = first[i]! + behind.first[cell + 1]! - behind.first[cell]!;
  const rows = new Uint32Array(first[chosen.length]!);
  for (const [i, cell] of chosen.entries())
    rows.set(behind.rows.subarray(behind.first[cell], behind.first[cell + 1]), first[i]);
  return { first, rows };
}
