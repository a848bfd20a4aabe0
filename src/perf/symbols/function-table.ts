// From an ELF file's symbols and unwind entries to the function at an address.

import type { SymbolSource } from '#core/profile';
import type { ImageFunction } from '../image.ts';
import { demangle } from './demangle/demangle.ts';
import type { UnwindRanges } from './eh-frame.ts';
import { betterName, symbolName, type SymbolColumns } from './elf-symbols.ts';
import { FunctionRanges, orderByStart } from './function-ranges.ts';
import type { PltEntries } from './plt-entries.ts';

/** What a file tells of its functions. */
export interface FunctionFacts {
  /** As the image is shown. */
  readonly library: string;
  readonly symbols: SymbolColumns | null;
  /** Where they are from. */
  readonly source: SymbolSource;
  readonly unwind: UnwindRanges;
  readonly plt: PltEntries;
}

/** More names for one address than this are not compared. */
const MOST_ALIASES = 64;

/** Ranks besides that of a symbol with bounds, which is its address: what begins later lies inside of what began before. */
const RANK_PLT = Number.POSITIVE_INFINITY;
const RANK_UNWIND = -Number.MAX_VALUE;
const RANK_LABEL = Number.NEGATIVE_INFINITY;

/** Functions of one image by address. Names are read and demangled when a function is found for the first time. */
export class FunctionTable {
  readonly #library: string;
  readonly #source: SymbolSource;
  readonly #symbols: SymbolColumns | null;
  readonly #plt: PltEntries;
  readonly #ranges: FunctionRanges;
  readonly #found: (ImageFunction | undefined)[] = [];
  /** Positions in #ranges: unwind entries first, then symbols, then entries of the procedure linkage table. */
  readonly #firstSymbol: number;
  readonly #firstPlt: number;
  /** Where each of these begins, and their positions by that. */
  readonly #start: Float64Array;
  readonly #order: Uint32Array;

  constructor(facts: FunctionFacts) {
    const { symbols, unwind, plt } = facts;
    this.#library = facts.library;
    this.#source = facts.source;
    this.#symbols = symbols;
    this.#plt = plt;
    const symbolCount = symbols?.address.length ?? 0;
    this.#firstSymbol = unwind.start.length;
    this.#firstPlt = this.#firstSymbol + symbolCount;
    const count = this.#firstPlt + plt.start.length;
    const start = new Float64Array(count);
    const end = new Float64Array(count);
    const rank = new Float64Array(count);
    start.set(unwind.start);
    end.set(unwind.end);
    rank.fill(RANK_UNWIND, 0, this.#firstSymbol);
    start.set(plt.start, this.#firstPlt);
    end.set(plt.end, this.#firstPlt);
    rank.fill(RANK_PLT, this.#firstPlt);

    const labelEnds = endsOfLabels(facts);
    for (let i = 0; i < symbolCount; i++) {
      const position = this.#firstSymbol + i;
      const address = symbols!.address[i]!;
      const size = symbols!.size[i]!;
      // A label without a size is never stretched: it has the range of the unwind entry that it begins, or its own address only.
      const labelEnd = size > 0 ? undefined : labelEnds.get(address);
      start[position] = address;
      end[position] = size > 0 ? address + size : (labelEnd ?? address + 1);
      rank[position] = size > 0 || labelEnd !== undefined ? address : RANK_LABEL;
    }
    this.#start = start;
    this.#order = orderByStart(start);
    this.#ranges = new FunctionRanges({ start, end, rank }, this.#order);
  }

  find(address: number): ImageFunction | null {
    const piece = this.#ranges.at(address);
    if (piece < 0) return null;
    return (this.#found[piece] ??= this.#describe(piece));
  }

  #describe(piece: number): ImageFunction {
    const bounds = { start: this.#ranges.start[piece]!, end: this.#ranges.end[piece]! };
    const owner = this.#ranges.owner[piece]!;
    if (owner >= this.#firstPlt) {
      return { name: demangle(this.#plt.name[owner - this.#firstPlt]!()), source: 'dynamic', ...bounds };
    }
    const name = owner < this.#firstSymbol ? '' : this.#symbolName(owner - this.#firstSymbol);
    if (name !== '') return { name: demangle(name), source: this.#source, ...bounds };
    const from = owner < this.#firstSymbol ? this.#start[owner]! : bounds.start;
    return { name: `${this.#library}+0x${from.toString(16)}`, source: 'unwind', ...bounds };
  }

  #symbolName(symbol: number): string {
    const symbols = this.#symbols!;
    const aliases = this.#aliases(symbols.address[symbol]!);
    return aliases
      .map((i) => ({ name: symbolName(symbols, i), sized: symbols.size[i]! > 0, binding: symbols.binding[i]! }))
      .reduce((best, next) => betterName(best, next)).name;
  }

  /** All symbols with one address. */
  #aliases(address: number): number[] {
    const order = this.#order;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#start[order[middle]!]! < address) low = middle + 1;
      else high = middle;
    }
    const aliases: number[] = [];
    for (let i = low; i < order.length && aliases.length < MOST_ALIASES; i++) {
      const position = order[i]!;
      if (this.#start[position] !== address) break;
      if (position >= this.#firstSymbol && position < this.#firstPlt) aliases.push(position - this.#firstSymbol);
    }
    return aliases;
  }
}

/** Where the unwind entries end that symbols without a size begin, by their address. */
function endsOfLabels({ symbols, unwind }: FunctionFacts): Map<number, number> {
  const labels = new Set(symbols?.address.filter((_, i) => symbols.size[i] === 0));
  const ends = new Map<number, number>();
  if (labels.size === 0) return ends;
  for (let i = 0; i < unwind.start.length; i++) {
    if (labels.has(unwind.start[i]!)) ends.set(unwind.start[i]!, unwind.end[i]!);
  }
  return ends;
}
