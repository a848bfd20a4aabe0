// Events with a beginning and an end, as stacks: an event lies in the one that is open when it begins.

import type { ProfileBuilder } from '../profile-builder.ts';
import { addSlice } from './slices.ts';

const US = 1000;

interface Slices {
  readonly called: number[];
  readonly startUs: number[];
  /** NaN where it has not ended. */
  readonly endUs: number[];
  /** Positions of those that began by `B` and have not ended. */
  readonly open: number[];
}

export interface SlicesEnd {
  readonly unended: number;
  readonly unbegun: number;
  readonly clipped: number;
}

export class TraceSlices {
  readonly #builder: ProfileBuilder;
  readonly #threads = new Map<number, Slices>();
  #unbegun = 0;
  #clipped = 0;

  constructor(builder: ProfileBuilder) {
    this.#builder = builder;
  }

  /** @param durationUs NaN where it is not known */
  add(thread: number, called: number, startUs: number, durationUs: number): void {
    const slices = this.#of(thread);
    slices.called.push(called);
    slices.startUs.push(startUs);
    slices.endUs.push(durationUs >= 0 ? startUs + durationUs : Number.NaN);
  }

  begin(thread: number, called: number, startUs: number): void {
    this.#of(thread).open.push(this.#of(thread).called.length);
    this.add(thread, called, startUs, Number.NaN);
  }

  /** Ends what began last. */
  end(thread: number, endUs: number): void {
    const slices = this.#of(thread);
    const begun = slices.open.pop();
    if (begun === undefined) this.#unbegun++;
    else slices.endUs[begun] = Math.max(endUs, slices.startUs[begun]!);
  }

  #of(thread: number): Slices {
    let slices = this.#threads.get(thread);
    if (slices === undefined) this.#threads.set(thread, (slices = { called: [], startUs: [], endUs: [], open: [] }));
    return slices;
  }

  /** Adds the samples of all threads. */
  finish(): SlicesEnd {
    let unended = 0;
    for (const [thread, slices] of this.#threads) {
      const { startUs, endUs } = slices;
      let lastUs = -Infinity;
      for (let i = 0; i < startUs.length; i++) lastUs = Math.max(lastUs, startUs[i]!, endUs[i]! || -Infinity);
      for (let i = 0; i < endUs.length; i++) {
        if (!Number.isNaN(endUs[i]!)) continue;
        endUs[i] = lastUs;
        unended++;
      }
      this.#addThread(thread, slices);
    }
    return { unended, unbegun: this.#unbegun, clipped: this.#clipped };
  }

  #addThread(thread: number, { called, startUs, endUs }: Slices): void {
    // Of those that begin together the longest is the outermost, and of equal ones the first.
    const order = Uint32Array.from(startUs.keys()).sort(
      (a, b) => startUs[a]! - startUs[b]! || endUs[b]! - endUs[a]! || a - b,
    );
    const nodes: number[] = [];
    const ends: number[] = [];
    let atUs = 0;
    const advance = (toUs: number) => {
      const node = nodes.at(-1);
      if (node !== undefined) addSlice(this.#builder, thread, node, atUs * US, toUs * US);
      atUs = toUs;
    };
    const closeUntil = (untilUs: number) => {
      while (ends.length > 0 && ends.at(-1)! <= untilUs) {
        advance(ends.pop()!);
        nodes.pop();
      }
    };
    for (const i of order) {
      closeUntil(startUs[i]!);
      advance(startUs[i]!);
      const outerUs = ends.at(-1) ?? Infinity;
      if (endUs[i]! > outerUs) this.#clipped++;
      nodes.push(this.#builder.stacks.add(nodes.at(-1) ?? -1, called[i]!));
      ends.push(Math.min(endUs[i]!, outerUs));
    }
    closeUntil(Infinity);
  }
}
