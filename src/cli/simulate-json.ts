// A simulation for programs: what is not limited is null, not a large number.

import { RESOURCES } from '#core/packing';
import type { Advice } from '#farm/advice/advice';
import type { Mix, MixGoal, MixSearch } from '#farm/simulate/best-mix';
import { UNLIMITED, type Fleet } from '#farm/simulate/fleet';
import type { Setup } from '#farm/simulate/simulate-seeds';
import type { Simulation } from '#farm/simulate/simulation';

export function simulationJson(
  { workload, policy, fleet }: Setup,
  results: readonly Simulation[],
  advice: readonly Advice[] | null,
): string {
  const told = { version: 1, workload: workload.name, policy, fleet: fleetView(fleet), results };
  return JSON.stringify(advice === null ? told : { ...told, advice });
}

export function mixJson(
  { workload, policy }: Setup,
  { best, starts, simulations }: MixSearch,
  goal: MixGoal,
  results: readonly Simulation[],
): string {
  return JSON.stringify({
    version: 1,
    workload: workload.name,
    policy,
    goal,
    best: mixView(best),
    starts: starts.map(mixView),
    simulations,
    results,
  });
}

function mixView({ fleet, ...mix }: Mix): object {
  return { ...mix, fleet: fleetView(fleet) };
}

function fleetView(fleet: Fleet): object[] {
  return fleet.map(({ size: { name, capacity, costPerHour }, count }) => ({
    name,
    count,
    ...Object.fromEntries(RESOURCES.map((resource, r) => [resource, capacity[r] === UNLIMITED ? null : capacity[r]])),
    costPerHour,
  }));
}
