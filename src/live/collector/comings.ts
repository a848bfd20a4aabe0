// Agents that come and go, told in the feed: a line each, and a sum where a crowd passes by.

/** Lines of agents without a part of the session, in each time of that length; the others are counted. */
const MAX_LINES = 20;
const SPAN_MS = 10_000;

export class Comings {
  readonly #tell: (text: string) => void;
  #lines = 0;
  #came = 0;
  #went = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** @param hasPart of the session: it has its line always */
  came(name: string, hasPart: boolean): void {
    if (hasPart || this.#hasLine()) this.#tell(`${name} is connected`);
    else this.#came++;
  }

  /** @param why for people: `its connection ended` */
  went(name: string, hasPart: boolean, why: string): void {
    if (hasPart || this.#hasLine()) this.#tell(`${name} is lost: ${why}`);
    else this.#went++;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #hasLine(): boolean {
    this.#timer ??= setTimeout(() => this.#sum(), SPAN_MS).unref();
    return ++this.#lines <= MAX_LINES;
  }

  #sum(): void {
    const [came, went] = [this.#came, this.#went];
    this.#timer = null;
    this.#lines = this.#came = this.#went = 0;
    if (came + went > 0) this.#tell(`Besides, agents were connected ${came} times and lost ${went} times.`);
  }
}
