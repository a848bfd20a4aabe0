// Work on a fleet, event by event: what comes, begins, ends, outgrows its memory, fails. Pure: the same input and seed give
// the same result. docs/simulate.md tells what is and what is not modelled.

import { seededRandom, type Random } from '#analysis/random';
import { RESOURCES, type PackPolicy, type Placer } from '#core/packing';
import { UserError } from '#core/user-error';
import { createPlacer } from '../pack/placer.ts';
import { drawExponential } from './draws.ts';
import { EventHeap } from './event-heap.ts';
import type { Fleet } from './fleet.ts';
import { workersOf } from './fleet.ts';
import { FleetClock } from './fleet-clock.ts';
import { boundArrivals } from './arrivals-bound.ts';
import type { Simulation } from './simulation.ts';
import { Tally } from './tally.ts';
import type { Work } from './work.ts';

export const OUTGROW = ['retry', 'slow'] as const;
/** What becomes of an item that outgrows its reservation while its worker has no memory left. */
export type Outgrow = (typeof OUTGROW)[number];

export interface SimulateOptions {
  readonly policy: PackPolicy;
  /** Of the failures; all else is drawn with the work. */
  readonly seed?: number;
  /** Seconds from when a worker is bought, or has failed, until it works. */
  readonly startS?: number;
  /** Of each worker, while it is up; what ran there is done again. */
  readonly failuresPerHour?: number;
  readonly outgrow?: Outgrow;
  /** Told of each try of an item as it ends, in the order of time; `worker` counts through the fleet, size by size. */
  readonly onTry?: (item: number, worker: number, beganS: number, endedS: number, how: 'ended' | 'lost') => void;
}

/** An item reaches its memory's peak after this share of its time. */
const PEAK_AT = 0.5;
/** How much longer the rest of an item takes that is held below the memory that it wants. */
const SLOWED = 4;
/** An item that takes so many times the mean time between failures is not awaited: e^7 is a thousand tries. */
const MAX_FAILURES_AN_ITEM = 7;
const S_PER_HOUR = 3600;
const MEMORY = RESOURCES.indexOf('memory');
/** Moments an item or worker, tries included, after which a simulation is broken off. */
const MAX_MOMENTS_AN_ITEM = 5_000;

/**
 * @throws UserError where the work can't come to its end: items that take much longer than workers live
 */
export function simulate(work: Work, fleet: Fleet, options: SimulateOptions): Simulation {
  checkLives(work, options.failuresPerHour ?? 0);
  return new Simulator(work, fleet, options).run();
}

class Simulator {
  readonly #work: Work;
  readonly #fleet: Fleet;
  readonly #placer: Placer;
  readonly #random: Random;
  readonly #startS: number;
  readonly #failuresPerHour: number;
  readonly #outgrow: Outgrow;
  readonly #seed: number;
  readonly #onTry: SimulateOptions['onTry'];
  readonly #tally: Tally;
  readonly #clock: FleetClock;
  /** Two sources a worker: w, its items; workers + w, its start or its failure. */
  readonly #events: EventHeap;
  readonly #workers: number;
  readonly #sizeOf: Int32Array;
  /** The placer's number of a worker; -1 while it is down. */
  readonly #placed: Int32Array;
  /** The worker of each of the placer's numbers. */
  readonly #workerOf: number[] = [];
  /** Bytes reserved for each item: what was said, then what it turned out to need. */
  readonly #memory: Float64Array;
  readonly #beganS: Float64Array;
  /** By its worker's own clock. */
  readonly #beganOwnS: Float64Array;
  /** Its next event is that it outgrows its memory, not that it ends. */
  readonly #outgrows: Uint8Array;
  readonly #groupOf: Int32Array;
  readonly #leftOfGroup: Int32Array;
  readonly #arrivals: Int32Array;
  #arrived = 0;
  /** Workers whose items changed in this moment. */
  readonly #changed: number[] = [];
  readonly #isChanged: Uint8Array;
  #nowS = 0;

