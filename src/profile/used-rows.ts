// A profile without what its samples and spans don't name: what a slice of a long profile is sent and kept as.

import type { Profile, SpanTable } from '#core/profile';

/** The same samples, spans and losses; of functions, stacks, threads and libraries those that they lead to, in their order. */
export function usedRows(profile: Profile): Profile {
  const { libraries, functions, stacks, threads, samples, spans } = profile;
  const isStack = new Uint8Array(stacks.parent.length);
  const isThread = new Uint8Array(threads.name.length);
  for (const columns of [samples, spans]) {
    if (columns === null) continue;
    for (const stack of columns.stack) if (stack >= 0) isStack[stack] = 1;
    for (const thread of columns.thread) isThread[thread] = 1;
  }
  if (spans !== null) for (const waker of spans.waker) if (waker >= 0) isThread[waker] = 1;
  const isFunction = new Uint8Array(functions.name.length);
  // A stack stands behind the one that it was called from.
  for (let stack = stacks.parent.length - 1; stack >= 0; stack--) {
    if (isStack[stack] === 0) continue;
    isFunction[stacks.function[stack]!] = 1;
    if (stacks.parent[stack]! >= 0) isStack[stacks.parent[stack]!] = 1;
  }
  const isLibrary = new Uint8Array(libraries.length);
  for (let one = 0; one < isFunction.length; one++) if (isFunction[one] === 1) isLibrary[functions.library[one]!] = 1;
  const [stack, called, thread, library] = [isStack, isFunction, isThread, isLibrary].map(kept) as [
    Kept,
    Kept,
    Kept,
    Kept,
  ];
  return {
    ...profile,
    libraries: Array.from(library.rows, (row) => libraries[row]!),
    functions: {
      name: Array.from(called.rows, (row) => functions.name[row]!),
      library: Uint32Array.from(called.rows, (row) => library.place[functions.library[row]!]!),
      kind: Uint8Array.from(called.rows, (row) => functions.kind[row]!),
      source: Uint8Array.from(called.rows, (row) => functions.source[row]!),
    },
    stacks: {
      parent: Int32Array.from(stack.rows, (row) => placeOf(stack, stacks.parent[row]!)),
      function: Uint32Array.from(stack.rows, (row) => called.place[stacks.function[row]!]!),
    },
    threads: {
      process: Int32Array.from(thread.rows, (row) => threads.process[row]!),
      thread: Int32Array.from(thread.rows, (row) => threads.thread[row]!),
      processName: Array.from(thread.rows, (row) => threads.processName[row]!),
      name: Array.from(thread.rows, (row) => threads.name[row]!),
    },
    samples: {
      ...samples,
      stack: samples.stack.map((row) => placeOf(stack, row)),
      thread: samples.thread.map((row) => thread.place[row]!),
    },
    spans: spans === null ? null : placedSpans(spans, stack, thread),
  };
}

function placedSpans(spans: SpanTable, stack: Kept, thread: Kept): SpanTable {
  return {
    ...spans,
    stack: spans.stack.map((row) => placeOf(stack, row)),
    thread: spans.thread.map((row) => thread.place[row]!),
    waker: spans.waker.map((row) => placeOf(thread, row)),
  };
}

interface Kept {
  /** Rows that stay. */
  readonly rows: Uint32Array;
  /** Of each row its new one. */
  readonly place: Uint32Array;
}

function kept(isKept: Uint8Array): Kept {
  const place = new Uint32Array(isKept.length);
  let count = 0;
  for (let row = 0; row < isKept.length; row++) if (isKept[row] === 1) place[row] = count++;
  const rows = new Uint32Array(count);
  for (let row = 0; row < isKept.length; row++) if (isKept[row] === 1) rows[place[row]!] = row;
  return { rows, place };
}

function placeOf({ place }: Kept, row: number): number {
  return row < 0 ? -1 : place[row]!;
}
