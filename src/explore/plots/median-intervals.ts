// The median of each group and how sure it is: the bootstrap's interval without drawing a single sample.

import type { Groups } from './grouping.ts';

export interface Medians {
  readonly median: Float64Array;
  /** 95 % interval; NaN for a single value. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export function groupMedians(groups: Groups): Medians {
  const median = new Float64Array(groups.count);
  const low = new Float64Array(groups.count);
  const high = new Float64Array(groups.count);
  const interval: Interval = { low: NaN, high: NaN };
  for (let group = 0; group < groups.count; group++) {
    const [start, end] = [groups.first[group]!, groups.first[group + 1]!];
    median[group] = medianOfSorted(groups.values, start, end);
    intervalOfMedian(groups.values, start, end, interval);
    low[group] = interval.low;
    high[group] = interval.high;
  }
  return { median, low, high };
}

/** Median of `values[start] … values[end - 1]`, ascending. */
export function medianOfSorted(values: Float64Array, start: number, end: number): number {
  const middle = (start + end - 1) >> 1;
  return (end - start) % 2 === 1 ? values[middle]! : (values[middle]! + values[middle + 1]!) / 2;
}

export interface Interval {
  low: number;
  high: number;
}

/** What plots say of their intervals. */
export function intervalNotes(...all: readonly Pick<Medians, 'low'>[]): string[] {
  return all.some(({ low }) => !low.every(Number.isNaN))
    ? [INTERVAL_NOTE]
    : ['each stands for one run: there is no interval'];
}

const INTERVAL_NOTE =
  'whiskers and bands are 95 % bootstrap intervals of the median (of more than 20 runs by order statistics)';

/**
 * 95 % interval of the median of an ascending range. Of up to MOST_EXACT values it is the percentile bootstrap (Efron 1979) with all
 * resamples that there can be instead of some: which ranks its median has, and how often, follows from the binomial distribution
 * (Maritz and Jarrett 1978). Of more values it is that of order statistics by the normal approximation, which hardly differs then.
 */
export function intervalOfMedian(values: Float64Array, start: number, end: number, into: Interval): void {
  const count = end - start;
  if (count < 2 || values[start] === values[end - 1]) {
    into.low = into.high = count < 2 ? NaN : values[start]!;
  } else if (count > MOST_EXACT) {
    const rank = Math.max(1, Math.floor((count - Z_95 * Math.sqrt(count)) / 2));
    into.low = values[start + rank - 1]!;
    into.high = values[end - rank]!;
  } else if (count % 2 === 1) {
    const [low, high] = (oddRanks[count] ??= ranksOfMedian(count));
    into.low = values[start + low]!;
    into.high = values[start + high]!;
  } else bootstrapOfEven(values, start, (evenPairs[count] ??= pairsOfMedian(count)), into);
}

const MOST_EXACT = 20;
const Z_95 = 1.959964;
const TAIL = 0.025;

const oddRanks: (readonly [low: number, high: number])[] = [];

/** Ranks (from 0) between which 95 % of the medians of resamples of an odd number lie. */
function ranksOfMedian(count: number): readonly [low: number, high: number] {
  const atMost = (rank: number) => binomialTail(count, (count + 1) / 2, (rank + 1) / count);
  const first = (share: number) => {
    let rank = 0;
    while (rank < count - 1 && atMost(rank) < share) rank++;
    return rank;
  };
  return [first(TAIL), first(1 - TAIL)];
}

/** Pairs of ranks whose mean is the median of a resample, and how likely each is. */
interface Pairs {
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly chance: Float64Array;
  readonly means: Float64Array;
  readonly order: Uint16Array;
}

const evenPairs: Pairs[] = [];

function pairsOfMedian(count: number): Pairs {
  const half = count / 2;
  const [a, b, chance]: [number[], number[], number[]] = [[], [], []];
  const ways = choose(count, half);
  for (let i = 1; i <= count; i++) {
    // Rank i is the lower one of the two in the middle: at least half of the resample is at or below it, less than half below.
    let alone = binomialTail(count, half, i / count) - binomialTail(count, half, (i - 1) / count);
    const lower = (i / count) ** half - ((i - 1) / count) ** half;
    for (let j = i + 1; j <= count; j++) {
      const upper = ((count - j + 1) / count) ** half - ((count - j) / count) ** half;
      const both = ways * lower * upper;
      alone -= both;
      a.push(i - 1);
      b.push(j - 1);
      chance.push(both);
    }
    a.push(i - 1);
    b.push(i - 1);
    chance.push(Math.max(0, alone));
  }
  const means = new Float64Array(a.length);
  return {
    a: Uint8Array.from(a),
    b: Uint8Array.from(b),
    chance: Float64Array.from(chance),
    means,
    order: new Uint16Array(a.length),
  };
}

function bootstrapOfEven(values: Float64Array, start: number, pairs: Pairs, into: Interval): void {
  const { a, b, chance, means, order } = pairs;
  for (let i = 0; i < means.length; i++) {
    const mean = (values[start + a[i]!]! + values[start + b[i]!]!) / 2;
    // Nearly in order already: the pairs go by their lower rank.
    let j = i - 1;
    while (j >= 0 && means[j]! > mean) {
      means[j + 1] = means[j]!;
      order[j + 1] = order[j]!;
      j--;
    }
    means[j + 1] = mean;
    order[j + 1] = i;
  }
  let below = 0;
  let i = 0;
  for (; i < means.length - 1; i++) {
    below += chance[order[i]!]!;
    if (below >= TAIL) break;
  }
  into.low = means[i]!;
  for (; i < means.length - 1 && below < 1 - TAIL;) below += chance[order[++i]!]!;
  into.high = means[i]!;
}

/** Chance of at least `least` hits in `count` trials. */
function binomialTail(count: number, least: number, chance: number): number {
  let sum = 0;
  for (let hits = least; hits <= count; hits++)
    sum += choose(count, hits) * chance ** hits * (1 - chance) ** (count - hits);
  return sum;
}

function choose(count: number, picked: number): number {
  let ways = 1;
  for (let i = 1; i <= picked; i++) ways = (ways * (count - picked + i)) / i;
  return ways;
}

/** Smallest and largest that is drawn of medians and intervals. */
export function rangeOf({ median, low, high }: Medians): readonly [low: number, high: number] {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < median.length; i++) {
    // Comparisons with NaN are false: what has no interval counts by its median alone.
    if (median[i]! < least) least = median[i]!;
    if (low[i]! < least) least = low[i]!;
    if (median[i]! > most) most = median[i]!;
    if (high[i]! > most) most = high[i]!;
  }
  return [least, most];
}
