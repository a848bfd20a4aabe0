// One mapping of a workload's file: its known keys, and plain values with their units.

import type { ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry, YamlMap, YamlNode } from '#system/yaml/yaml-tree';
import { formatDuration, formatQuantity } from '#core/format-quantity';
import { parseBytes, parseBytesPerSecond, parsePlain, parseSeconds } from '#core/parse-quantity';
import { parseShapeFilter } from './shape-filter.ts';
import type { Quantity } from './workload.ts';

export interface SectionKeys {
  /** What the mapping is, for messages. */
  readonly noun: string;
  readonly keys: readonly string[];
  readonly example: string;
}

/** How a value is written: its parser, what it is in words, and an example. */
export interface Written {
  readonly parse: (text: string) => number | null;
  readonly words: string;
  readonly example: string;
  /** Its limit for people; the bare number where left out. */
  readonly show?: (value: number) => string;
}

const showBytes = (value: number) => formatQuantity(value, 'byte');
export const SECONDS: Written = {
  parse: parseSeconds,
  words: 'a duration with its unit',
  example: '45s',
  show: formatDuration,
};
export const BYTES: Written = { parse: parseBytes, words: 'a size with its unit', example: '2GB', show: showBytes };
export const RATE: Written = {
  parse: parseBytesPerSecond,
  words: 'a rate with its unit',
  example: '50MB/s',
  show: (value) => `${showBytes(value)}/s`,
};

const QUANTITY_KEYS: readonly string[] = ['median', 'spread'];
const MAX_NAME_LENGTH = 100;
/** The word for all shapes of the lab. */
const ALL_SHAPES = 'lab';

export class Section {
  readonly entries = new Map<string, YamlEntry>();
  readonly problems: ProblemList;

  /** Tells every key that is not known. */
  constructor(map: YamlMap, { noun, keys }: SectionKeys, problems: ProblemList) {
    this.problems = problems;
    for (const entry of map.entries)
      if (keys.includes(entry.key)) this.entries.set(entry.key, entry);
      else problems.addUnknown(entry.keyAt, `key of ${noun}`, entry.key, keys);
  }

  entry(key: string): YamlEntry | undefined {
    return this.entries.get(key);
  }

  /** A mapping under a key; null where it is absent or none, after telling. */
  inner(key: string, words: SectionKeys): Section | null {
    const entry = this.entry(key);
    return entry === undefined ? null : sectionOf(entry.value, words, this.problems);
  }

  /** Text of one line; the default where it is absent or none, after telling. */
  text(key: string, absent: string): string {
    const entry = this.entry(key);
    if (entry === undefined) return absent;
    const text = entry.value.kind === 'scalar' ? entry.value.text : null;
    if (text !== null && text.trim() !== '' && text.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(text)) return text;
    this.problems.add(
      entry.value.at,
      `${key} is a text of 1 to ${MAX_NAME_LENGTH} characters on one line, none of them a control character`,
    );
    return absent;
  }

  /** Which shapes are meant; `lab` and nothing at all mean all of them. */
  shapes(key: string): string {
    const entry = this.entry(key);
    const text = this.text(key, '').trim();
    if (entry === undefined || text === '' || text === ALL_SHAPES) return '';
    const parsed = parseShapeFilter(text);
    if (parsed.ok) return text;
    this.problems.add(entry.value.at, parsed.what, parsed.todo);
    return '';
  }

  number(key: string, absent: number, max: number): number {
    return this.value(key, absent, max, { parse: parsePlain, words: 'a number', example: '0.3' });
  }

  seconds(key: string, absent: number, max: number): number {
    return this.value(key, absent, max, SECONDS);
  }

  value<T extends number | null>(key: string, absent: T, max: number, written: Written): number | T {
    const entry = this.entry(key);
    if (entry === undefined) return absent;
    return parseValue(entry.value, key, max, written, this.problems) ?? absent;
  }

  /** `45s`, or `{median: 45s, spread: 0.5}`; 0 where it is absent. */
  quantity(key: string, max: number, maxSigma: number, written: Written): Quantity {
    const entry = this.entry(key);
    if (entry?.value.kind !== 'map') return { median: this.value(key, 0, max, written), sigma: 0 };
    const example = `{median: ${written.example}, spread: 0.3}`;
    const inner = new Section(entry.value, { noun: key, keys: QUANTITY_KEYS, example }, this.problems);
    if (inner.entry('median') === undefined)
      this.problems.add(entry.value.at, `${key} has no median`, `${key}: ${example}`);
    return { median: inner.value('median', 0, max, written), sigma: inner.number('spread', 0, maxSigma) };
  }
}

/** Null where the node is no mapping, after telling. */
export function sectionOf(node: YamlNode, words: SectionKeys, problems: ProblemList): Section | null {
  if (node.kind === 'map') return new Section(node, words, problems);
  problems.add(node.at, `${words.noun} is a mapping`, words.example);
  return null;
}

function parseValue(
  node: YamlNode,
  key: string,
  max: number,
  { parse, words, example, show }: Written,
  problems: ProblemList,
): number | null {
  const value = node.kind === 'scalar' ? parse(node.text) : null;
  if (value !== null && value <= max) return value;
  const limit = value === null ? '' : ` of at most ${(show ?? String)(max)}`;
  problems.add(node.at, `${key} is ${words}${limit}`, `write ${key}: ${example}`);
  return null;
}
