// Means over a run of a few of the host's indicators, kept while the samples pass by.

import type { Indicator } from '#core/indicator';
import type { SeriesBatch } from '#core/recording';

export class HostMeans {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  readonly #names: readonly string[];
  #fromUs = Infinity;

  constructor(indicators: readonly Indicator[]) {
    this.#names = indicators.map(({ name }) => name);
    this.#sums = new Float64Array(indicators.length);
    this.#counts = new Float64Array(indicators.length);
  }

  /** Only samples after this moment count, microseconds, monotonic. */
  countFrom(timeUs: number): void {
    this.#fromUs = timeUs;
  }

  add(batch: SeriesBatch): void {
    for (let i = 0; i < batch.indicator.length; i++) {
      const value = batch.value[i]!;
      if (Number.isNaN(value) || batch.timeUs[i]! <= this.#fromUs) continue;
      this.#sums[batch.indicator[i]!]! += value;
      this.#counts[batch.indicator[i]!]!++;
    }
  }

  /** Mean of an indicator, else of its instances (`cpu.frequency[0]`, `[1]` …); NaN where nothing was sampled. */
  mean(name: string): number {
    const positions = this.#positions(name);
    const sum = positions.reduce((total, i) => total + this.#sums[i]!, 0);
    const count = positions.reduce((total, i) => total + this.#counts[i]!, 0);
    return count === 0 ? NaN : sum / count;
  }

  /** The same with the means of the instances added up, as watts are; NaN where nothing was sampled. */
  total(name: string): number {
    const means = this.#positions(name)
      .filter((i) => this.#counts[i]! > 0)
      .map((i) => this.#sums[i]! / this.#counts[i]!);
    return means.length === 0 ? NaN : means.reduce((sum, mean) => sum + mean, 0);
  }

  #positions(name: string): number[] {
    const whole = this.#names.indexOf(name);
    if (whole >= 0) return [whole];
    return this.#names.flatMap((candidate, i) => (candidate.startsWith(`${name}[`) ? [i] : []));
  }
}
