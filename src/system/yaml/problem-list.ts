// Everything that is wrong with one file, so that all of it is mended in one go.

import { nearestName } from '#core/nearest-name';
import { UserError, type Problem } from '#core/user-error';

/** Problems told of one file; a file that is wrong throughout is not worth more. */
const MAX_PROBLEMS = 30;

/** Collects problems by their place in the text. */
export class ProblemList {
  readonly #position: (offset: number) => string;
  readonly #problems: Problem[] = [];
  #leftOut = 0;

  /** @param position from an offset in the text to `file:line:column` */
  constructor(position: (offset: number) => string) {
    this.#position = position;
  }

  /** `file:line:column` of an offset. */
  where(at: number): string {
    return this.#position(at);
  }

  /** @param at offset in the text, or the place itself */
  add(at: number | string, what: string, todo?: string): void {
    const where = typeof at === 'number' ? this.where(at) : at;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ what, where, todo });
    else this.#leftOut++;
  }

  /** A name that nobody knows: the nearest right one, else the list of them. */
  addUnknown(at: number, kind: string, name: string, known: readonly string[]): void {
    const nearest = nearestName(name, known);
    const todo = nearest === null ? `known here: ${listNames(known)}` : `did you mean ${quoteName(nearest)}?`;
    this.add(at, `unknown ${kind} ${quoteName(name)}`, todo);
  }

  get any(): boolean {
    return this.#problems.length > 0;
  }

  /** @throws UserError with all problems, in the file's order */
  throwIfAny(): void {
    if (!this.any) return;
    const more = this.#leftOut === 0 ? [] : [{ what: `and ${this.#leftOut} more problems of this kind` }];
    throw new UserError([...this.#problems, ...more]);
  }
}

/** Names shown in an error message. */
const MAX_LISTED = 24;
const MAX_SHOWN_LENGTH = 60;

export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map((name) => shorten(name));
  return names.length > MAX_LISTED ? `${shown.join(', ')} and ${names.length - MAX_LISTED} more` : shown.join(', ');
}

export function quoteName(name: string): string {
  return `'${shorten(name)}'`;
}

function shorten(text: string): string {
  // A control character in a message could repaint the terminal.
  const plain = text.replaceAll(/\p{Cc}/gu, '\u{fffd}');
  return plain.length > MAX_SHOWN_LENGTH ? `${plain.slice(0, MAX_SHOWN_LENGTH)}…` : plain;
}
