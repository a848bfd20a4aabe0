// The running kernel's functions from /proc/kallsyms, modules among them. It tells no sizes: a function ends where the next begins.

import { readFileSync } from 'node:fs';
import { INSTRUCTION_KINDS } from '#core/profile';
import type { Image, ImageFunction } from '../image.ts';
import { betterName } from './elf-symbols.ts';
import { orderByStart } from './function-ranges.ts';
import { namedImage } from './named-image.ts';

const LIBRARY = '[kernel]';
/** Of a machine with 64 bits; a list of 32 bits is none that is read. */
const ADDRESS_DIGITS = 16;
const UNKNOWN = INSTRUCTION_KINDS.indexOf('unknown');
/** Bytes of a function whose end nothing tells: the last one of a module or of the kernel. */
const MOST_FUNCTION_BYTES = 65_536;
const HIDDEN =
  'The kernel hides the addresses of its functions from this user. `sudo sysctl kernel.kptr_restrict=0 kernel.perf_event_paranoid=1` shows them until the next start.';

/** @param path of a list as the kernel writes it: `ffffffff81000000 T _text`, a tab and `[module]` behind those of modules */
export function kernelImage(path = '/proc/kallsyms'): Image {
  let list: Buffer;
  try {
    list = readFileSync(path);
  } catch (error) {
    return namedImage(LIBRARY, 'kernel', `${path} can't be read: ${(error as Error).message}.`);
  }
  const lines = readLines(list);
  if (lines.address.length === 0) return namedImage(LIBRARY, 'kernel', HIDDEN);
  return new KernelImage(list, lines);
}

/** Symbols of the kernel's code: where each is, and where its line begins in the list. */
interface Lines {
  readonly address: number[];
  readonly offset: number[];
}

class KernelImage implements Image {
  readonly library = LIBRARY;
  readonly kind = 'kernel';
  readonly todo = null;
  readonly #list: Buffer;
  readonly #addresses: Float64Array;
  readonly #offsets: Uint32Array;
  readonly #found = new Map<number, ImageFunction>();

  constructor(list: Buffer, { address, offset }: Lines) {
    const order = orderByStart(Float64Array.from(address));
    this.#list = list;
    this.#addresses = new Float64Array(order.length);
    this.#offsets = new Uint32Array(order.length);
    for (const [row, position] of order.entries()) {
      this.#addresses[row] = address[position]!;
      this.#offsets[row] = offset[position]!;
    }
  }

  addressOf(address: number): number {
    return address;
  }

  find(address: number): ImageFunction | null {
    const after = firstAfter(this.#addresses, address);
    if (after === 0) return null;
    const start = this.#addresses[after - 1]!;
    const end = Math.min(this.#addresses[after] ?? Number.POSITIVE_INFINITY, start + MOST_FUNCTION_BYTES);
    if (address >= end) return null;
    const known = this.#found.get(start);
    if (known !== undefined) return known;
    const made: ImageFunction = { name: this.#nameAt(after - 1), source: 'symbols', start, end };
    this.#found.set(start, made);
    return made;
  }

  instructionAt(): number {
    return UNKNOWN;
  }

  #nameAt(last: number): string {
    let first = last;
    while (first > 0 && this.#addresses[first - 1] === this.#addresses[last]) first--;
    return Array.from(this.#offsets.subarray(first, last + 1), (offset) => {
      const end = this.#list.indexOf(0x0a, offset);
      const line = this.#list.toString('latin1', offset, end < 0 ? this.#list.length : end);
      const [, type = '', name = ''] = line.split(' ', 3);
      return { name: name.replace('\t', ' '), sized: true, binding: bindingOf(type) };
    }).reduce((best, next) => betterName(best, next)).name;
  }
}

/** ELF's number for what a letter says. */
function bindingOf(type: string): number {
  if (type === 'W' || type === 'w') return 2;
  return type === 'T' ? 1 : 0;
}

/** Lines of code symbols; none where all addresses are zero. */
function readLines(list: Buffer): Lines {
  const lines: Lines = { address: [], offset: [] };
  for (let at = 0; at < list.length;) {
    const end = list.indexOf(0x0a, at);
    const next = end < 0 ? list.length : end + 1;
    const address = readAddress(list, at);
    const type = list[at + ADDRESS_DIGITS + 1];
    const isCode = type === 0x74 || type === 0x54 || type === 0x77 || type === 0x57; // t, T, w, W
    if (isCode && address !== 0 && at + ADDRESS_DIGITS + 3 < next) {
      lines.address.push(address);
      lines.offset.push(at);
    }
    at = next;
  }
  return lines;
}

/** As a signed number: exact, as the kernel's own addresses are the last ones of all. 0 of what is no address. */
function readAddress(list: Buffer, at: number): number {
  if (list[at + ADDRESS_DIGITS] !== 0x20) return 0;
  let high = 0;
  let low = 0;
  for (let i = 0; i < ADDRESS_DIGITS; i++) {
    const code = list[at + i]!;
    const digit = code >= 0x61 && code <= 0x66 ? code - 0x57 : code - 0x30;
    if (digit < 0 || digit > 15 || (code > 0x39 && code < 0x61)) return 0;
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | digit;
  }
  return high * 2 ** 32 + (low >>> 0);
}

/** Position of the first value above a limit. */
function firstAfter(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
