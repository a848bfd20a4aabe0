// A sum that grows with time, known at every moment: what lies between two moments is a difference of two look-ups, at any zoom.

/** Events that one entry of the look-up table stands for, on average. */
const EVENTS_PER_ENTRY = 8;

export class RunningSum {
  readonly #times: Float64Array;
  /** Sum at each time; null where every event adds `#step`. */
  readonly #values: Float64Array | null;
  readonly #step: number;
  /** Between two times it grows evenly; else each event adds its amount at once. */
  readonly #isEven: boolean;
  /** First event at or after each of evenly spaced moments, and one more for the end. */
  readonly #entries: Uint32Array;
  readonly #entriesPerNs: number;

  private constructor(times: Float64Array, values: Float64Array | null, step: number, isEven: boolean) {
    this.#times = times;
    this.#values = values;
    this.#step = step;
    this.#isEven = isEven;
    const count = Math.max(1, Math.ceil(times.length / EVENTS_PER_ENTRY));
    const lengthNs = times.length === 0 ? 0 : times[times.length - 1]! - times[0]!;
    this.#entriesPerNs = lengthNs > 0 ? count / lengthNs : 0;
    this.#entries = tableOf(times, count, lengthNs / count);
  }

  static readonly NOTHING = RunningSum.ofEvents(new Float64Array(0), 1);

  /**
   * Of events that each add the same, or each its own amount.
   * @param times ascending; kept, not copied
   */
  static ofEvents(times: Float64Array, amount: number | Float64Array): RunningSum {
    if (typeof amount === 'number') return new RunningSum(times, null, amount, false);
    const before = new Float64Array(times.length + 1);
    for (let i = 0; i < times.length; i++) before[i + 1] = before[i]! + amount[i]!;
    return new RunningSum(times, before, 0, false);
  }

  /**
   * Of intervals, which may overlap: how much time they have taken, each counted.
   * @param starts and `ends`: each ascending on its own, as many of one as of the other
   */
  static ofIntervals(starts: Float64Array, ends: Float64Array): RunningSum {
    const count = ends.length;
    const times = new Float64Array(2 * count);
    const values = new Float64Array(2 * count);
    let [written, started, ended] = [0, 0, 0];
    let [level, value, last] = [0, 0, 0];
    while (ended < count) {
      const time = started < count ? Math.min(starts[started]!, ends[ended]!) : ends[ended]!;
      const before = level;
      while (started < count && starts[started] === time) {
        level++;
        started++;
      }
      while (ended < count && ends[ended] === time) {
        level--;
        ended++;
      }
      // One thread follows another on a CPU: as many run as before.
      if (level === before) continue;
      value += before * (time - last);
      times[written] = last = time;
      values[written++] = value;
    }
    return new RunningSum(times.slice(0, written), values.slice(0, written), 0, true);
  }

  get isEmpty(): boolean {
    return this.#times.length === 0;
  }

  /** All of it. */
  get total(): number {
    return this.at(Infinity);
  }

  /** The sum of everything before a moment, nanoseconds. */
  at(timeNs: number): number {
    const next = this.#firstFrom(timeNs);
    const values = this.#values;
    if (!this.#isEven) return values === null ? next * this.#step : values[next]!;
    if (next === 0) return 0;
    const before = values![next - 1]!;
    if (next === this.#times.length) return before;
    const start = this.#times[next - 1]!;
    return before + ((values![next]! - before) * (timeNs - start)) / (this.#times[next]! - start);
  }

  /** Position of the first event at a moment or after it. */
  #firstFrom(timeNs: number): number {
    const times = this.#times;
    const count = times.length;
    if (count === 0 || timeNs <= times[0]!) return 0;
    if (timeNs > times[count - 1]!) return count;
    const entry = Math.min(this.#entries.length - 2, Math.floor((timeNs - times[0]!) * this.#entriesPerNs));
    let low = this.#entries[entry]!;
    let high = this.#entries[entry + 1]!;
    // The table's moments are rounded: a step to either side makes up for it.
    while (low > 0 && times[low - 1]! >= timeNs) low--;
    while (high < count && times[high]! < timeNs) high++;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle]! < timeNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function tableOf(times: Float64Array, count: number, entryNs: number): Uint32Array {
  const entries = new Uint32Array(count + 1).fill(times.length);
  const first = times[0] ?? 0;
  let event = 0;
  for (let entry = 0; entry < count; entry++) {
    const from = first + entry * entryNs;
    while (event < times.length && times[event]! < from) event++;
    entries[entry] = event;
  }
  return entries;
}
