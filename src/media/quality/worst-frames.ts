// The worst frames of a pass, chosen while it goes on: never more of them are held than are wanted. Pure.

/** Two of them are at least this far apart: neighbours look alike. */
export const MIN_DISTANCE_S = 0.5;

export interface Scored {
  readonly timeS: number;
  /** Higher is better. */
  readonly value: number;
}

export class WorstFrames<T extends Scored> {
  readonly #count: number;
  readonly #release: (frame: T) => void;
  readonly #kept: T[] = [];

  /** @param release is told each frame that is not among the worst any more */
  constructor(count: number, release: (frame: T) => void) {
    this.#count = count;
    this.#release = release;
  }

  /** Whether a frame with this score would be taken: so its pictures need no keeping where it would not. */
  takes({ timeS, value }: Scored): boolean {
    if (this.#count === 0 || !Number.isFinite(value)) return false;
    const near = this.#kept.filter((each) => Math.abs(each.timeS - timeS) < MIN_DISTANCE_S);
    if (near.length > 0) return near.every((each) => value < each.value);
    return this.#kept.length < this.#count || value < this.#best().value;
  }

  /** Takes a frame that `takes` said yes to. */
  add(frame: T): void {
    const near = this.#kept.filter((each) => Math.abs(each.timeS - frame.timeS) < MIN_DISTANCE_S);
    for (const each of near) this.#drop(each);
    if (this.#kept.length === this.#count) this.#drop(this.#best());
    this.#kept.push(frame);
  }

  /** The worst first. */
  sorted(): T[] {
    return this.#kept.toSorted((a, b) => a.value - b.value);
  }

  #best(): T {
    return this.#kept.reduce((best, each) => (each.value > best.value ? each : best));
  }

  #drop(frame: T): void {
    this.#kept.splice(this.#kept.indexOf(frame), 1);
    this.#release(frame);
  }
}
