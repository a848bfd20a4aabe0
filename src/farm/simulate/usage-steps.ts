// Quantities over time, as their means in equal steps. How long a simulation takes is not known before it: steps that no
// longer suffice are joined in pairs, and each is twice as long from then on.

/** Steps that are kept; at the end there are between half of them and all. */
const MAX_STEPS = 128;
const FIRST_STEP_S = 1 / 1024;

/** @typeParam Name of the quantities */
export class UsageSteps<Name extends string> {
  readonly #names: readonly Name[];
  /** Sum of value × seconds, quantity by quantity in each step. */
  readonly #sums: Float64Array;
  #stepS = FIRST_STEP_S;
  #nowS = 0;

  constructor(names: readonly Name[]) {
    this.#names = names;
    this.#sums = new Float64Array(MAX_STEPS * names.length);
  }

  /** The values (in the order of the names) held from the last time to this one. */
  advance(toS: number, values: Float64Array): void {
    if (!(toS > this.#nowS)) return;
    while (toS > this.#stepS * MAX_STEPS) this.#double();
    let fromS = this.#nowS;
    let step = Math.min(Math.floor(fromS / this.#stepS), MAX_STEPS - 1);
    while (fromS < toS) {
      const untilS = step === MAX_STEPS - 1 ? toS : Math.min(toS, (step + 1) * this.#stepS);
      const base = step * this.#names.length;
      for (let i = 0; i < values.length; i++) this.#sums[base + i]! += values[i]! * Math.max(0, untilS - fromS);
      fromS = untilS;
      step++;
    }
    this.#nowS = toS;
  }

  /** Mean over all time; 0 where no time went by. */
  mean(name: Name): number {
    const quantity = this.#names.indexOf(name);
    let sum = 0;
    for (let i = quantity; i < this.#sums.length; i += this.#names.length) sum += this.#sums[i]!;
    return this.#nowS === 0 ? 0 : sum / this.#nowS;
  }

  /** Means of each step; the last step ends with the time. */
  series(): { readonly stepS: number; readonly values: Readonly<Record<Name, readonly number[]>> } {
    const count = Math.min(MAX_STEPS, Math.ceil(this.#nowS / this.#stepS));
    const lengthS = (step: number) => Math.min(this.#stepS, this.#nowS - step * this.#stepS);
    const values = this.#names.map((name, quantity) => [
      name,
      Array.from({ length: count }, (_, step) => this.#sums[step * this.#names.length + quantity]! / lengthS(step)),
    ]);
    return { stepS: this.#stepS, values: Object.fromEntries(values) as Record<Name, number[]> };
  }

  #double(): void {
    const width = this.#names.length;
    for (let step = 0; step < MAX_STEPS; step++)
      for (let i = 0; i < width; i++) {
        const left = this.#sums[2 * step * width + i] ?? 0;
        const right = this.#sums[(2 * step + 1) * width + i] ?? 0;
        this.#sums[step * width + i] = 2 * step < MAX_STEPS ? left + right : 0;
      }
    this.#stepS *= 2;
  }
}
