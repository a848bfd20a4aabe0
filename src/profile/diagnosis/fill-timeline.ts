// Fills the cells of a timeline: one pass over the scheduler's events, or over the samples where there are none.

import type { Profile } from '#core/profile';
import type { Chosen } from './chosen.ts';
import { coverageAt, type Coverage } from './coverage.ts';
import type { RangeSet } from './ranges.ts';
import { readyTimes } from './ready-times.ts';
import type { Timeline } from './timeline.ts';

export function fillFromSpans(profile: Profile, chosen: Chosen, timeline: Timeline, ranges: RangeSet): void {
  const spans = profile.spans!;
  const { cellNs, startNs, cpuNs } = timeline;
  const threads = new CellThreads(profile.threads.thread.length);
  const ready = readyTimes(spans);
  const begin = (span: number) => (ready[span]! < spans.startNs[span]! ? ready[span]! : spans.startNs[span]!);
  const { order, from: firstOf } = byFirstCell(spans.startNs.length, timeline, (span) =>
    chosen.cpus === null || chosen.cpus.has(spans.cpu[span]!) ? begin(span) : Infinity,
  );
  /** Threads that run or are ready and go on so into the next cell. */
  const open: number[] = [];
  for (let cell = 0; cell < timeline.busy.length; cell++) {
    const from = startNs + cell * cellNs;
    const to = from + cellNs;
    for (let i = firstOf[cell]!; i < firstOf[cell + 1]!; i++) open.push(order[i]!);
    let kept = 0;
    for (const span of open) {
      const thread = spans.thread[span]!;
      const start = spans.startNs[span]!;
      const ran = Math.max(0, Math.min(to, spans.endNs[span]!) - Math.max(from, start));
      if (chosen.threads[thread] === 1)
        threads.add(thread, ran, Math.max(0, Math.min(to, start) - Math.max(from, begin(span))));
      else addOther(thread, cell, ran, chosen, timeline);
      if (spans.endNs[span]! > to) open[kept++] = span;
    }
    open.length = kept;
    threads.close(cell, timeline);
  }
  for (let span = 0; span < spans.startNs.length; span++) {
    if (chosen.cpus !== null && !chosen.cpus.has(spans.cpu[span]!)) continue;
    cpuNs[spans.thread[span]!]! += ranges.overlapNs(spans.startNs[span]!, spans.endNs[span]!);
  }
}

/** Positions by the cell in which each begins: those of cell i stand in `order` from `from[i]` to `from[i + 1]`. Later ones are left out. */
function byFirstCell(
  count: number,
  { busy, startNs, cellNs }: Timeline,
  beginOf: (position: number) => number,
): { readonly order: Uint32Array; readonly from: Uint32Array } {
  const cells = busy.length;
  const cellOf = (position: number) => Math.max(0, Math.floor((beginOf(position) - startNs) / cellNs));
  const from = new Uint32Array(cells + 1);
  for (let i = 0; i < count; i++) {
    const cell = cellOf(i);
    if (cell < cells) from[cell + 1]! += 1;
  }
  for (let cell = 0; cell < cells; cell++) from[cell + 1]! += from[cell]!;
  const order = new Uint32Array(from[cells]!);
  const next = from.slice();
  for (let i = 0; i < count; i++) {
    const cell = cellOf(i);
    if (cell < cells) order[next[cell]!++] = i;
  }
  return { order, from };
}

export function fillFromSamples(
  profile: Profile,
  chosen: Chosen,
  timeline: Timeline,
  coverage: Coverage | null,
  ranges: RangeSet,
  sampleNs: number,
): void {
  const { samples, header } = profile;
  const inTime = header.weightUnit === 'ns' ? samples.weight : null;
  const threads = new CellThreads(profile.threads.thread.length);
  const { cellNs, startNs, cpuNs } = timeline;
  let next = 0;
  for (let cell = 0; cell < timeline.busy.length; cell++) {
    const to = startNs + (cell + 1) * cellNs;
    const known = coverageAt(coverage, to - cellNs / 2);
    // Samples that came stand for those that did not; where too few came the cell is not read at all.
    const standsFor = known < 1 && timeline.usable[cell] === 1 ? 1 / known : 1;
    for (; next < samples.timeNs.length && samples.timeNs[next]! < to; next++) {
      const thread = samples.thread[next]!;
      if (chosen.idle[thread] === 1 || (chosen.cpus !== null && !chosen.cpus.has(samples.cpu[next]!))) continue;
      const ns = inTime === null ? sampleNs : inTime[next]!;
      if (chosen.threads[thread] === 1) threads.add(thread, ns * standsFor, 0);
      else addOther(thread, cell, ns * standsFor, chosen, timeline);
      if (ranges.has(samples.timeNs[next]!)) cpuNs[thread]! += ns;
    }
    threads.close(cell, timeline);
  }
}

function addOther(thread: number, cell: number, ns: number, chosen: Chosen, timeline: Timeline): void {
  timeline.others[cell]! += ns / timeline.cellNs;
  if (chosen.siblings[thread] === 1) timeline.siblings[cell]! += ns / timeline.cellNs;
}

/** What the threads of one cell did; they are few, and cleared again behind it. */
class CellThreads {
  readonly #wantedNs: Float64Array;
  readonly #touched: Uint32Array;
  #count = 0;
  #ranNs = 0;
  #readyNs = 0;

  constructor(threads: number) {
    this.#wantedNs = new Float64Array(threads);
    this.#touched = new Uint32Array(threads);
  }

  add(thread: number, ranNs: number, readyNs: number): void {
    if (!(ranNs + readyNs > 0)) return;
    if (this.#wantedNs[thread] === 0) this.#touched[this.#count++] = thread;
    this.#wantedNs[thread]! += ranNs + readyNs;
    this.#ranNs += ranNs;
    this.#readyNs += readyNs;
  }

  close(cell: number, { busy, waiting, wanted, top, topWanted, cellNs }: Timeline): void {
    let most = 0;
    for (let i = 0; i < this.#count; i++) {
      const thread = this.#touched[i]!;
      if (this.#wantedNs[thread]! > most) {
        most = this.#wantedNs[thread]!;
        top[cell] = thread;
      }
      this.#wantedNs[thread] = 0;
    }
    busy[cell] = this.#ranNs / cellNs;
    if (waiting !== null) waiting[cell] = this.#readyNs / cellNs;
    wanted[cell] = (this.#ranNs + this.#readyNs) / cellNs;
    topWanted[cell] = most / cellNs;
    this.#count = 0;
    this.#ranNs = 0;
    this.#readyNs = 0;
  }
}
