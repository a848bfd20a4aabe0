// A piece of advice: what to change, what it would gain, and what says so.

import type { Interval } from '#core/shape';

/** What is gained: the title turn-around, money (or core hours where nothing has a price), CPU seconds. */
export type GainOf = 'time' | 'cost' | 'cpu';

export interface Advice {
  readonly about: 'workers' | 'instance' | 'threads' | 'chunks';
  readonly what: string;
  readonly gain: {
    readonly of: GainOf;
    /** Shares that are saved: 0.2 is a fifth less. The bounds are the least and most of several seeds, or of 95 %. */
    readonly share: Interval;
  };
  /** Sentences with the numbers that it stands on. */
  readonly evidence: readonly string[];
}

/** Less than that is not worth a change; the lower bound of a gain has to reach it. */
export const LEAST_GAIN = 0.05;

/** `12.3 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
