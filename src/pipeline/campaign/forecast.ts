// When a campaign will have ended: from what its finished titles took for a minute of their sources, with an interval that
// is as wide as what is not known.

/** A finished title. */
export interface FinishedTitle {
  /** Seconds of its source. */
  readonly sourceS: number;
  /** From when to when something of it was at work, UTC, ms; they may overlap. */
  readonly spans: readonly (readonly [beganMs: number, endedMs: number])[];
}

export interface Interval {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

export interface CampaignForecast {
  /** Finished titles that it rests on. */
  readonly titles: number;
  /** Seconds of work a minute of source, by all workers together. */
  readonly secondsAMinute: number;
  /** Seconds until the end where it is worked on without a break; 80 % of such forecasts hold. */
  readonly workS: Interval;
  /** Share of the time, from the first of these titles to the last, in which something was at work. */
  readonly shareAtWork: number;
  /** Seconds until the end where it is worked on as much as so far. */
  readonly calendarS: Interval;
}

/** 80 % of a normal distribution lie within this many deviations. */
const Z = 1.2816;
/**
 * What is believed of the spread between titles before any was seen, as a standard deviation of logarithms, and how many
 * titles' worth that belief is. Contents differ in cost by a factor of two easily.
 */
const BELIEVED = { deviation: 0.7, titles: 3 };

/**
 * @param finished the newest ones
 * @param left seconds of source that are left of each title to come
 * @returns null while nothing has finished, or what has finished took no time that could be told
 */
export function forecastCampaign(finished: readonly FinishedTitle[], left: readonly number[]): CampaignForecast | null {
  const usable = finished.filter(({ sourceS, spans }) => sourceS > 0 && busySeconds(spans) > 0);
  const sourceS = sum(usable.map((title) => title.sourceS));
  const spans = usable.flatMap((title) => title.spans);
  if (usable.length === 0) return null;
  const busyS = busySeconds(spans);
  const began = spans.reduce((first, [time]) => Math.min(first, time), Infinity);
  const ended = spans.reduce((last, [, time]) => Math.max(last, time), -Infinity);
  // A ratio of sums, not a middle of ratios: few dear titles are much of the whole.
  const middle = (busyS / sourceS) * sum(left);
  const variance = logVariance(usable);
  const doubt = Math.sqrt(
    ofSum(variance, evenCount(usable.map((title) => title.sourceS))) + ofSum(variance, evenCount(left)),
  );
  const workS = { low: middle * Math.exp(-Z * doubt), middle, high: middle * Math.exp(Z * doubt) };
  const shareAtWork = Math.min(1, busyS / ((ended - began) / 1000));
  const { low, high } = workS;
  return {
    titles: usable.length,
    secondsAMinute: (busyS / sourceS) * 60,
    workS,
    shareAtWork,
    calendarS: { low: low / shareAtWork, middle: middle / shareAtWork, high: high / shareAtWork },
  };
}

/** Variance of the logarithms of titles' costs: of what was seen, and of what was believed before. */
function logVariance(finished: readonly FinishedTitle[]): number {
  const logs = finished.map(({ sourceS, spans }) => Math.log(workSeconds(spans) / sourceS));
  const centre = sum(logs) / logs.length;
  const squares = sum(logs.map((log) => (log - centre) ** 2)) + BELIEVED.titles * BELIEVED.deviation ** 2;
  return squares / (BELIEVED.titles + logs.length - 1);
}

/** Variance of the logarithm of a sum of so many log-normal costs (Fenton, 1960). */
function ofSum(variance: number, count: number): number {
  return Math.log1p(Math.expm1(variance) / count);
}

/** How many titles of one length would be as sure as these: one long film among shorts counts nearly alone. */
function evenCount(lengths: readonly number[]): number {
  const squares = sum(lengths.map((length) => length ** 2));
  return squares === 0 ? Infinity : sum(lengths) ** 2 / squares;
}

/** Seconds in which anything was at work. */
function busySeconds(spans: FinishedTitle['spans']): number {
  let until = -Infinity;
  let busyMs = 0;
  for (const [began, ended] of spans.toSorted((a, b) => a[0] - b[0])) {
    if (ended <= until) continue;
    busyMs += ended - Math.max(began, until);
    until = ended;
  }
  return busyMs / 1000;
}

/** Seconds of all of them together. */
function workSeconds(spans: FinishedTitle['spans']): number {
  return sum(spans.map(([began, ended]) => Math.max(0, ended - began))) / 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
