// Indicators as means of seconds or minutes: what averages show of a run, beside what they hide.

import type { SeriesColumn } from '#server/wire';

/** As recorded, and means over so many seconds. */
export const TIME_STEPS = ['recorded', 'second', 'minute'] as const;
export type TimeStep = (typeof TIME_STEPS)[number];

const SECONDS: Readonly<Record<TimeStep, number>> = { recorded: 0, second: 1, minute: 60 };

/** Means over whole seconds or minutes of the run, each at the middle of its stretch. */
export function bySteps(series: readonly SeriesColumn[], step: TimeStep): readonly SeriesColumn[] {
  const seconds = SECONDS[step];
  return seconds === 0 ? series : series.map((one) => means(one, seconds));
}

function means(series: SeriesColumn, seconds: number): SeriesColumn {
  const timeS: number[] = [];
  const value: (number | null)[] = [];
  for (let row = 0; row < series.timeS.length;) {
    const stretch = Math.floor(series.timeS[row]! / seconds);
    let [sum, count] = [0, 0];
    for (; row < series.timeS.length && Math.floor(series.timeS[row]! / seconds) === stretch; row++) {
      const one = series.value[row]!;
      if (one === null) continue;
      sum += one;
      count++;
    }
    timeS.push((stretch + 0.5) * seconds);
    value.push(count === 0 ? null : sum / count);
  }
  return { ...series, timeS, value, total: timeS.length };
}
