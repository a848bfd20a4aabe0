// Counts what happens in a simulation, and makes its result.

import { RESOURCES, type Resource } from '#core/packing';
import type { Fleet } from './fleet.ts';
import { capacityOf, UNLIMITED } from './fleet.ts';
import { spreadOf, type Simulation, type SizeCost } from './simulation.ts';
import { UsageSteps } from './usage-steps.ts';
import type { Work } from './work.ts';

const QUANTITIES = [...RESOURCES, 'busy', 'workers', 'running', 'waiting'] as const;
type Quantity = (typeof QUANTITIES)[number];
const BUSY = QUANTITIES.indexOf('busy');
const WORKERS = QUANTITIES.indexOf('workers');
const RUNNING = QUANTITIES.indexOf('running');
const WAITING = QUANTITIES.indexOf('waiting');
const MEMORY = RESOURCES.indexOf('memory');
const S_PER_HOUR = 3600;

export class Tally {
  readonly #work: Work;
  readonly #fleet: Fleet;
  readonly #sizeOf: Int32Array;
  readonly #steps = new UsageSteps<Quantity>(QUANTITIES);
  /** What holds now: reserved by resource, busy cores, workers up, items running and waiting. */
  readonly #now = new Float64Array(QUANTITIES.length);
  /** Bytes that each item's memory grew past its reservation. */
  readonly #grewBy: Float64Array;
  readonly #readyS: Float64Array;
  readonly #waitS: Float64Array;
  readonly #titleBeganS: Float64Array;
  readonly #titleEndedS: Float64Array;
  /** Items of each title that have not ended. */
  readonly #leftOfTitle: Int32Array;
  readonly #isLate: Uint8Array;
  readonly #workerEndedS: Float64Array;
  readonly #coreSecondsBySize: Float64Array;
  #running = 0;
  #ended = 0;
  #lastEndS = 0;
  #late = 0;
  #failures = 0;
  #restarts = 0;
  #lostCpuS = 0;
  #grown = 0;
  #slowed = 0;
  #retried = 0;

  constructor(work: Work, fleet: Fleet, sizeOf: Int32Array) {
    this.#work = work;
    this.#fleet = fleet;
    this.#sizeOf = sizeOf;
    this.#grewBy = new Float64Array(work.items.count);
    this.#readyS = new Float64Array(work.groups.count);
    this.#waitS = new Float64Array(work.items.count).fill(NaN);
    this.#titleBeganS = new Float64Array(work.titles).fill(NaN);
    this.#titleEndedS = new Float64Array(work.titles).fill(NaN);
    this.#leftOfTitle = new Int32Array(work.titles);
    for (let i = 0; i < work.items.count; i++) this.#leftOfTitle[work.items.title[i]!]!++;
    this.#isLate = new Uint8Array(work.titles);
    this.#workerEndedS = new Float64Array(sizeOf.length);
    this.#coreSecondsBySize = new Float64Array(fleet.length);
  }

  /** What held until now is counted. */
  advance(toS: number, busyCores: number, waiting: number): void {
    this.#now[BUSY] = busyCores;
    this.#now[WAITING] = waiting;
    this.#now[RUNNING] = this.#running;
    this.#steps.advance(toS, this.#now);
  }

