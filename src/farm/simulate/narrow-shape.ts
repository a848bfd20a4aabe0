// A measured encode among others alike: a worker gives each as many threads as finish all of them soonest.

import { chooseThreads, type Scaled } from '../choose-threads.ts';
import type { Machine } from '../packed-admission.ts';
import type { UsableShape } from './usable-shapes.ts';

/**
 * What it takes with the threads that a worker would choose: at most those that it was measured with. Its CPU time is taken as the same; with
 * fewer threads than it kept busy it takes longer by that.
 * @param encodes of its title or stage, this one among them
 */
export function narrowed(shape: UsableShape, encodes: number, machine: Machine): UsableShape {
  const most = shape.threads ?? 1;
  if (most <= 1) return shape;
  const perThread = Math.max(1, shape.cores / most);
  const scaling: Scaled[] = [];
  for (let threads = 1; threads < most; threads *= 2) scaling.push(withThreads(shape, threads, perThread));
  scaling.push(withThreads(shape, most, perThread));
  const chosen = chooseThreads(encodes, scaling, machine);
  const { durationS, cores } = scaling.find(({ threads }) => threads === chosen)!;
  return { ...shape, durationS, cores, network: (shape.network * shape.durationS) / durationS };
}

/** @param perThread cores that one thread keeps busy at most: more than one where an encode has others beside its encoder's */
function withThreads({ durationS, cores, memoryBytes }: UsableShape, threads: number, perThread: number): Scaled {
  const stretched = Math.max(1, cores / (threads * perThread));
  return { threads, durationS: durationS * stretched, cores: cores / stretched, memoryBytes };
}
