// How long a list of runs will take: from runs of the same cell, else of alike ones, with an honest interval.

import { quantileSorted, sortedSample } from './quantile.ts';

/** A run to come: `cell` tells cells apart, `group` names what makes runs cost alike (encoder and preset, say). */
export interface RunToCome {
  readonly cell: string;
  readonly group: string;
  /** How many of what was learned it is, where what was learned is the time of a unit (a frame, say); 1 where it is left out. */
  readonly times?: number | undefined;
}

export interface SecondsLeft {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** 80 % of a normal distribution lie within this many deviations. */
const Z = 1.2816;
/** Log standard deviation of a guess, by what it rests on: the same cell, the group, all. */
const DOUBT = { cell: 0.08, group: 0.25, all: 0.7 } as const;

/** Learns durations and forecasts. Durations are log-normal: a guess is off by a factor, not by seconds. */
export class TimeLeft {
  readonly #byCell = new Map<string, number[]>();
  readonly #byGroup = new Map<string, number[]>();
  readonly #all: number[] = [];

  /** @param seconds wall time of a finished run, with what surrounds it */
  learn(run: RunToCome, seconds: number): void {
    push(this.#byCell, run.cell, seconds);
    push(this.#byGroup, run.group, seconds);
    this.#all.push(seconds);
  }

  /** True where a run of this group, or one of its cells, was learned. */
  knows(group: string): boolean {
    return this.#byGroup.has(group);
  }

  /** Seconds for all of `runs`, an 80 % interval; null while nothing was learned. */
  forecast(runs: Iterable<RunToCome>): SecondsLeft | null {
    let middle = 0;
    // Errors of runs that rest on the same evidence are one error; those of different evidence are independent.
    const byEvidence = new Map<string, { seconds: number; doubt: number }>();
    let count = 0;
    for (const run of runs) {
      const guess = this.#guess(run);
      if (guess === null) return null;
      count++;
      const seconds = guess.seconds * (run.times ?? 1);
      middle += seconds;
      const known = byEvidence.get(guess.evidence);
      byEvidence.set(guess.evidence, { seconds: (known?.seconds ?? 0) + seconds, doubt: guess.doubt });
    }
    if (count === 0 || middle === 0) return { low: 0, middle: 0, high: 0 };
    let variance = 0;
    for (const { seconds, doubt } of byEvidence.values()) variance += (seconds * doubt) ** 2;
    const relative = Math.sqrt(variance) / middle;
    return { low: middle * Math.exp(-Z * relative), middle, high: middle * Math.exp(Z * relative) };
  }

  #guess({ cell, group }: RunToCome): { seconds: number; doubt: number; evidence: string } | null {
    const evidence: [string, number[] | undefined, number][] = [
      [`cell ${cell}`, this.#byCell.get(cell), DOUBT.cell],
      [`group ${group}`, this.#byGroup.get(group), DOUBT.group],
      ['all', this.#all, DOUBT.all],
    ];
    for (const [name, seconds, doubt] of evidence) {
      if (seconds === undefined || seconds.length === 0) continue;
      return {
        seconds: middleOf(seconds),
        doubt: Math.max(doubt / Math.sqrt(seconds.length), logSpread(seconds)),
        evidence: name,
      };
    }
    return null;
  }
}

function middleOf(seconds: readonly number[]): number {
  return Math.exp(quantileSorted(sortedSample(seconds.map(Math.log)), 0.5));
}

/** Standard error of the middle of what was seen, on the log scale. */
function logSpread(seconds: readonly number[]): number {
  if (seconds.length < 3) return 0;
  const logs = seconds.map(Math.log);
  const centre = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (logs.length - 1);
  return Math.sqrt(variance / logs.length);
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