  constructor(work: Work, fleet: Fleet, options: SimulateOptions) {
    const { items, groups } = work;
    this.#work = work;
    this.#fleet = fleet;
    this.#seed = options.seed ?? 1;
    this.#random = seededRandom(this.#seed);
    this.#startS = options.startS ?? 0;
    this.#failuresPerHour = options.failuresPerHour ?? 0;
    this.#outgrow = options.outgrow ?? 'retry';
    this.#onTry = options.onTry;
    this.#placer = createPlacer(
      items,
      fleet.map(({ size }) => size),
      { policy: options.policy },
    );
    this.#workers = workersOf(fleet);
    this.#sizeOf = Int32Array.from(fleet.flatMap(({ count }, size) => Array.from({ length: count }, () => size)));
    this.#placed = new Int32Array(this.#workers).fill(-1);
    const capacity = (resource: number) =>
      Float64Array.from(this.#sizeOf, (size) => fleet[size]!.size.capacity[resource]!);
    this.#clock = new FleetClock(work, { cores: capacity(0), memory: capacity(MEMORY) });
    this.#events = new EventHeap(2 * this.#workers);
    this.#memory = Float64Array.from({ length: items.count }, (_, i) => items.need[i * RESOURCES.length + MEMORY]!);
    this.#beganS = new Float64Array(items.count);
    this.#beganOwnS = new Float64Array(items.count);
    this.#outgrows = new Uint8Array(items.count);
    this.#groupOf = new Int32Array(items.count);
    for (let g = 0; g < groups.count; g++) this.#groupOf.fill(g, groups.first[g]!, groups.first[g + 1]!);
    this.#leftOfGroup = Int32Array.from({ length: groups.count }, (_, g) => groups.first[g + 1]! - groups.first[g]!);
    this.#arrivals = Int32Array.from({ length: groups.count }, (_, g) => g)
      .filter((g) => groups.follows[g] === 0)
      .sort((a, b) => groups.comesS[a]! - groups.comesS[b]! || a - b);
    this.#isChanged = new Uint8Array(this.#workers);
    this.#tally = new Tally(work, fleet, this.#sizeOf);
    for (let w = 0; w < this.#workers; w++) this.#events.set(this.#workers + w, this.#startS);
  }

  run(): Simulation {
    const maxMoments = MAX_MOMENTS_AN_ITEM * (this.#work.items.count + this.#workers);
    for (let moments = 0; !this.#isOver(); moments++) {
      if (moments > maxMoments) throw neverEnds();
      this.#toNextMoment();
      this.#placer.place(this.#nowS, this.#begin);
      this.#schedule();
    }
    return this.#tally.finish({
      seed: this.#seed,
      boundS: boundArrivals(this.#work, this.#fleet, this.#startS),
      unplaceable: this.#placer.unplaceable().length,
    });
  }

  #isOver(): boolean {
    const { waiting, running } = this.#placer;
    if (running > 0 || this.#arrived < this.#arrivals.length) return false;
    if (waiting === 0) return true;
    // What waits now fits no worker, once they are all up.
    return this.#workerOf.length > 0 && !this.#placed.includes(-1) && this.#placer.unplaceable().length === waiting;
  }

  /** Everything of the next moment happens, in an order that depends on nothing but numbers. */
  #toNextMoment(): void {
    const { comesS } = this.#work.groups;
    const nextGroupS = () =>
      this.#arrived < this.#arrivals.length ? comesS[this.#arrivals[this.#arrived]!]! : Infinity;
    const toS = Math.max(this.#nowS, Math.min(this.#events.nextS, nextGroupS()));
    if (toS === Infinity) throw new Error('work is left, and nothing will ever happen');
    this.#tally.advance(toS, this.#clock.busyCores, this.#placer.waiting);
    this.#nowS = toS;
    while (nextGroupS() <= toS) this.#come(this.#arrivals[this.#arrived++]!);
    while (this.#events.nextS <= toS) {
      const source = this.#events.pop();
      if (source < this.#workers) this.#itemEvents(source);
      else if (this.#placed[source - this.#workers] === -1) this.#startWorker(source - this.#workers);
      else this.#failWorker(source - this.#workers);
    }
  }

  #come(group: number): void {
    const { first } = this.#work.groups;
    this.#tally.come(group, this.#nowS);
    this.#placer.addItems(first[group]!, first[group + 1]!);
  }

  readonly #begin = (item: number, number: number): void => {
    const worker = this.#workerOf[number]!;
    const { durationS, memoryBytes } = this.#work.truth;
    const outgrows = memoryBytes[item]! > this.#memory[item]!;
    this.#outgrows[item] = outgrows ? 1 : 0;
    this.#beganOwnS[item] = this.#clock.sync(worker, this.#nowS);
    const forS = outgrows ? PEAK_AT * durationS[item]! : durationS[item]!;
    this.#clock.begin(worker, item, this.#nowS, forS, this.#memory[item]!);
    this.#beganS[item] = this.#nowS;
    this.#tally.begin(item, this.#groupOf[item]!, this.#nowS);
    this.#change(worker);
  };

  /** Of one worker: all that ends or outgrows its memory now. */
  #itemEvents(worker: number): void {
    const { running } = this.#clock;
    const ownS = this.#clock.sync(worker, this.#nowS);
    // The worker's next event has come, however its clock was rounded.
    const untilS = Math.max(ownS, running.at(running.first(worker)));
    for (let item = running.first(worker); item !== -1 && running.at(item) <= untilS; item = running.first(worker))
      if (this.#outgrows[item] === 1) this.#outgrown(worker, item);
      else this.#end(worker, item);
    this.#change(worker);
  }

  #end(worker: number, item: number): void {
    const { groups } = this.#work;
    this.#clock.endFirst(worker, this.#memory[item]!);
    this.#placer.finish(item, false);
    const group = this.#groupOf[item]!;
    this.#onTry?.(item, worker, this.#beganS[item]!, this.#nowS, 'ended');
    this.#tally.end(item, worker, this.#nowS, this.#nowS - this.#beganS[item]!);
    if (--this.#leftOfGroup[group]! > 0) return;
    if (group + 1 < groups.count && groups.follows[group + 1] === 1) this.#come(group + 1);
  }

  /** Its memory grows into what its worker has left; else it is slowed, or ended and done again with as much as it needs. */
  #outgrown(worker: number, item: number): void {
    const { durationS, memoryBytes } = this.#work.truth;
    const needed = memoryBytes[item]!;
    const more = needed - this.#memory[item]!;
    const restS = (1 - PEAK_AT) * durationS[item]!;
    this.#outgrows[item] = 0;
    if (this.#clock.growMemory(worker, more)) {
      this.#setMemory(item, needed);
      this.#clock.delayFirst(worker, restS);
      this.#tally.grow(item, more);
    } else if (this.#outgrow === 'slow') {
      this.#clock.delayFirst(worker, SLOWED * restS);
      this.#tally.slow();
    } else {
      this.#clock.endFirst(worker, this.#memory[item]!);
      this.#onTry?.(item, worker, this.#beganS[item]!, this.#nowS, 'lost');
      this.#tally.retry(item, worker, PEAK_AT * durationS[item]!, this.#nowS - this.#beganS[item]!);
      this.#tally.reserveMore(item, more);
      this.#setMemory(item, needed);
      this.#placer.finish(item, true);
    }
  }

