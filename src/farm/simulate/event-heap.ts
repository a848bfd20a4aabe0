// The next thing that happens: a binary heap of numbered sources of events, each with one time at most.

const NONE = -1;

/** Sources are numbered from 0; each is in the heap once, with its time, or not at all. */
export class EventHeap {
  readonly #times: Float64Array;
  readonly #heap: Int32Array;
  /** Where each source stands in the heap. */
  readonly #place: Int32Array;
  #length = 0;

  constructor(sources: number) {
    this.#times = new Float64Array(sources);
    this.#heap = new Int32Array(sources);
    this.#place = new Int32Array(sources).fill(NONE);
  }

  /** Time of the next event; Infinity where there is none. */
  get nextS(): number {
    return this.#length === 0 ? Infinity : this.#times[this.#heap[0]!]!;
  }

  /** Takes the source of the next event out. */
  pop(): number {
    const source = this.#heap[0]!;
    this.set(source, Infinity);
    return source;
  }

  /** Sets when a source's event is; Infinity takes it out. */
  set(source: number, timeS: number): void {
    const place = this.#place[source]!;
    if (timeS === Infinity) {
      if (place !== NONE) this.#remove(source, place);
      return;
    }
    const before = this.#times[source]!;
    this.#times[source] = timeS;
    if (place === NONE) this.#up(this.#length++, source);
    else if (timeS < before) this.#up(place, source);
    else this.#down(place, source);
  }

  #remove(source: number, place: number): void {
    this.#place[source] = NONE;
    const last = this.#heap[--this.#length]!;
    if (last === source) return;
    if (this.#isBefore(last, source)) this.#up(place, last);
    else this.#down(place, last);
  }

  /** Equal times go by number, so that the order never depends on history. */
  #isBefore(a: number, b: number): boolean {
    const timeA = this.#times[a]!;
    const timeB = this.#times[b]!;
    return timeA < timeB || (timeA === timeB && a < b);
  }

  #up(from: number, source: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent]!;
      if (!this.#isBefore(source, above)) break;
      this.#heap[place] = above;
      this.#place[above] = place;
      place = parent;
    }
    this.#heap[place] = source;
    this.#place[source] = place;
  }

  #down(from: number, source: number): void {
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#length) break;
      if (child + 1 < this.#length && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++;
      const below = this.#heap[child]!;
      if (!this.#isBefore(below, source)) break;
      this.#heap[place] = below;
      this.#place[below] = place;
      place = child;
    }
    this.#heap[place] = source;
    this.#place[source] = place;
  }
}
