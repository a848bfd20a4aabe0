// The monotonic clock of this host (CLOCK_MONOTONIC), shared by all of its processes.

import { randomBytes } from 'node:crypto';
import { uuidv7 } from '#core/uuid';

/** Reads of both clocks to choose from. */
const READS = 20;
const originUs = readOriginUs();

/** Monotonic time in microseconds, an integer: the time base of every recording. */
export function monotonicUs(): number {
  return Math.round(originUs + performance.now() * 1000);
}

/** A new id for something that begins now. */
export function newId(): string {
  return uuidv7(Date.now(), randomBytes(10));
}

/**
 * What `performance.now` counts from. Of several reads the one that was interrupted least: processes of one host have to
 * agree, and a busy host takes the processor away between two reads for milliseconds.
 */
function readOriginUs(): number {
  let origin = 0;
  let shortestMs = Infinity;
  for (let i = 0; i < READS; i++) {
    const beforeMs = performance.now();
    const nanoseconds = process.hrtime.bigint();
    const afterMs = performance.now();
    if (afterMs - beforeMs >= shortestMs) continue;
    shortestMs = afterMs - beforeMs;
    origin = Number(nanoseconds) / 1000 - ((beforeMs + afterMs) / 2) * 1000;
  }
  return origin;
}
