// The functions and stacks of a profile, and those that come to them. What was there keeps its numbers.

import { SYMBOL_SOURCES, type FunctionTable, type Profile, type StackTable } from '#core/profile';
import { StackTrie } from './stack-trie.ts';

const GIVEN = SYMBOL_SOURCES.indexOf('given');

export class MoreStacks {
  readonly #libraries: string[];
  readonly #names: string[];
  readonly #library: number[];
  readonly #kind: number[];
  readonly #source: number[];
  readonly #trie = new StackTrie();
  readonly #known = new Map<string, number>();

  constructor({ functions, stacks, libraries }: Pick<Profile, 'functions' | 'stacks' | 'libraries'>) {
    this.#libraries = [...libraries];
    this.#names = [...functions.name];
    this.#library = [...functions.library];
    this.#kind = [...functions.kind];
    this.#source = [...functions.source];
    for (const [position, name] of functions.name.entries()) {
      const key = keyOf(name, libraries[functions.library[position]!]!, functions.kind[position]!);
      if (!this.#known.has(key)) this.#known.set(key, position);
    }
    // Distinct stacks whose callers stand before them get the same numbers again.
    for (let node = 0; node < stacks.parent.length; node++)
      this.#trie.add(stacks.parent[node]!, stacks.function[node]!);
  }

  /** The stack of `parent` (-1 for none) with this function on top of it. */
  add(parent: number, called: number): number {
    return this.#trie.add(parent, called);
  }

  /**
   * @param kind code in FUNCTION_KINDS
   * @param source code in SYMBOL_SOURCES
   */
  function(name: string, library: string, kind: number, source = GIVEN): number {
    const key = keyOf(name, library, kind);
    let position = this.#known.get(key);
    if (position !== undefined) return position;
    let owner = this.#libraries.indexOf(library);
    if (owner < 0) owner = this.#libraries.push(library) - 1;
    position = this.#names.push(name) - 1;
    this.#library.push(owner);
    this.#kind.push(kind);
    this.#source.push(source);
    this.#known.set(key, position);
    return position;
  }

  /** By function of another profile: which it is here. */
  functionsOf({ functions, libraries }: Pick<Profile, 'functions' | 'libraries'>): Uint32Array {
    return Uint32Array.from(functions.name, (name, i) =>
      this.function(name, libraries[functions.library[i]!]!, functions.kind[i]!, functions.source[i]!),
    );
  }

  tables(): { functions: FunctionTable; stacks: StackTable; libraries: readonly string[] } {
    return {
      libraries: this.#libraries,
      functions: {
        name: this.#names,
        library: Uint32Array.from(this.#library),
        kind: Uint8Array.from(this.#kind),
        source: Uint8Array.from(this.#source),
      },
      stacks: this.#trie.table(),
    };
  }
}

function keyOf(name: string, library: string, kind: number): string {
  return `${library}\0${kind}\0${name}`;
}
