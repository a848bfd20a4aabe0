// The machine that a worker packs items onto.

import { availableParallelism, cpus } from 'node:os';
import type { Machine } from '#farm/packed-admission';

/** Share of the memory that is free at the start: the rest is for what else goes on. */
const MEMORY_SHARE = 0.9;

export interface MachineLimits {
  readonly cpus?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
}

/** @param limits what a user allows; what is left out is all that there is */
export function ownMachine({ cpus: cores, memory }: MachineLimits): Machine {
  return {
    cores: cores ?? availableParallelism(),
    memoryBytes: memory ?? process.availableMemory() * MEMORY_SHARE,
  };
}

/** Idle time is counted over at least so long. */
const OVER_MS = 1_000;

/** Cores of this machine that nobody keeps busy, lately. */
export class IdleCores {
  #before = ticks();
  #beforeMs = performance.now();
  #idle: number | null = null;

  /** Null in the first second. */
  read(): number | null {
    const nowMs = performance.now();
    if (nowMs - this.#beforeMs < OVER_MS) return this.#idle;
    const now = ticks();
    const all = now.all - this.#before.all;
    if (all > 0) this.#idle = (cpus().length * (now.idle - this.#before.idle)) / all;
    [this.#before, this.#beforeMs] = [now, nowMs];
    return this.#idle;
  }
}

function ticks(): { readonly idle: number; readonly all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return { idle, all };
}
