// From a sample's addresses to a node of the stack trie. Nearly all is remembered: the function of an address, and the node of a whole
// row of callers by its hash, so that a sample of known callers costs a hash and two look-ups.

import type { ProfileBuilder } from '#profile/profile-builder';
import type { Image, ImageFunction, Images } from '../image.ts';
import type { PerfMapping } from '../perf-data/perf-records.ts';
import type { PerfSample } from '../perf-data/perf-sample.ts';
import { namedImage } from '../symbols/named-image.ts';
import { EMPTY_SPACE, type AddressSpace } from './address-space.ts';
import { PairTable } from './pair-table.ts';

/** Entries of a callchain from here up (of the highest half of the highest numbers) say what follows: PERF_CONTEXT_KERNEL, _USER … */
const CONTEXT_LOWEST = -4095;
/** Mapped, but of no file. */
const GENERATED = /^(\/\/anon|\[heap\]|\[stack|\[anon|\/memfd:|anon_inode:|\/dev\/zero|\/SYSV)/;
const UNKNOWN = '[unknown]';
const OTHER_KERNEL =
  'It was recorded on another machine, or before this one was started: the addresses of its kernel say nothing here. Import it where it was recorded.';

export class StackResolver {
  readonly #builder: ProfileBuilder;
  readonly #images: Images;
  readonly #kernelSymbols: { readonly start: number; readonly end: number; readonly name: string }[] = [];
  /** A function, by its address in a space. */
  readonly #functionAt = new PairTable();
  /** An instruction's kind, by its address in a space. */
  readonly #instructionAt = new PairTable();
  /** A node + 1, by the hash of its callers. */
  readonly #callers = new PairTable();
  readonly #known = new Map<ImageFunction, number>();
  readonly #imageOf = new Map<PerfMapping, Image>();
  readonly #imageByPath = new Map<string, Image>();
  readonly #buildIds: (path: string) => string | null;
  #kernel: Image | null = null;

  /** @param buildIds of files whose mappings don't tell theirs */
  constructor(builder: ProfileBuilder, images: Images, buildIds: (path: string) => string | null) {
    this.#builder = builder;
    this.#images = images;
    this.#buildIds = buildIds;
  }

  /** Images that were used, with why their names are not better. */
  get images(): Iterable<Image> {
    return [...this.#imageByPath.values(), ...(this.#kernel === null ? [] : [this.#kernel])];
  }

  addKernelSymbol(start: number, end: number, name: string): void {
    this.#kernelSymbols.push({ start, end, name });
  }

  /**
   * Where the text of the recorded kernel began. Where none of our kernel's functions begins there, it is another kernel, or another start
   * of ours at other addresses: its names would be wrong.
   */
  kernelTextAt(address: number): void {
    const kernel = this.#images.kernel();
    const isHidden = address >= 0 || kernel.todo !== null;
    const isOurs = isHidden || kernel.find(address)?.start === address;
    this.#kernel = isOurs ? kernel : namedImage(kernel.library, 'kernel', OTHER_KERNEL);
  }

  /** @returns the node, -1 where the sample has no address at all */
  stackOf(sample: PerfSample, space: AddressSpace): number {
    const { view, chainAt, chainLength } = sample;
    const leaf = leafOf(sample);
    const leafAt = leaf < 0 ? sample.ipAt : chainAt + leaf * 8;
    if (leafAt < 0) return -1;
    const first = leaf < 0 ? chainLength : leaf + 1;
    let h1 = 0;
    let h2 = 0;
    for (let i = chainLength - 1; i >= first; i--) {
      const low = view.getInt32(chainAt + i * 8, true);
      const high = view.getInt32(chainAt + i * 8 + 4, true);
      h1 = Math.imul(h1 ^ low, 0x9e3779b1) + high;
      h1 ^= h1 >>> 15;
      h2 = Math.imul(h2 + low, 0x85ebca6b) ^ Math.imul(high, 0xc2b2ae35);
      h2 ^= h2 >>> 13;
    }
    h1 |= 0;
    let node = -1;
    if (first < chainLength) {
      // Of 64 bits: that two of a million rows are alike has a chance of 1 to 30 million.
      node = this.#callers.get(h1, h2, space.number) - 1;
      if (node < -1) {
        node = this.#walk(sample, first, space);
        this.#callers.add(h1, h2, space.number, node + 1);
      }
    }
    const low = view.getInt32(leafAt, true);
    const high = view.getInt32(leafAt + 4, true);
    return this.#builder.stacks.add(node, this.#function(low, high, space));
  }

  /** Code in INSTRUCTION_KINDS of the instruction that the sample found. */
  instructionOf(sample: PerfSample, space: AddressSpace): number {
    if (sample.ipAt < 0) return 0;
    const low = sample.view.getInt32(sample.ipAt, true);
    const high = sample.view.getInt32(sample.ipAt + 4, true);
    if (high < 0) return 0;
    const known = this.#instructionAt.get(low, high, space.number);
    if (known >= 0) return known;
    const address = addressFrom(low, high);
    const place = this.#placeOf(address, space);
    const kind = place === null ? 0 : place.image.instructionAt(place.at(address));
    this.#instructionAt.add(low, high, space.number, kind);
    return kind;
  }

  /** From the outermost caller inwards. */
  #walk(sample: PerfSample, first: number, space: AddressSpace): number {
    const { view, chainAt, chainLength } = sample;
    let node = -1;
    for (let i = chainLength - 1; i >= first; i--) {
      let low = view.getInt32(chainAt + i * 8, true);
      let high = view.getInt32(chainAt + i * 8 + 4, true);
      if (isContext(low, high)) continue;
      // Where a call returns to may be another function already. What follows a mark is where it was interrupted.
      const before = chainAt + (i - 1) * 8;
      if (!isContext(view.getInt32(before, true), view.getInt32(before + 4, true))) {
        if (low === 0) high = (high - 1) | 0;
        low = (low - 1) | 0;
      }
      node = this.#builder.stacks.add(node, this.#function(low, high, space));
    }
    return node;
  }

  #function(low: number, high: number, space: AddressSpace): number {
    const number = high < 0 ? EMPTY_SPACE : space.number;
    const known = this.#functionAt.get(low, high, number);
    if (known >= 0) return known;
    const found = this.#find(addressFrom(low, high), space);
    this.#functionAt.add(low, high, number, found);
    return found;
  }

  #find(address: number, space: AddressSpace): number {
    const place = this.#placeOf(address, space);
    if (place === null) return this.#builder.function(UNKNOWN, UNKNOWN, 'unknown', 'none');
    const { library, kind } = place.image;
    const found = place.image.find(place.at(address));
    if (found !== null) {
      let known = this.#known.get(found);
      if (known === undefined) {
        known = this.#builder.function(found.name, library, kind, found.source);
        this.#known.set(found, known);
      }
      return known;
    }
    if (address < 0) {
      const symbol = this.#kernelSymbols.findLast(({ start, end }) => start <= address && address < end);
      if (symbol !== undefined) return this.#builder.function(symbol.name, library, kind, 'map');
    }
    return this.#builder.function(UNKNOWN, library, kind, 'none');
  }

  #placeOf(address: number, space: AddressSpace): { image: Image; at: (address: number) => number } | null {
    if (address < 0) {
      this.#kernel ??= this.#images.kernel();
      return { image: this.#kernel, at: itself };
    }
    const range = space.find(address);
    if (range === null) return null;
    const { mapping } = range;
    const image = this.#image(mapping);
    if (image.kind === 'jit') return { image, at: itself };
    return { image, at: (place) => image.addressOf(place - mapping.start + mapping.fileOffset) };
  }

  #image(mapping: PerfMapping): Image {
    const known = this.#imageOf.get(mapping);
    if (known !== undefined) return known;
    const { path, process } = mapping;
    const buildId = mapping.buildId ?? this.#buildIds(path);
    const key = GENERATED.test(path) ? `\0${process}` : `${path}\0${buildId}`;
    let image = this.#imageByPath.get(key);
    if (image === undefined) {
      if (GENERATED.test(path)) image = this.#images.perfMap(process);
      else image = path === '[vdso]' ? this.#images.vdso() : this.#images.file(path, buildId);
      this.#imageByPath.set(key, image);
    }
    this.#imageOf.set(mapping, image);
    return image;
  }
}

/** The position in the callchain of what ran; -1 where it is not in it. */
function leafOf({ view, chainAt, chainLength }: PerfSample): number {
  for (let i = 0; i < chainLength; i++) {
    const at = chainAt + i * 8;
    if (!isContext(view.getInt32(at, true), view.getInt32(at + 4, true))) return i;
  }
  return -1;
}

function isContext(low: number, high: number): boolean {
  return high === -1 && low < 0 && low >= CONTEXT_LOWEST;
}

function addressFrom(low: number, high: number): number {
  return high * 0x1_0000_0000 + (low >>> 0);
}

function itself(address: number): number {
  return address;
}
