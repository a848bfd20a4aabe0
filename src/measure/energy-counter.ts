// A counter of energy in /sys: microjoules that grow, and begin anew at some point. Its growth in a second is a power.

import type { ByteCursor } from './byte-cursor.ts';
import type { HeldFile } from './held-file.ts';
import { Interval } from './probe.ts';

const MICROJOULES_PER_JOULE = 1e6;

export class EnergyCounter {
  readonly file: HeldFile;
  readonly #rangeUj: number;
  readonly #interval = new Interval();
  #beforeUj = NaN;

  /** @param rangeUj the value after which it begins anew; NaN where that is not known */
  constructor(file: HeldFile, rangeUj: number) {
    this.file = file;
    this.#rangeUj = rangeUj;
  }

  /** Watts since the call before; NaN at the first, and where the counter began anew at a place that is not known. */
  watts(cursor: ByteCursor, nowUs: number): number {
    const seconds = this.#interval.step(nowUs);
    const nowUj = this.file.read(cursor) ? cursor.number() : NaN;
    const grownUj = nowUj - this.#beforeUj;
    this.#beforeUj = nowUj;
    const spentUj = grownUj < 0 ? grownUj + this.#rangeUj : grownUj;
    return spentUj >= 0 && seconds > 0 ? spentUj / MICROJOULES_PER_JOULE / seconds : NaN;
  }

  close(): void {
    this.file.close();
  }
}
