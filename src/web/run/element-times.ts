// Times of a pipeline's elements for a chart: each has one for each buffer, too many and too ragged to be read as a line.

import { median } from '#analysis/quantile';
import type { SeriesColumn } from '#server/wire';
import type { TimeRange } from '../chart/chart-group.ts';

/** Stretches that the view is divided into: each some pixels wide, so that a dozen lines can be followed. */
const STRETCHES = 120;

/** Elements whose medians are so many times apart have a logarithmic scale. */
const DECADES = 20;

export interface ElementTimes {
  /** Middles of the stretches, seconds. */
  readonly timeS: readonly number[];
  readonly stretchS: number;
  /** The slowest element first. */
  readonly elements: readonly {
    readonly name: string;
    readonly agent: string;
    readonly values: readonly (number | null)[];
  }[];
  /** Largest of the elements' medians, seconds. */
  readonly usual: number;
  readonly spansDecades: boolean;
}

/**
 * Medians of each element over equal stretches of what is in view.
 * @param members times of elements, seconds
 */
export function elementTimes(members: readonly SeriesColumn[], { from, to }: TimeRange): ElementTimes {
  const stretchS = (to - from) / STRETCHES;
  const elements = members
    .map(({ name, agent, timeS, value }) => {
      const stretches = Array.from({ length: STRETCHES }, (): number[] => []);
      for (const [row, time] of timeS.entries()) {
        const one = value[row]!;
        if (one !== null && time >= from && time <= to)
          stretches[Math.min(STRETCHES - 1, Math.floor((time - from) / stretchS))]!.push(one);
      }
      // uPlot draws a line through what is undefined: no buffer came by is not a gap in what was measured.
      const values = stretches.map((times) => (times.length === 0 ? undefined : median(times))) as (number | null)[];
      return { name, agent, values, overall: median(value.filter((one) => one !== null)) };
    })
    .filter(({ overall }) => !Number.isNaN(overall))
    .toSorted((a, b) => b.overall - a.overall);
  const usual = elements[0]?.overall ?? 0;
  return {
    timeS: Array.from({ length: STRETCHES }, (_, at) => from + (at + 0.5) * stretchS),
    stretchS,
    elements,
    usual,
    spansDecades: usual > DECADES * (elements.at(-1)?.overall ?? 0),
  };
}
