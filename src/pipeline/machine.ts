// The machine that a worker packs items onto.

import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Machine } from '#farm/packed-admission';
import { FreeMemory } from '#measure/free-memory';

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
    memoryBytes: memory ?? new FreeMemory().read() * MEMORY_SHARE,
  };
}

/** Share of all memory that one item may take where nobody set a limit: with more the system would kill it, and others with it. */
const ITEM_SHARE = 0.95;

/** Bytes that an item may take even where it is alone: what the user allows, else nearly all that this machine or its container has. */
export function itemLimitBytes({ memory }: MachineLimits): number {
  const constrained = process.constrainedMemory();
  return memory ?? Math.min(totalmem(), constrained > 0 ? constrained : Infinity) * ITEM_SHARE;
}

/** Idle time is counted over at least so long, and not over longer: what was at work then is not what is at work now. */
const OVER_MS = 1_000;
const MAX_OVER_MS = 3_000;

/** Cores of this machine that nobody keeps busy, lately; to be read a few times a second. */
export class IdleCores {
  #before = ticks();
  #beforeMs = performance.now();
  #idle: number | null = null;

  /** Null in the first second, and where it was not read for some seconds. */
  read(): number | null {
    const nowMs = performance.now();
    const overMs = nowMs - this.#beforeMs;
    if (overMs < OVER_MS) return this.#idle;
    const now = ticks();
    const all = now.all - this.#before.all;
    this.#idle = all === 0 || overMs > MAX_OVER_MS ? null : (cpus().length * (now.idle - this.#before.idle)) / all;
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
