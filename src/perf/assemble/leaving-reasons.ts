// Why a thread left its CPU, from the numbers in which the kernel tells it.

import { LEAVING_REASONS } from '#core/profile';

const UNKNOWN = LEAVING_REASONS.indexOf('unknown');
const RUNNING = LEAVING_REASONS.indexOf('running');
const SLEEPING = LEAVING_REASONS.indexOf('sleeping');
const DISK = LEAVING_REASONS.indexOf('disk');
const STOPPED = LEAVING_REASONS.indexOf('stopped');
const DEAD = LEAVING_REASONS.indexOf('dead');

/** Code in LEAVING_REASONS of a `prev_state`, as include/trace/events/sched.h and fs/proc/array.c of Linux (4.14 on) number it. */
export function reasonOf(state: number): number {
  if ((state & 0x1ff) === 0 || (state & 0x100) !== 0) return RUNNING;
  if ((state & 0x1) !== 0 || (state & 0x80) !== 0) return SLEEPING;
  if ((state & 0x2) !== 0) return DISK;
  if ((state & 0x70) !== 0) return DEAD;
  if ((state & 0xc) !== 0) return STOPPED;
  return UNKNOWN;
}

/** Of perf's own switch records, which tell no more. */
export function reasonOfSwitch(preempted: boolean): number {
  return preempted ? RUNNING : UNKNOWN;
}
