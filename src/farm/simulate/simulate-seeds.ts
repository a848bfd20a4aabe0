// The same workload with one seed after the other: how much of a result is chance.

import { RESOURCES, type PackPolicy } from '#core/packing';
import { drawWork, type ShapesByFilter } from './draw-work.ts';
import type { Fleet } from './fleet.ts';
import { simulate } from './simulate.ts';
import type { Simulation } from './simulation.ts';
import type { Work } from './work.ts';
import type { Workload } from './workload.ts';

/** What is simulated, but for the seed. */
export interface Setup {
  readonly workload: Workload;
  readonly fleet: Fleet;
  readonly policy: PackPolicy;
  readonly shapes: ShapesByFilter;
}

/** A quantity over several seeds: that of the first, and the least and most of all. */
export interface AcrossSeeds {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One result for each of the seeds `first`, `first + 1` and so on. */
export function simulateSeeds(setup: Setup, first: number, seeds: number): readonly Simulation[] {
  return Array.from({ length: seeds }, (_, i) => simulateWork(setup, drawnWork(setup, first + i), first + i));
}

/** Work of a seed, reserved so that it fits the fleet's workers where it can. */
export function drawnWork({ workload, fleet, shapes }: Setup, seed: number): Work {
  const largest = RESOURCES.map((_, r) =>
    Math.max(0, ...fleet.filter(({ count }) => count > 0).map(({ size }) => size.capacity[r]!)),
  );
  return drawWork(workload, seed, shapes, largest);
}

export function simulateWork({ workload, fleet, policy }: Setup, work: Work, seed: number): Simulation {
  const { startS, failuresPerHour, outgrow } = workload;
  return simulate(work, fleet, { policy, seed, startS, failuresPerHour, outgrow });
}

export function acrossSeeds(results: readonly Simulation[], of: (result: Simulation) => number): AcrossSeeds {
  const values = results.map(of);
  return { value: values[0]!, low: Math.min(...values), high: Math.max(...values) };
}
