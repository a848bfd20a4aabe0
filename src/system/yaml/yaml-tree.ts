// YAML text as a small tree of our own: every node knows its place, aliases are followed, keys are plain text.
// The only file that knows the yaml library.

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLMap } from 'yaml';
import { UserError } from '#core/user-error';
import { ProblemList, quoteName } from './problem-list.ts';

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it stands in the file, without quotes. */
  readonly text: string;
  /** True where it stands there without quotes. */
  readonly plain: boolean;
  readonly at: number;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly at: number;
}

export interface YamlEntry {
  readonly key: string;
  readonly keyAt: number;
  readonly value: YamlNode;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly entries: readonly YamlEntry[];
  readonly at: number;
}

/** `at` is the offset in the text where the node begins. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** What kind of file it is, for messages. */
export interface FileWords {
  /** `benchmark` */
  readonly noun: string;
  /** Keys that it begins with, as a list for people. */
  readonly keys: string;
  /** What it needs at least. */
  readonly needs: string;
}

const BENCHMARK: FileWords = {
  noun: 'benchmark',
  keys: 'name, source, settings, matrix',
  needs: 'source, settings and matrix',
};

/** Files are written by hand; four megabytes hold a list of 100,000 values, one a line. */
export const MAX_FILE_CHARACTERS = 4_000_000;
const MAX_DEPTH = 32;
/** Nodes after following all aliases: a few nested aliases stand for billions otherwise. */
const MAX_NODES = 500_000;

/**
 * Reads one YAML document whose root is a mapping.
 * @param file path, for messages only
 * @param words what kind of file it is; a benchmark by default
 * @throws UserError for text that is too large, empty, or not YAML; twice the same key and the like go into `problems`
 */
export function parseYamlTree(
  text: string,
  file: string,
  words: FileWords = BENCHMARK,
): { root: YamlMap; problems: ProblemList } {
  const lines = new LineCounter();
  const problems = new ProblemList((at) => {
    const { line, col } = lines.linePos(at);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  });
  if (text.length > MAX_FILE_CHARACTERS)
    throw new UserError({
      what: `the file has ${text.length} characters, more than the ${MAX_FILE_CHARACTERS} that a ${words.noun} may have`,
      where: file,
      todo: `check that it is a ${words.noun}; write long lists as a range {from, to, step}`,
    });
  // The library's own search for equal keys is off: it tells the wrong line after an empty value.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    // Only 'silent' would hide a second document.
    logLevel: 'error',
  });
  for (const error of [...document.errors, ...document.warnings])
    problems.add(error.pos[0], syntaxMessage(error.code, error.message), syntaxRemedy(error.code, words));
  problems.throwIfAny();

  const root = new TreeBuilder(document, problems).build();
  problems.throwIfAny();
  if (root === null || (root.kind === 'scalar' && root.value === null))
    throw new UserError({
      what: 'the file is empty',
      where: `${file}:1:1`,
      todo: `a ${words.noun} needs at least ${words.needs}`,
    });
  if (root.kind !== 'map')
    throw new UserError({
      what: `a ${words.noun} is a mapping of keys, not a ${root.kind === 'list' ? 'list' : 'single value'}`,
      where: problems.where(root.at),
      todo: `begin with keys: ${words.keys}`,
    });
  return { root, problems };
}

class TreeBuilder {
  readonly #document: Document.Parsed;
  readonly #problems: ProblemList;
  /** Of aliases: what each anchor's node became, so that it is built once however often it is named. */
  readonly #built = new Map<unknown, { node: YamlNode; size: number }>();
  readonly #inProgress = new Set<unknown>();

  constructor(document: Document.Parsed, problems: ProblemList) {
    this.#document = document;
    this.#problems = problems;
  }

