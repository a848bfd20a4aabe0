// The phases of an encode, one after the other, with the CPU time of the whole process.

import type { PHASES, PhaseRow } from '#core/recording';
import { monotonicUs } from '#system/clock';

export type PhaseName = (typeof PHASES)[number];

export class PhaseClock {
  readonly #onPhase: (row: PhaseRow) => void;
  #phase: PhaseName | null = null;
  #startUs = 0;
  #cpu = process.cpuUsage();

  constructor(onPhase: (row: PhaseRow) => void) {
    this.#onPhase = onPhase;
  }

  /** Ends the phase at work and begins the next; null ends the last one. */
  enter(phase: PhaseName | null): void {
    const nowUs = monotonicUs();
    const { user, system } = process.cpuUsage(this.#cpu);
    if (this.#phase !== null)
      this.#onPhase({ phase: this.#phase, startUs: this.#startUs, endUs: nowUs, cpuS: (user + system) / 1e6 });
    this.#phase = phase;
    this.#startUs = nowUs;
    this.#cpu = process.cpuUsage();
  }
}
