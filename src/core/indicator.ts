// An indicator: something measured over time by an agent.

import type { Unit } from './metric.ts';

export interface Indicator {
  /** `cpu.busy`, `cpu.busy[0]` (of core 0), `encoder.memory`. */
  readonly name: string;
  readonly unit: Unit;
  readonly description: string;
}