  build(): YamlNode | null {
    const { contents } = this.#document;
    if (contents === null) return null;
    const { node, size } = this.#node(contents, 0, 0);
    if (size > MAX_NODES)
      this.#problems.add(
        node.at,
        'aliases in this file stand for more than it could hold written out',
        'use fewer aliases',
      );
    return node;
  }

  #node(source: unknown, fallbackAt: number, depth: number): { node: YamlNode; size: number } {
    const known = this.#built.get(source);
    if (known !== undefined) return known;
    const at = offsetOf(source) ?? fallbackAt;
    const empty: YamlScalar = { kind: 'scalar', value: null, text: '', plain: true, at };
    if (depth > MAX_DEPTH || this.#inProgress.has(source)) {
      const what = depth > MAX_DEPTH ? 'this is nested too deep' : 'an alias stands inside of what it names';
      this.#problems.add(at, what, 'write it out, flatter');
      return { node: empty, size: 1 };
    }
    this.#inProgress.add(source);
    const result = this.#compose(source, at, depth, empty);
    this.#inProgress.delete(source);
    this.#built.set(source, result);
    return result;
  }

  #compose(source: unknown, at: number, depth: number, empty: YamlScalar): { node: YamlNode; size: number } {
    if (isAlias(source)) {
      const target = source.resolve(this.#document);
      if (target !== undefined) return this.#node(target, at, depth + 1);
      this.#problems.add(at, `no anchor &${source.source} before this alias`);
      return { node: empty, size: 1 };
    }
    if (isMap(source)) return this.#map(source, at, depth);
    if (isSeq(source)) {
      const items = source.items.map((item) => this.#node(item, at, depth + 1));
      const size = items.reduce((sum, item) => sum + item.size, 1);
      return { node: { kind: 'list', items: items.map((item) => item.node), at }, size };
    }
    if (!isScalar(source)) return { node: empty, size: 1 };
    const value = typeof source.value === 'object' ? null : (source.value as YamlScalar['value']);
    const plain = source.type === 'PLAIN' || source.type === undefined;
    const text = plain ? (source.source ?? '') : String(value);
    return { node: { kind: 'scalar', value, text, plain, at }, size: 1 };
  }

  #map(source: YAMLMap, at: number, depth: number): { node: YamlNode; size: number } {
    const entries: YamlEntry[] = [];
    const keyPlaces = new Map<string, number>();
    let size = 1;
    for (const { key, value } of source.items) {
      const keyAt = offsetOf(key) ?? at;
      const keyNode = isAlias(key) ? key.resolve(this.#document) : key;
      if (!isScalar(keyNode) || keyNode.value === null || typeof keyNode.value === 'object') {
        this.#problems.add(keyAt, 'a key must be plain text', 'put quotes around it, or give it a name');
        continue;
      }
      // `10:` and `1.0:` are names here, not numbers: as they were written.
      const name = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? '');
      const before = keyPlaces.get(name);
      if (before !== undefined) {
        const place = this.#problems.where(before).split(':').at(-2);
        this.#problems.add(keyAt, `${quoteName(name)} is there twice, first in line ${place}`, 'keep one of them');
        continue;
      }
      keyPlaces.set(name, keyAt);
      const child = this.#node(value, keyAt, depth + 1);
      size += child.size + 1;
      entries.push({ key: name, keyAt, value: child.node });
    }
    return { node: { kind: 'map', entries, at }, size };
  }
}

function offsetOf(node: unknown): number | null {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? null;
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here (---)';
  if (code === 'TAB_AS_INDENT') return 'a tab indents this line';
  return `not valid YAML: ${message.split('\n')[0]}`;
}

function syntaxRemedy(code: string, { noun }: FileWords): string | undefined {
  if (code === 'MULTIPLE_DOCS') return `one ${noun} a file: put the others into files of their own`;
  if (code === 'TAB_AS_INDENT') return 'YAML is indented with spaces';
  if (code === 'BAD_ALIAS') return 'text that begins with * needs quotes';
  return undefined;
}
