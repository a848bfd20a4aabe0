// A place in a mangled name, with a bound on depth and work: names come from files that anybody may have made.

import { Unreadable } from './itanium-node.ts';

const MOST_DEPTH = 192;
const MOST_STEPS = 50_000;

export class ItaniumCursor {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #steps = 0;

  constructor(mangled: string) {
    this.#text = mangled;
  }

  peek(ahead = 0): string {
    return this.#text[this.#at + ahead] ?? '';
  }

  /** The next two characters. */
  get two(): string {
    return this.#text.slice(this.#at, this.#at + 2);
  }

  take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw new Unreadable(`no ${token}`);
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Decimal digits, as they are written. */
  digits(): string {
    const from = this.#at;
    while (this.peek() >= '0' && this.peek() <= '9') this.#at++;
    if (this.#at === from) throw new Unreadable('no number');
    return this.#text.slice(from, this.#at);
  }

  /** Everything up to a character, which is taken too. */
  until(character: string): string {
    const end = this.#text.indexOf(character, this.#at);
    if (end < 0) throw new Unreadable(`no ${character}`);
    const found = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return found;
  }

  /** Counts depth and work; @throws Unreadable beyond all measure */
  guarded<Result>(read: () => Result): Result {
    if (++this.#depth > MOST_DEPTH || ++this.#steps > MOST_STEPS) throw new Unreadable('too deep');
    const result = read();
    this.#depth--;
    return result;
  }

  /** `_` is 0, `0_` is 1. */
  sequenceNumber(): number {
    if (this.take('_')) return 0;
    const number = Number(this.digits()) + 1;
    this.expect('_');
    return number;
  }

  /** A length and that many characters. */
  sourceName(): string {
    const length = Number(this.digits());
    const name = this.#text.slice(this.#at, this.#at + length);
    if (length === 0 || name.length < length) throw new Unreadable('a name that is cut off');
    this.#at += length;
    return name;
  }

  /** Digits and capital letters up to `_`. */
  base36(): number {
    const digits = this.until('_');
    if (!/^[\dA-Z]{1,6}$/.test(digits)) throw new Unreadable('no number');
    return Number.parseInt(digits, 36);
  }
}
