// Does a title match a filter? What is not known of it matches no term, neither `=` nor `!=`.

import type { Comparison, Filter, NumberField, Term, TextField } from './filter.ts';

/** What a filter asks of a title. */
export interface Filtered {
  readonly name: string;
  readonly source: string;
  /** Name of its ladder. */
  readonly ladder: string;
  readonly state: string;
  readonly protection: string;
  /** Of its renditions; null where they are not known. */
  readonly codecs: readonly string[] | null;
  /** Of its highest rendition, pixels; null where that is not known. */
  readonly height: number | null;
  /** Of the source, seconds; null where it is not known. */
  readonly durationS: number | null;
  /** Since it ended, seconds. */
  readonly ageS: number;
}

/** `codec=a` holds where any rendition has it, `codec!=a` where none has. */
export function matches(filter: Filter, title: Filtered): boolean {
  return filter.every((term) => ('values' in term ? matchesText(term, title) : matchesNumber(term, title)));
}

function matchesText({ field, op, values }: Extract<Term, { values: unknown }>, title: Filtered): boolean {
  const own = textsOf(field, title);
  if (own === null) return false;
  const found = own.some((text) => values.some((value) => isLike(text, value)));
  return found === (op === '=');
}

function matchesNumber({ field, op, value }: Extract<Term, { value: unknown }>, title: Filtered): boolean {
  const own = numberOf(field, title);
  return own !== null && compare(own, op, value);
}

function textsOf(field: TextField, title: Filtered): readonly string[] | null {
  return field === 'codec' ? title.codecs : [title[field]];
}

function numberOf(field: NumberField, { height, durationS, ageS }: Filtered): number | null {
  return { height, duration: durationS, age: ageS }[field];
}

function compare(own: number, op: Comparison, value: number): boolean {
  switch (op) {
    case '<':
      return own < value;
    case '<=':
      return own <= value;
    case '>':
      return own > value;
    case '>=':
      return own >= value;
    case '=':
      return own === value;
    case '!=':
      return own !== value;
  }
}

/** `*` stands for anything; the time grows with the text alone, however many there are. */
function isLike(text: string, pattern: string): boolean {
  const own = text.toLowerCase();
  const parts = pattern.toLowerCase().split('*');
  const [first] = parts;
  if (parts.length === 1) return own === first;
  const last = parts.at(-1)!;
  const end = own.length - last.length;
  let at = first!.length;
  if (!own.startsWith(first!) || end < at || !own.endsWith(last)) return false;
  for (const part of parts.slice(1, -1)) {
    const found = own.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
