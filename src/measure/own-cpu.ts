// CPU of this very process: what measuring itself costs.

import type { Indicator } from '#core/indicator';
import { Interval, rate, type Probe, type ProbePlace } from './probe.ts';
import type { SeriesBuffer } from './series-buffer.ts';

export class OwnCpuProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #clock: ProbePlace['clock'];
  readonly #interval = new Interval();
  #usedS = NaN;

  /** @param prefix of the name: `agent` */
  constructor({ clock }: Pick<ProbePlace, 'clock'>, prefix: string) {
    this.#clock = clock;
    this.indicators = [
      { name: `${prefix}.cpu`, unit: 'core', description: 'cores that the process used which measures' },
    ];
  }

  sample(buffer: SeriesBuffer, first: number): null {
    const seconds = this.#interval.step(this.#clock());
    const { user, system } = process.cpuUsage();
    const usedS = (user + system) / 1e6;
    buffer.put(first, rate(usedS, this.#usedS, seconds));
    this.#usedS = usedS;
    return null;
  }

  close(): void {}
}
