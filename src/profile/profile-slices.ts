// A profile of slices that follow each other, each complete in itself: what a profile that is still being taken is sent as. Old slices
// can be dropped, so that it stays as long as what is drawn of it.

import {
  FUNCTION_KINDS,
  LEAVING_REASONS,
  SYMBOL_SOURCES,
  type LossTable,
  type Profile,
  type ProfileHeader,
  type SampleTable,
  type SpanTable,
} from '#core/profile';
import { ProfileBuilder } from './profile-builder.ts';
import { joined, joinedHeader, joinedSpans, pickedSpans, rowsWithin } from './slice-tables.ts';

const UNKNOWN = LEAVING_REASONS.indexOf('unknown');

/** A slice whose rows point into the common tables. */
interface Placed {
  readonly header: ProfileHeader;
  readonly samples: SampleTable;
  /** Those that have ended. */
  readonly spans: SpanTable | null;
  /** Those that went on at its end. */
  readonly open: SpanTable | null;
  readonly losses: LossTable;
}

export class ProfileSlices {
  readonly #builder = new ProfileBuilder();
  /** The row of each thread, by the numbers of it and its process; it has the name that was told last. */
  readonly #threads = new Map<string, number>();
  #slices: Placed[] = [];

  get isEmpty(): boolean {
    return this.#slices.length === 0;
  }

  /** Adds the next slice; one of an earlier time than the last is a mistake of the caller. */
  add(slice: Profile): void {
    this.#slices.push(this.#placed(slice));
  }

  /** Drops slices that end before a time, nanoseconds. Functions, stacks and threads stay: they are few against the rows. */
  dropBefore(timeNs: number): void {
    this.#slices = this.#slices.filter(({ header }) => header.endNs > timeNs);
  }

  /** Drops the oldest slices until no more than so many samples are left, or one slice. */
  dropBeyond(samples: number): void {
    let count = 0;
    const first = this.#slices.findLastIndex((slice) => (count += slice.samples.timeNs.length) > samples);
    if (first >= 0 && first < this.#slices.length - 1) this.dropBefore(this.#slices[first]!.header.endNs);
  }

  /** The end of it; null where there is nothing. */
  lastSeconds(seconds: number): Profile | null {
    const last = this.#slices.at(-1);
    return last === undefined ? null : this.profile(last.header.endNs - seconds * 1e9);
  }

  /**
   * All of it as one profile: copies, a few milliseconds for a hundred thousand rows.
   * @param fromNs only what lies between the two: spans are cut there
   * @returns null where no slice lies there
   */
  profile(fromNs = -Infinity, toNs = Infinity): Profile | null {
    const inside = this.#slices.filter(({ header }) => header.startNs < toNs && header.endNs > fromNs);
    const last = this.#slices.at(-1);
    if (last === undefined || inside.length === 0) return null;
    const header = joinedHeader(
      inside.map((slice) => slice.header),
      fromNs,
      toNs,
    );
    const within = (timeNs: Float64Array) => rowsWithin(timeNs, header.startNs, header.endNs);
    const samples = inside.map((slice) => [slice.samples, within(slice.samples.timeNs)] as const);
    const losses = inside.map((slice) => [slice.losses, within(slice.losses.timeNs)] as const);
    // A span is told by the slice in which it ended: of the time before that is a later one.
    const telling = this.#slices.filter((slice) => slice.header.endNs > fromNs);
    const spans = [...telling.map((slice) => slice.spans), last.open].filter((table) => table !== null);
    return {
      ...this.#builder.finish(header),
      samples: {
        timeNs: joined(Float64Array, samples, ({ timeNs }) => timeNs),
        cpu: joined(Int16Array, samples, ({ cpu }) => cpu),
        thread: joined(Uint32Array, samples, ({ thread }) => thread),
        stack: joined(Int32Array, samples, ({ stack }) => stack),
        instruction: joined(Uint8Array, samples, ({ instruction }) => instruction),
        weight: null,
      },
      spans: last.spans === null ? null : joinedSpans(spans, header.startNs, header.endNs),
      losses: {
        timeNs: joined(Float64Array, losses, ({ timeNs }) => timeNs),
        cpu: joined(Int16Array, losses, ({ cpu }) => cpu),
        samples: joined(Float64Array, losses, (one) => one.samples),
      },
    };
  }

  #placed({ header, libraries, functions, stacks, threads, samples, spans, losses }: Profile): Placed {
    const builder = this.#builder;
    const called = Uint32Array.from(functions.name, (name, i) =>
      builder.function(
        name,
        libraries[functions.library[i]!]!,
        FUNCTION_KINDS[functions.kind[i]!]!,
        SYMBOL_SOURCES[functions.source[i]!]!,
      ),
    );
    const stack = new Int32Array(stacks.parent.length);
    for (let i = 0; i < stack.length; i++) {
      const parent = stacks.parent[i]!;
      stack[i] = builder.stacks.add(parent < 0 ? -1 : stack[parent]!, called[stacks.function[i]!]!);
    }
    const seen = new Set<string>();
    const thread = Uint32Array.from(threads.name, (name, i) => {
      const [process, number, processName] = [threads.process[i]!, threads.thread[i]!, threads.processName[i]!];
      const key = `${process} ${number}`;
      const known = this.#threads.get(key);
      // A number that one slice has twice was used again, by another thread.
      const isKnown = known !== undefined && !seen.has(key);
      const row = isKnown ? known : builder.addThread(process, number, processName, name);
      if (isKnown) builder.renameThread(row, processName, name);
      this.#threads.set(key, row);
      seen.add(key);
      return row;
    });
    const placeOf = (places: Int32Array | Uint32Array, row: number) => (row < 0 ? -1 : places[row]!);
    const placedSpans = spans && {
      ...spans,
      thread: spans.thread.map((row) => thread[row]!),
      stack: spans.stack.map((row) => placeOf(stack, row)),
      waker: spans.waker.map((row) => placeOf(thread, row)),
    };
    const isOpen = (row: number) => spans!.endNs[row] === header.endNs && spans!.left[row] === UNKNOWN;
    return {
      header,
      losses,
      samples: {
        ...samples,
        thread: samples.thread.map((row) => thread[row]!),
        stack: samples.stack.map((row) => placeOf(stack, row)),
      },
      spans: placedSpans && pickedSpans(placedSpans, (row) => !isOpen(row)),
      open: placedSpans && pickedSpans(placedSpans, isOpen),
    };
  }
}
