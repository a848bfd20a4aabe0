// Advice that a simulation gives: the same work with the same seeds on another fleet, or cut in another way.

import { RESOURCES } from '#core/packing';
import type { Interval } from '#core/shape';
import { fleetText, UNLIMITED, workersOf, type Fleet } from '../simulate/fleet.ts';
import { drawnWork, simulateWork, type Setup } from '../simulate/simulate-seeds.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { longChunks, splitLongChunks } from '../simulate/split-items.ts';
import type { Work } from '../simulate/work.ts';
import { LEAST_GAIN, percent, type Advice, type GainOf } from './advice.ts';

export interface FleetSituation {
  readonly setup: Setup;
  /** Of the seeds from the first on, as they were simulated. */
  readonly results: readonly Simulation[];
}

/** Factors by which the number of workers is tried. */
const MORE = 1.5;
const FEWER = 2 / 3;
/** A change that saves the one may cost the other so much. */
const TOLERATED = 0.05;
/** Gains of a change of the whole fleet are worth naming from here on. */
const LEAST_FLEET_GAIN = 0.1;
const MEMORY = RESOURCES.indexOf('memory');
/** Memory is what is short where so much of it is reserved, while so much of the cores is not. */
const MEMORY_FULL = 0.8;
const CORES_FREE = 0.75;
const S_PER_HOUR = 3600;

/** Not where work does not fit the fleet at all: that is told as such. */
export function adviseFleet(situation: FleetSituation): readonly Advice[] {
  if (situation.results.some(({ items, ended }) => ended < items || items === 0)) return [];
  const trials = new Trials(situation);
  return [
    moreWorkers(trials),
    fewerWorkers(trials),
    otherSize(trials),
    moreMemory(trials),
    shorterChunks(trials),
  ].flatMap((advice) => advice ?? []);
}

/** What a change does with each seed, as shares saved. */
interface Effect {
  readonly time: Interval;
  readonly cost: Interval;
  readonly results: readonly Simulation[];
}

class Trials {
  readonly fleet: Fleet;
  readonly before: readonly Simulation[];
  readonly #setup: Setup;

  constructor({ setup, results }: FleetSituation) {
    this.#setup = setup;
    this.fleet = setup.fleet;
    this.before = results;
  }