  come(group: number, nowS: number): void {
    this.#readyS[group] = nowS;
    const { groups, items } = this.#work;
    for (let i = groups.first[group]!; i < groups.first[group + 1]!; i++) {
      const title = items.title[i]!;
      if (Number.isNaN(this.#titleBeganS[title]!)) this.#titleBeganS[title] = nowS;
    }
  }

  begin(item: number, group: number, nowS: number): void {
    if (Number.isNaN(this.#waitS[item]!)) this.#waitS[item] = nowS - this.#readyS[group]!;
    this.#running++;
    this.#reserve(item, 1);
  }

  /** @param reservedS seconds for which its cores were reserved */
  end(item: number, worker: number, nowS: number, reservedS: number): void {
    this.#stop(item, worker, reservedS);
    this.#ended++;
    this.#lastEndS = nowS;
    this.#workerEndedS[worker] = nowS;
    const { title, deadlineS } = this.#work.items;
    const of = title[item]!;
    this.#titleEndedS[of] = nowS;
    this.#leftOfTitle[of]!--;
    if (nowS <= deadlineS[item]!) return;
    this.#late++;
    this.#isLate[of] = 1;
  }

  /** Of the items that ran on a worker that failed. @param usedS seconds of its own that were done of it */
  lose(item: number, worker: number, usedS: number, reservedS: number): void {
    this.#stop(item, worker, reservedS);
    this.#restarts++;
    this.#lostCpuS += usedS * this.#work.truth.cores[item]!;
  }

  fail(): void {
    this.#failures++;
    this.workersUp(-1);
  }

  grow(item: number, byBytes: number): void {
    this.#grown++;
    this.#grewBy[item] = byBytes;
    this.#now[MEMORY]! += byBytes;
  }

  slow(): void {
    this.#slowed++;
  }

  /** An item that has outgrown its memory is ended, to be done again with more. */
  retry(item: number, worker: number, usedS: number, reservedS: number): void {
    this.lose(item, worker, usedS, reservedS);
    this.#retried++;
  }

  /** The next time it is begun with so many bytes more. */
  reserveMore(item: number, bytes: number): void {
    this.#grewBy[item] = bytes;
  }

  workersUp(change: number): void {
    this.#now[WORKERS]! += change;
  }

  finish(told: { readonly seed: number; readonly boundS: number; readonly unplaceable: number }): Simulation {
    const { items } = this.#work;
    // Where some items never end there is no end to tell of, and nothing to compare with the bound, which is of all items.
    const isWhole = this.#ended === items.count;
    const makespanS = isWhole ? this.#lastEndS : NaN;
    const boundS = isWhole ? told.boundS : NaN;
    const cost = this.#fleet.map((_, size) => this.#cost(size, isWhole));
    const held = cost.flatMap((part) => part.held ?? []);
    const turnAroundS = this.#titleEndedS.map((endedS, title) =>
      this.#leftOfTitle[title] === 0 ? endedS - this.#titleBeganS[title]! : NaN,
    );
    return {
      ...told,
      boundS,
      items: items.count,
      ended: this.#ended,
      neverCame: items.count - this.#ended - told.unplaceable,
      makespanS,
      gap: boundS === 0 ? 0 : makespanS / boundS - 1,
      ...this.#usage(),
      waitS: spreadOf(this.#waitS),
      turnAroundS: spreadOf(turnAroundS),
      unfinishedTitles: this.#leftOfTitle.reduce((sum, left) => sum + (left > 0 ? 1 : 0), 0),
      late: this.#late,
      lateTitles: this.#isLate.reduce((sum, isLate) => sum + isLate, 0),
      cost,
      costHeld: held.length === 0 ? null : held.reduce((sum, value) => sum + value, 0),
      failures: this.#failures,
      restarts: this.#restarts,
      lostCpuS: this.#lostCpuS,
      outgrown: { grown: this.#grown, slowed: this.#slowed, retried: this.#retried },
    };
  }

  #stop(item: number, worker: number, reservedS: number): void {
    this.#running--;
    this.#reserve(item, -1);
    this.#coreSecondsBySize[this.#sizeOf[worker]!]! += reservedS * this.#work.items.need[item * RESOURCES.length]!;
  }

  #reserve(item: number, sign: 1 | -1): void {
    const from = item * RESOURCES.length;
    for (let r = 0; r < RESOURCES.length; r++) this.#now[r]! += sign * this.#work.items.need[from + r]!;
    this.#now[MEMORY]! += sign * this.#grewBy[item]!;
  }

  #usage(): Pick<Simulation, 'used' | 'steps'> {
    const capacity = capacityOf(this.#fleet);
    const { stepS, values } = this.#steps.series();
    const share = (value: number, r: number) => Math.min(1, Math.max(0, value / capacity[r]!));
    const byResource = <T>(of: (name: Resource, r: number) => T) =>
      Object.fromEntries(RESOURCES.map((name, r) => [name, capacity[r] === UNLIMITED ? null : of(name, r)])) as Record<
        Resource,
        T | null
      >;
    return {
      used: { ...byResource((name, r) => share(this.#steps.mean(name), r)), busy: share(this.#steps.mean('busy'), 0) },
      steps: {
        stepS,
        used: byResource((name, r) => values[name].map((value) => share(value, r))),
        busy: values.busy.map((value) => share(value, 0)),
        workers: values.workers,
        running: values.running,
        waiting: values.waiting,
      },
    };
  }

  #cost(size: number, isWhole: boolean): SizeCost {
    const { size: worker, count } = this.#fleet[size]!;
    const cores = count * worker.capacity[0]!;
    let lastS = 0;
    for (let w = 0; w < this.#sizeOf.length; w++) if (this.#sizeOf[w] === size) lastS += this.#workerEndedS[w]!;
    const price = (seconds: number) =>
      worker.costPerHour === null ? null : isWhole ? (seconds / S_PER_HOUR) * worker.costPerHour : NaN;
    return {
      name: worker.name,
      count,
      held: price(count * this.#lastEndS),
      released: price(lastS),
      cpu: cores * this.#lastEndS === 0 ? 0 : this.#coreSecondsBySize[size]! / (cores * this.#lastEndS),
    };
  }
}
