// Puts records into the order of their times. They come CPU by CPU; perf marks where each has been visited once ("finished round"),
// so what is older than the last mark but one can't be overtaken any more (tools/perf/util/ordered-events.c does the same).

/** Bytes of a piece, and the longest record. */
export const PIECE_BYTES = 1024 * 1024;
export const RECORD_MAX_BYTES = 65_536;
/** Kept back for the order at most: a file without marks is put out by then, in the order of what is there. */
const MAX_PIECES = 48;
/** With more records than that, a mark puts out only if at least one in so many came since it was last done: work stays linear. */
const MARK_ALWAYS = 65_536;
const MARK_SHARE = 64;

/** A part of the input that records lie in. */
export class Piece {
  readonly bytes = new Uint8Array(PIECE_BYTES);
  readonly view = new DataView(this.bytes.buffer);
  /** Bytes filled. */
  used = 0;
  /** Records in it that are still to be put out. */
  waiting = 0;
}

export type Deliver = (view: DataView, offset: number, event: number, timeNs: number) => void;

export class RecordQueue {
  readonly #deliver: Deliver;
  readonly #pieces: Piece[] = [];
  readonly #free: number[] = [];
  #waiting = new Waiting(4096);
  #next = new Waiting(4096);
  #order = new Uint32Array(4096);
  #spare = new Uint32Array(4096);
  /** Newest time so far, and at the last mark. */
  #newest = 0;
  #marked = 0;
  #pushed = 0;
  /** The piece that was pushed to last, and its place. */
  #last: Piece | null = null;
  #lastPlace = 0;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** A piece to fill. It is taken back once it was left and all its records are out. */
  piece(): Piece {
    if (this.#free.length === 0 && this.#pieces.length >= MAX_PIECES) this.flush();
    const place = this.#free.pop() ?? this.#pieces.length;
    const piece = (this.#pieces[place] ??= new Piece());
    piece.used = 0;
    // The one who fills it counts as a record.
    piece.waiting = 1;
    return piece;
  }

  leave(piece: Piece): void {
    this.#release(this.#pieces.indexOf(piece));
  }

  push(timeNs: number, piece: Piece, offset: number, event: number): void {
    if (piece !== this.#last) {
      this.#last = piece;
      this.#lastPlace = this.#pieces.indexOf(piece);
    }
    if (this.#waiting.length === this.#order.length) this.#grow();
    this.#waiting.add(timeNs, this.#lastPlace, offset, event);
    piece.waiting++;
    this.#pushed++;
    if (timeNs > this.#newest) this.#newest = timeNs;
  }

  /** Each CPU was visited since the last mark. */
  mark(): void {
    // Where nearly nothing came since, what waits is not looked through again: later is as right as now.
    if (this.#waiting.length < MARK_ALWAYS || this.#pushed * MARK_SHARE > this.#waiting.length)
      this.#putOut(this.#marked);
    this.#marked = this.#newest;
  }

  /** Puts everything out. */
  flush(): void {
    this.#putOut(Infinity);
  }

  /** The records up to this time. */
  #putOut(untilNs: number): void {
    if (untilNs === 0) return;
    this.#pushed = 0;
    const order = this.#sorted();
    const { length, time, place, offset, event } = this.#waiting;
    let out = 0;
    for (; out < length; out++) {
      const row = order[out]!;
      const timeNs = time[row]!;
      if (timeNs > untilNs) break;
      const from = place[row]!;
      this.#deliver(this.#pieces[from]!.view, offset[row]!, event[row]!, timeNs);
      this.#release(from);
    }
    if (out === 0) return;
    // What is left stands in the order of its times from now on.
    const next = this.#next;
    next.length = 0;
    for (; out < length; out++) {
      const row = order[out]!;
      next.add(time[row]!, place[row]!, offset[row]!, event[row]!);
    }
    [this.#waiting, this.#next] = [next, this.#waiting];
  }

  #release(place: number): void {
    if (--this.#pieces[place]!.waiting === 0) this.#free.push(place);
  }

  /** Rows by time; equal times keep their order. What ascends already is merged, run by run (a natural merge sort). */
  #sorted(): Uint32Array {
    const { length, time } = this.#waiting;
    let [from, to] = [this.#order, this.#spare];
    let ends: number[] = [];
    for (let row = 0; row < length; row++) {
      from[row] = row;
      if (row + 1 === length || time[row + 1]! < time[row]!) ends.push(row + 1);
    }
    while (ends.length > 1) {
      const merged: number[] = [];
      for (let run = 0, start = 0; run < ends.length; run += 2) {
        const middle = ends[run]!;
        const end = ends[run + 1] ?? middle;
        let [left, right] = [start, middle];
        for (let out = start; out < end; out++) {
          const takeLeft = left < middle && (right >= end || time[from[left]!]! <= time[from[right]!]!);
          to[out] = takeLeft ? from[left++]! : from[right++]!;
        }
        merged.push(end);
        start = end;
      }
      ends = merged;
      [from, to] = [to, from];
    }
    return from;
  }

  #grow(): void {
    const length = this.#order.length * 2;
    this.#waiting = this.#waiting.grown(length);
    this.#next = new Waiting(length);
    this.#order = new Uint32Array(length);
    this.#spare = new Uint32Array(length);
  }
}

/** Records that wait for their turn, as columns. */
class Waiting {
  length = 0;
  readonly time: Float64Array;
  /** Place of the piece. */
  readonly place: Uint8Array;
  readonly offset: Uint32Array;
  readonly event: Uint16Array;

  constructor(capacity: number) {
    this.time = new Float64Array(capacity);
    this.place = new Uint8Array(capacity);
    this.offset = new Uint32Array(capacity);
    this.event = new Uint16Array(capacity);
  }

  add(timeNs: number, place: number, offset: number, event: number): void {
    const row = this.length++;
    this.time[row] = timeNs;
    this.place[row] = place;
    this.offset[row] = offset;
    this.event[row] = event;
  }

  grown(capacity: number): Waiting {
    const larger = new Waiting(capacity);
    larger.time.set(this.time);
    larger.place.set(this.place);
    larger.offset.set(this.offset);
    larger.event.set(this.event);
    larger.length = this.length;
    return larger;
  }
}