  /** Null where not all work can be done so. */
  on(fleet: Fleet, change: (work: Work) => Work = (work) => work): Effect | null {
    const results = this.before.map(({ seed }) =>
      simulateWork({ ...this.#setup, fleet }, change(drawnWork({ ...this.#setup, fleet }, seed)), seed),
    );
    if (results.some(({ ended, items }) => ended < items)) return null;
    const saved = (of: (result: Simulation, on: Fleet) => number) =>
      intervalOf(results.map((result, i) => 1 - of(result, fleet) / of(this.before[i]!, this.fleet)));
    return { time: saved(({ turnAroundS }) => turnAroundS.p95), cost: saved(costOf), results };
  }

  get first(): Simulation {
    return this.before[0]!;
  }

  /** Of the first seed. */
  firstWork(): Work {
    return drawnWork(this.#setup, this.first.seed);
  }
}

function moreWorkers(trials: Trials): Advice | null {
  const fleet = scaled(trials.fleet, MORE);
  const effect = trials.on(fleet);
  if (effect === null || effect.time.low < LEAST_FLEET_GAIN || effect.cost.low < -TOLERATED) return null;
  return adviceOf('workers', `take more workers: ${fleetText(fleet)}`, 'time', effect, [
    `waiting p95 falls from ${seconds(trials.first.waitS.p95)} to ${seconds(effect.results[0]!.waitS.p95)}`,
    `the cost changes by ${signed(-effect.cost.value)}`,
  ]);
}

function fewerWorkers(trials: Trials): Advice | null {
  if (workersOf(trials.fleet) < 2) return null;
  const fleet = scaled(trials.fleet, FEWER);
  const effect = trials.on(fleet);
  if (effect === null || effect.cost.low < LEAST_FLEET_GAIN || effect.time.low < -TOLERATED) return null;
  if (effect.results.some(({ late }, i) => late > trials.before[i]!.late)) return null;
  return adviceOf('workers', `take fewer workers: ${fleetText(fleet)}`, 'cost', effect, [
    `${percent(1 - trials.first.used.busy)} of the cores stand idle`,
    `title turn-around p95 changes by ${signed(-effect.time.value)}`,
  ]);
}

/** All workers of one of the fleet's sizes, for the same price an hour (as many cores where there are no prices). */
function otherSize(trials: Trials): Advice | null {
  if (trials.fleet.length < 2) return null;
  const arePriced = trials.fleet.every(({ size }) => size.costPerHour !== null);
  const worth = ({ size }: Fleet[number]) => (arePriced ? size.costPerHour! : size.capacity[0]!);
  const total = trials.fleet.reduce((sum, part) => sum + part.count * worth(part), 0);
  const candidates = trials.fleet.flatMap((part): Advice[] => {
    const count = worth(part) === 0 ? 0 : Math.floor(total / worth(part));
    if (count === 0) return [];
    const fleet = [{ size: part.size, count }];
    const effect = trials.on(fleet);
    if (effect === null) return [];
    const saves: GainOf | null =
      effect.time.low >= LEAST_GAIN && effect.cost.low >= -TOLERATED
        ? 'time'
        : effect.cost.low >= LEAST_GAIN && effect.time.low >= -TOLERATED
          ? 'cost'
          : null;
    if (saves === null) return [];
    const reserved = (result: Simulation) =>
      `cpu ${percent(result.used.cpu ?? NaN)}, memory ${result.used.memory === null ? 'unlimited' : percent(result.used.memory)}`;
    return [
      adviceOf('instance', `take ${fleetText(fleet)} instead of ${fleetText(trials.fleet)}`, saves, effect, [
        `${arePriced ? 'the same price an hour' : 'as many cores'}; reserved before: ${reserved(trials.first)}; then: ${reserved(effect.results[0]!)}`,
      ]),
    ];
  });
  return candidates.toSorted((a, b) => b.gain.share.low - a.gain.share.low)[0] ?? null;
}

/** Where memory is full and cores are not: the same workers with twice the memory. */
function moreMemory(trials: Trials): Advice | null {
  const { used } = trials.first;
  if (used.memory === null || used.memory < MEMORY_FULL || (used.cpu ?? 1) > CORES_FREE) return null;
  const fleet = trials.fleet.map(({ size, count }) => ({
    count,
    size: {
      ...size,
      capacity: size.capacity.map((value, r) => (r === MEMORY && value !== UNLIMITED ? 2 * value : value)),
    },
  }));
  const effect = trials.on(fleet);
  if (effect === null || effect.time.low < LEAST_FLEET_GAIN) return null;
  return adviceOf('instance', 'take workers with twice the memory for each core', 'time', effect, [
    `memory is reserved to ${percent(used.memory)}, cores to ${percent(used.cpu ?? NaN)}`,
    `such a worker may cost up to ${percent(1 / (1 - effect.cost.low) - 1)} more an hour before it costs more for this work`,
  ]);
}

/** Where a few long chunks keep everything waiting: the longest tenth of them in halves. */
function shorterChunks(trials: Trials): Advice | null {
  const cut = longChunks(trials.firstWork());
  if (cut.size === 0) return null;
  const effect = trials.on(trials.fleet, splitLongChunks);
  if (effect === null || effect.time.low < LEAST_FLEET_GAIN) return null;
  return adviceOf('chunks', 'cut the longest tenth of the chunks into halves', 'time', effect, [
    `cut were ${[...cut].map(([name, count]) => `${count} × ${name}`).join(', ')}`,
    `cores are busy to ${percent(trials.first.used.busy)} until the last item has ended, to ${percent(effect.results[0]!.used.busy)} then`,
  ]);
}

function adviceOf(
  about: Advice['about'],
  what: string,
  of: GainOf,
  effect: Effect,
  evidence: readonly string[],
): Advice {
  const seeds = effect.results.length;
  const share = of === 'time' ? effect.time : effect.cost;
  return {
    about,
    what,
    gain: { of, share },
    evidence: [...evidence, `simulated with ${seeds === 1 ? '1 seed' : `${seeds} seeds`}`],
  };
}

/** Every size by the factor, to the nearest count; a size that is there stays there. */
function scaled(fleet: Fleet, factor: number): Fleet {
  return fleet.map(({ size, count }) => ({
    size,
    count: count === 0 ? 0 : Math.max(1, factor > 1 ? Math.ceil(count * factor) : Math.round(count * factor)),
  }));
}

/** Money; core hours where not every size has a price. */
function costOf({ costHeld, makespanS }: Simulation, fleet: Fleet): number {
  if (costHeld !== null && fleet.every(({ size }) => size.costPerHour !== null)) return costHeld;
  return (fleet.reduce((sum, { size, count }) => sum + count * size.capacity[0]!, 0) * makespanS) / S_PER_HOUR;
}

function intervalOf(values: readonly number[]): Interval {
  return { value: values[0]!, low: Math.min(...values), high: Math.max(...values) };
}

function seconds(value: number): string {
  return `${value.toFixed(0)} s`;
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}
