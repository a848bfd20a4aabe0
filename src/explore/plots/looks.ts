// How series are told apart: colour, shape and dash together.

import { SERIES_COLORS } from '../scene/palette.ts';
import type { Ink, LegendEntry, Look } from '../scene/scene.ts';
import { SHAPES } from '../scene/shapes.ts';
import { rankKeys, type Groups } from './grouping.ts';
import type { Split } from './splits.ts';

const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [9, 3, 2, 3]];

/** Looks in their order; with each round of colours the shapes move on by one, so that no two near ones share both. */
export function seriesLook(position: number): Look {
  const round = Math.floor(position / SERIES_COLORS);
  return {
    ink: `series-${position % SERIES_COLORS}`,
    shape: SHAPES[(position + round) % SHAPES.length]!,
    dash: DASHES[round % DASHES.length]!,
  };
}

export const plainLook = (ink: Ink): Look => ({ ink, shape: 'circle', dash: [] });

export interface Series {
  readonly count: number;
  /** Of each group its series. */
  readonly ids: Uint32Array;
  /** Of each series its look. */
  readonly looks: readonly Look[];
  readonly titles: readonly string[];
  readonly legendTitle: string;
  /** Empty where there is one series only. */
  readonly legend: readonly LegendEntry[];
}

/**
 * Each combination of colour, shape and legend that occurs is a series.
 * @param splits colour, shape, then those of the legend: the last splits of the groups
 */
export function seriesOfGroups(groups: Groups, splits: readonly Split[]): Series {
  const from = groups.digits.length - splits.length;
  const keys = rankKeys(
    groups.digits.slice(from),
    splits.map(({ titles }) => titles.length),
    groups.count,
  );
  const used = splits.flatMap((split, k) => (split.property === null ? [] : [{ split, digits: keys.digits[k]! }]));
  const isAlone = used.length === 1;
  const [color, shape] = splits;
  const looks = Array.from({ length: keys.count }, (_, series): Look => {
    if (isAlone) return seriesLook(keys.digits[splits.indexOf(used[0]!.split)]![series]!);
    const colorAt = keys.digits[0]?.[series] ?? 0;
    const shapeAt = keys.digits[1]?.[series] ?? 0;
    // What stands in the legend only differs in its dash; without a shape of its own, in the shape as well.
    const rest = keys.digits.slice(2).reduce((at, digits, k) => at * splits[k + 2]!.titles.length + digits[series]!, 0);
    const isShaped = shape !== undefined && shape.property !== null;
    const isColored = color !== undefined && color.property !== null;
    return {
      ink: `series-${(isColored ? colorAt : isShaped ? shapeAt : rest) % SERIES_COLORS}`,
      shape: SHAPES[(isShaped ? shapeAt : colorAt + rest) % SHAPES.length]!,
      dash: DASHES[(isShaped ? shapeAt + rest : rest) % DASHES.length]!,
    };
  });
  const titles = Array.from({ length: keys.count }, (_, series) =>
    used.map(({ split, digits }) => split.titles[digits[series]!]!).join(', '),
  );
  return {
    count: keys.count,
    ids: keys.ids,
    looks,
    titles,
    legendTitle: used.map(({ split }) => split.title).join(', '),
    legend:
      used.length === 0
        ? []
        : looks.map((look, series) => ({
            title: titles[series]!,
            look,
            property: isAlone ? used[0]!.split.property : null,
            value: isAlone ? used[0]!.split.values[used[0]!.digits[series]!]! : null,
          })),
  };
}
