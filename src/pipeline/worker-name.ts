// What a worker is called in the queue: its host and its process, by which the others see whether it is still there.

import { hostname } from 'node:os';
import { processStartTicks } from '#system/process-identity';

export function ownWorkerName(): string {
  return `${hostname()}/${process.pid}`;
}

/** True where a worker of this host has ended, or is ourselves before we began; what other hosts do is not known here. */
export function isGone(worker: string): boolean {
  const at = worker.lastIndexOf('/');
  const pid = Number(worker.slice(at + 1));
  if (worker.slice(0, at) !== hostname() || !Number.isInteger(pid)) return false;
  return pid === process.pid || processStartTicks(pid) === null;
}
