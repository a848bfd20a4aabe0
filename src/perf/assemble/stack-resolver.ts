// From a sample's addresses to a node of the stack trie. Nearly all is remembered: the function of an address, and the node of a whole
// row of callers by its hash, so that a sample of known callers costs a hash and two look-ups.

import { INSTRUCTION_KINDS } from '#core/profile';
import type { ProfileBuilder } from '#profile/profile-builder';
import type { Image, ImageFunction, Images } from '../image.ts';
import type { PerfMapping } from '../perf-data/perf-records.ts';
import type { PerfSample } from '../perf-data/perf-sample.ts';
import { namedImage } from '../symbols/named-image.ts';
import { EMPTY_SPACE, type AddressSpace } from './address-space.ts';
import { PairTable } from './pair-table.ts';

/** Entries of a callchain from here up (of the highest half of the highest numbers) say what follows: PERF_CONTEXT_KERNEL, _USER … */
const CONTEXT_LOWEST = -4095;
const CONTEXT_USER = -512;
/** Mapped, but of no file. */
const GENERATED = /^(\/\/anon|\[heap\]|\[stack|\[anon|\/memfd:|anon_inode:|\/dev\/zero|\/SYSV)/;
const UNKNOWN = '[unknown]';
const KINDS = INSTRUCTION_KINDS.length;
const OTHER_KERNEL =
  'It was recorded on another machine, or before this one was started: the addresses of its kernel say nothing here. Import it where it was recorded.';

/** In an image's own numbering. */
interface Place {
  readonly image: Image;
  readonly address: number;
}

export class StackResolver {
  /** Code in INSTRUCTION_KINDS of what the last sample found; 0 where it stands in the kernel or its bytes are not to be had. */
  instruction = 0;

  readonly #builder: ProfileBuilder;
  readonly #images: Images;
  readonly #kernelSymbols: { readonly start: number; readonly end: number; readonly name: string }[] = [];
  /** The function that a caller's address in a space lies in. */
  readonly #callerAt = new PairTable();
  /** The same of where samples were taken, with the kind of the instruction: `function * KINDS + kind`. */
  readonly #leafAt = new PairTable();
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

  /** Sets `instruction` too. @returns the node, -1 where the sample has no address at all */
  stackOf(sample: PerfSample, space: AddressSpace): number {
    const { view, chainAt, chainLength, ipAt } = sample;
    const leaf = leafOf(sample);
    const leafAt = leaf < 0 ? ipAt : chainAt + leaf * 8;
    this.instruction = 0;
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
    const found = this.#leaf(low, high, space);
    // A callchain without the kernel's part does not begin where the sample was taken.
    const isThere = ipAt >= 0 && view.getInt32(ipAt, true) === low && view.getInt32(ipAt + 4, true) === high;
    if (isThere) this.instruction = found % KINDS;
    return this.#builder.stacks.add(node, Math.floor(found / KINDS));
  }

  /** From the outermost caller inwards. */
  #walk(sample: PerfSample, first: number, space: AddressSpace): number {
    const { view, chainAt, chainLength } = sample;
    const userFrom = userPartOf(sample);
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
      // Code without frame pointers leaves any value there; no program returns into the kernel.
      const isStray = i >= userFrom && high < 0;
      node = this.#builder.stacks.add(node, isStray ? this.#function(0, null) : this.#caller(low, high, space));
    }
    return node;
  }

  #caller(low: number, high: number, space: AddressSpace): number {
    const number = high < 0 ? EMPTY_SPACE : space.number;
    const known = this.#callerAt.get(low, high, number);
    if (known >= 0) return known;
    const address = addressFrom(low, high);
    const found = this.#function(address, this.#placeOf(address, space));
    this.#callerAt.add(low, high, number, found);
    return found;
  }

  #leaf(low: number, high: number, space: AddressSpace): number {
    const number = high < 0 ? EMPTY_SPACE : space.number;
    const known = this.#leafAt.get(low, high, number);
    if (known >= 0) return known;
    const address = addressFrom(low, high);
    const place = this.#placeOf(address, space);
    const kind = place === null || address < 0 ? 0 : place.image.instructionAt(place.address);
    const found = this.#function(address, place) * KINDS + kind;
    this.#leafAt.add(low, high, number, found);
    return found;
  }

  #function(address: number, place: Place | null): number {
    if (place === null) return this.#builder.function(UNKNOWN, UNKNOWN, 'unknown', 'none');
    const { library, kind } = place.image;
    const found = place.image.find(place.address);
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

  #placeOf(address: number, space: AddressSpace): Place | null {
    if (address < 0) {
      this.#kernel ??= this.#images.kernel();
      return { image: this.#kernel, address };
    }
    const range = space.find(address);
    if (range === null) return null;
    const { mapping } = range;
    const image = this.#image(mapping);
    if (image.kind === 'jit') return { image, address };
    return { image, address: image.addressOf(address - mapping.start + mapping.fileOffset) };
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

/** The position in the callchain from which on it is the program's and not the kernel's; its length where it has no such part. */
function userPartOf({ view, chainAt, chainLength }: PerfSample): number {
  for (let i = 0; i < chainLength; i++) {
    const at = chainAt + i * 8;
    if (view.getInt32(at, true) === CONTEXT_USER && view.getInt32(at + 4, true) === -1) return i;
  }
  return chainLength;
}

function isContext(low: number, high: number): boolean {
  return high === -1 && low < 0 && low >= CONTEXT_LOWEST;
}

function addressFrom(low: number, high: number): number {
  return high * 0x1_0000_0000 + (low >>> 0);
}
