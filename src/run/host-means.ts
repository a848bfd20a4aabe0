// Means over a run of a few of the host's indicators, kept while the samples pass by.

import type { Indicator } from '#core/indicator';
import type { SeriesBatch } from '#core/recording';

export class HostMeans {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  readonly #names: readonly string[];

  constructor(indicators: readonly Indicator[]) {
    this.#names = indicators.map(({ name }) => name);
    this.#sums = new Float64Array(indicators.length);
    this.#counts = new Float64Array(indicators.length);
  }

  add(batch: SeriesBatch): void {
    for (let i = 0; i < batch.indicator.length; i++) {
      const value = batch.value[i]!;
      if (Number.isNaN(value)) continue;
      this.#sums[batch.indicator[i]!]! += value;
      this.#counts[batch.indicator[i]!]!++;
    }
  }

  /** Mean of one indicator, or of all its instances (`cpu.frequency[0]`, `[1]` …); NaN where nothing was sampled. */
  mean(name: string): number {
    let sum = 0;
    let count = 0;
    for (const [i, candidate] of this.#names.entries()) {
      if (candidate !== name && !candidate.startsWith(`${name}[`)) continue;
      sum += this.#sums[i]!;
      count += this.#counts[i]!;
    }
    return count === 0 ? NaN : sum / count;
  }
}