  #setMemory(item: number, bytes: number): void {
    this.#memory[item] = bytes;
    const from = item * RESOURCES.length;
    const need = [...this.#work.items.need.subarray(from, from + RESOURCES.length)];
    need[MEMORY] = bytes;
    this.#placer.changeNeed(item, need);
  }

  #startWorker(worker: number): void {
    const number = this.#placer.addWorker(this.#sizeOf[worker]!);
    this.#placed[worker] = number;
    this.#workerOf[number] = worker;
    this.#clock.sync(worker, this.#nowS);
    this.#tally.workersUp(1);
    if (this.#failuresPerHour > 0)
      this.#events.set(
        this.#workers + worker,
        this.#nowS + drawExponential(this.#random, S_PER_HOUR / this.#failuresPerHour),
      );
  }

  #failWorker(worker: number): void {
    const ownS = this.#clock.sync(worker, this.#nowS);
    const lost = this.#placer.removeWorker(this.#placed[worker]!);
    for (const item of lost) {
      this.#onTry?.(item, worker, this.#beganS[item]!, this.#nowS, 'lost');
      this.#tally.lose(item, worker, ownS - this.#beganOwnS[item]!, this.#nowS - this.#beganS[item]!);
    }
    this.#clock.clear(worker);
    this.#placed[worker] = -1;
    this.#tally.fail();
    this.#events.set(this.#workers + worker, this.#nowS + this.#startS);
    this.#change(worker);
  }

  #change(worker: number): void {
    if (this.#isChanged[worker] === 1) return;
    this.#isChanged[worker] = 1;
    this.#changed.push(worker);
  }

  #schedule(): void {
    for (const worker of this.#changed) {
      this.#isChanged[worker] = 0;
      this.#clock.sync(worker, this.#nowS);
      this.#events.set(worker, this.#clock.nextS(worker, this.#nowS));
    }
    this.#changed.length = 0;
  }
}

function checkLives({ truth }: Work, failuresPerHour: number): void {
  const longestS = truth.durationS.reduce((longest, durationS) => Math.max(longest, durationS), 0);
  if ((longestS * failuresPerHour) / S_PER_HOUR > MAX_FAILURES_AN_ITEM) throw neverEnds();
}

function neverEnds(): UserError {
  return new UserError({
    what: 'workers fail so often that the longest items would hardly ever end',
    where: 'failures',
    todo: 'lower the rate, or cut the work into shorter items',
  });
}
