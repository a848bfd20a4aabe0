// When frames ended on their way, by where and why: how many that were in a stretch of time.

/** Of the times of one place the older half goes when there are more. */
const USUAL_MOST = 65_536;

export class LossTimes {
  readonly #times = new Map<string, number[]>();
  readonly #most: number;

  /** @param most times of one place that are kept */
  constructor(most = USUAL_MOST) {
    this.#most = Math.max(2, most);
  }

  /**
   * @param where `role step: outcome`
   * @param at seconds
   */
  add(where: string, at: number): void {
    let times = this.#times.get(where);
    if (times === undefined) this.#times.set(where, (times = []));
    times.push(at);
    if (times.length > this.#most) times.splice(0, times.length >> 1);
  }

  /**
   * Both ends belong to the stretch.
   * @returns places where there were any, the one with most of them first
   */
  counts(from: number, to: number): [where: string, count: number][] {
    const counts = [...this.#times].map(([where, times]): [string, number] => [
      where,
      times.reduce((count, at) => count + (at >= from && at <= to ? 1 : 0), 0),
    ]);
    return counts.filter(([, count]) => count > 0).toSorted((a, b) => b[1] - a[1]);
  }

  clear(): void {
    this.#times.clear();
  }
}
