// Tables of slices that follow each other, put together.

import type { LibraryQuality, ProfileHeader, SpanTable } from '#core/profile';

type Column = Float64Array | Int32Array | Uint32Array | Int16Array | Uint8Array;

/** Rows [from, to) of a table. */
export type Rows = readonly [from: number, to: number];

/** Of ascending times, those that lie between the two; the end belongs to it. */
export function rowsWithin(timeNs: Float64Array, fromNs: number, toNs: number): Rows {
  let from = 0;
  let to = timeNs.length;
  while (from < to && timeNs[from]! < fromNs) from++;
  while (to > from && timeNs[to - 1]! > toNs) to--;
  return [from, to];
}

/** One column of several tables, one behind the other. */
export function joined<T, A extends Column>(
  make: new (length: number) => A,
  parts: readonly (readonly [table: T, rows: Rows])[],
  column: (table: T) => A,
): A {
  const result = new make(parts.reduce((sum, [, [from, to]]) => sum + to - from, 0));
  let at = 0;
  for (const [table, [from, to]] of parts) {
    result.set(column(table).subarray(from, to), at);
    at += to - from;
  }
  return result;
}

/**
 * Spans of all tables by their start, cut at both ends. Each table is by its start, and few of its rows began before one that stands
 * in a table before it, so that whole stretches are copied.
 */
export function joinedSpans(tables: readonly SpanTable[], fromNs: number, toNs: number): SpanTable {
  const parts = spanOrder(tables, fromNs, toNs);
  const startNs = joined(Float64Array, parts, (table) => table.startNs);
  const endNs = joined(Float64Array, parts, (table) => table.endNs);
  const readyNs = joined(Float64Array, parts, (table) => table.readyNs);
  for (let row = 0; row < endNs.length; row++) {
    if (startNs[row]! < fromNs) startNs[row] = fromNs;
    if (endNs[row]! > toNs) endNs[row] = toNs;
    // What is not known stays so.
    if (readyNs[row]! < fromNs) readyNs[row] = fromNs;
  }
  return {
    startNs,
    endNs,
    cpu: joined(Int16Array, parts, ({ cpu }) => cpu),
    thread: joined(Uint32Array, parts, ({ thread }) => thread),
    left: joined(Uint8Array, parts, ({ left }) => left),
    stack: joined(Int32Array, parts, ({ stack }) => stack),
    readyNs,
    waker: joined(Int32Array, parts, ({ waker }) => waker),
  };
}

/** Stretches of the tables in the order of their starts: those of one row began before the table that tells them. */
function spanOrder(tables: readonly SpanTable[], fromNs: number, toNs: number): (readonly [SpanTable, Rows])[] {
  const runs: (readonly [SpanTable, Rows])[] = [];
  const early: (readonly [SpanTable, Rows])[] = [];
  let latestNs = fromNs;
  for (const table of tables) {
    const { startNs, endNs } = table;
    let row = 0;
    for (; row < startNs.length && startNs[row]! < latestNs; row++)
      if (endNs[row]! > fromNs && startNs[row]! <= toNs) early.push([table, [row, row + 1]]);
    // Whole nanoseconds: the end belongs to it.
    const end = firstFrom(startNs, toNs + 1, row);
    if (end === row) continue;
    runs.push([table, [row, end]]);
    latestNs = startNs[end - 1]!;
  }
  early.sort((a, b) => startOf(a) - startOf(b));
  const order: (readonly [SpanTable, Rows])[] = [];
  let next = 0;
  for (const [table, [from, to]] of runs) {
    let at = from;
    for (; next < early.length && startOf(early[next]!) < table.startNs[to - 1]!; next++) {
      const place = firstFrom(table.startNs, startOf(early[next]!), at);
      if (place > at) order.push([table, [at, place]]);
      order.push(early[next]!);
      at = place;
    }
    order.push([table, [at, to]]);
  }
  return [...order, ...early.slice(next)];
}

function startOf([table, [from]]: readonly [SpanTable, Rows]): number {
  return table.startNs[from]!;
}

/** The first row from `row` on that is not before a time. */
function firstFrom(timeNs: Float64Array, time: number, row: number): number {
  let [low, high] = [row, timeNs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeNs[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows that are wanted, in their order. */
export function pickedSpans(spans: SpanTable, isWanted: (row: number) => boolean): SpanTable {
  const rows = new Uint32Array(spans.startNs.length);
  let count = 0;
  for (let row = 0; row < rows.length; row++) if (isWanted(row)) rows[count++] = row;
  return takenSpans(spans, rows.subarray(0, count));
}

function takenSpans(spans: SpanTable, rows: Uint32Array): SpanTable {
  const taken = <A extends Column>(make: new (length: number) => A, values: A): A => {
    const result = new make(rows.length);
    for (let i = 0; i < rows.length; i++) result[i] = values[rows[i]!]!;
    return result;
  };
  return {
    startNs: taken(Float64Array, spans.startNs),
    endNs: taken(Float64Array, spans.endNs),
    cpu: taken(Int16Array, spans.cpu),
    thread: taken(Uint32Array, spans.thread),
    left: taken(Uint8Array, spans.left),
    stack: taken(Int32Array, spans.stack),
    readyNs: taken(Float64Array, spans.readyNs),
    waker: taken(Int32Array, spans.waker),
  };
}

/** What the slices say together; what they say each of its own time is added up. */
export function joinedHeader(headers: readonly ProfileHeader[], fromNs: number, toNs: number): ProfileHeader {
  const last = headers.at(-1)!;
  const sum = (value: (header: ProfileHeader) => number | null) =>
    headers.reduce<number | null>((all, header) => {
      const one = value(header);
      return all === null || one === null ? null : all + one;
    }, 0);
  return {
    ...last,
    startNs: Math.max(fromNs, headers[0]!.startNs),
    endNs: Math.min(toNs, last.endNs),
    cpus: [...new Set(headers.flatMap(({ cpus }) => cpus))].sort((a, b) => a - b),
    scope: headers.some(({ scope }) => scope === 'system') ? 'system' : 'processes',
    lost: sum(({ lost }) => lost),
    throttled: sum(({ throttled }) => throttled),
    overheadCpuS: sum(({ overheadCpuS }) => overheadCpuS),
    quality: joinedQuality(headers),
  };
}

function joinedQuality(headers: readonly ProfileHeader[]): LibraryQuality[] {
  const all = new Map<string, LibraryQuality>();
  for (const { quality } of headers)
    for (const one of quality) {
      const before = all.get(one.library) ?? { samples: 0, named: 0, rooted: 0, todo: null };
      all.set(one.library, {
        library: one.library,
        samples: before.samples + one.samples,
        named: before.named + one.named,
        rooted: before.rooted + one.rooted,
        todo: one.todo ?? before.todo,
      });
    }
  return [...all.values()].sort((a, b) => b.samples - a.samples);
}
