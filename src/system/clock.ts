// The monotonic clock of this host (CLOCK_MONOTONIC), shared by all of its processes.

import { randomBytes } from 'node:crypto';
import { uuidv7 } from '#core/uuid';

const originUs = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;

/** Monotonic time in microseconds, an integer: the time base of every recording. */
export function monotonicUs(): number {
  return Math.round(originUs + performance.now() * 1000);
}

/** A new id for something that begins now. */
export function newId(): string {
  return uuidv7(Date.now(), randomBytes(10));
}
