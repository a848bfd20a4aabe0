// Where functions begin and end as the unwinder is told: the FDEs of .eh_frame (Linux Standard Base, "Exception Frames"; DWARF 5,
// section 6.4). A stripped library still has them.

import { sectionBytes, signed64, viewOf, type ElfFile, type ElfSection } from './elf-file.ts';

export interface UnwindRanges {
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/** How a CIE's FDEs write their addresses; null: in a way that is not read here. */
type Encoding = { readonly format: number; readonly relative: boolean } | null;

const RELATIVE_TO_ITSELF = 0x10;
const APPLICATION = 0x70;
const SIGNED = 0x08;
/** Its length, the way to its CIE, and two addresses of two bytes. */
const LEAST_FDE_BYTES = 12;
/** Characters of a CIE's augmentation string. */
const MOST_AUGMENTATION = 32;

/** All FDE ranges of a file, in the order of the section; what is cut off or written in an unknown way is left out. */
export function unwindRanges(elf: ElfFile): UnwindRanges {
  const section = elf.sections.find(({ name, size }) => name === '.eh_frame' && size > 0);
  return section === undefined
    ? { start: new Float64Array(0), end: new Float64Array(0) }
    : new Walk(elf, section).ranges();
}

class Walk {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #section: ElfSection;
  readonly #word: number;
  readonly #start: Float64Array;
  readonly #end: Float64Array;
  #count = 0;
  /** By the offset of the CIE. */
  readonly #encodings = new Map<number, Encoding>();
  /** Where the next value is read. */
  #at = 0;

  constructor(elf: ElfFile, section: ElfSection) {
    this.#bytes = sectionBytes(elf, section);
    this.#view = viewOf(this.#bytes);
    this.#section = section;
    this.#word = elf.wide ? 8 : 4;
    const most = Math.floor(this.#bytes.length / LEAST_FDE_BYTES);
    this.#start = new Float64Array(most);
    this.#end = new Float64Array(most);
  }

  ranges(): UnwindRanges {
    this.#walk();
    return { start: this.#start.slice(0, this.#count), end: this.#end.slice(0, this.#count) };
  }

  #walk(): void {
    const view = this.#view;
    const total = view.byteLength;
    for (let at = 0; at + 8 <= total;) {
      let length = view.getUint32(at, true);
      let body = at + 4;
      if (length === 0) return;
      if (length === 0xffffffff) {
        if (at + 16 > total) return;
        length = signed64(view, at + 4);
        body = at + 12;
      }
      const next = body + length;
      if (!(length >= 4) || next > total) return;
      const pointer = view.getUint32(body, true);
      if (pointer !== 0) this.#description(body, pointer, next);
      at = next;
    }
  }

  #description(body: number, pointer: number, next: number): void {
    const encoding = this.#encodingOf(body - pointer);
    if (encoding === null) return;
    this.#at = body + 4;
    if (encoding.format === 0x0b && encoding.relative && body + 12 <= next) {
      // Nearly all of them: two words of 32 bits.
      const from = this.#section.address + body + 4 + this.#view.getInt32(body + 4, true);
      const size = this.#view.getUint32(body + 8, true);
      if (size === 0) return;
      this.#add(from, from + size);
      return;
    }
    const place = this.#section.address + this.#at;
    const start = this.#value(encoding.format, next);
    // The length has the same format, and is never relative or negative.
    const length = this.#value(encoding.format & ~SIGNED, next);
    if (start === null || length === null || !(length > 0)) return;
    const from = encoding.relative ? start + place : start;
    this.#add(from, from + length);
  }

  #add(start: number, end: number): void {
    this.#start[this.#count] = start;
    this.#end[this.#count] = end;
    this.#count++;
  }

  #encodingOf(cie: number): Encoding {
    const known = this.#encodings.get(cie);
    if (known !== undefined) return known;
    const encoding = this.#readEncoding(cie);
    this.#encodings.set(cie, encoding);
    return encoding;
  }

  #readEncoding(cie: number): Encoding {
    const bytes = this.#bytes;
    if (cie < 0 || cie + 9 > bytes.length) return null;
    const wideLength = bytes.readUInt32LE(cie) === 0xffffffff;
    const text = cie + (wideLength ? 12 : 4) + 5;
    const version = bytes[text - 1];
    const textEnd = bytes.indexOf(0, text);
    if (textEnd < 0 || textEnd - text > MOST_AUGMENTATION) return null;
    const augmentation = bytes.toString('latin1', text, textEnd);
    if (!augmentation.startsWith('z')) return augmentation === '' ? { format: 0, relative: false } : null;
    this.#at = textEnd + 1;
    this.#skipNumber(); // code alignment
    this.#skipNumber(); // data alignment
    if (version === 1) this.#at++;
    else this.#skipNumber(); // return register
    this.#skipNumber(); // length of what follows
    for (const letter of augmentation.slice(1)) {
      if (letter === 'R') {
        const written = bytes[this.#at];
        if (written === undefined) return null;
        const application = written & APPLICATION;
        if ((application !== 0 && application !== RELATIVE_TO_ITSELF) || (written & 0x80) !== 0) return null;
        return { format: written & 0x0f, relative: application === RELATIVE_TO_ITSELF };
      }
      if (letter === 'L') this.#at++;
      else if (letter === 'P') {
        const written = bytes[this.#at++];
        if (written === undefined || this.#value(written & 0x0f, bytes.length) === null) return null;
      } else if (letter !== 'S' && letter !== 'B') return null;
    }
    return { format: 0, relative: false };
  }

  /** LEB128 of either kind. */
  #skipNumber(): void {
    while (this.#at < this.#bytes.length && (this.#bytes[this.#at]! & 0x80) !== 0) this.#at++;
    this.#at++;
  }

  #value(format: number, limit: number): number | null {
    const at = this.#at;
    const size = valueSize(format, this.#word);
    if (size === null || at + size > limit) return null;
    this.#at = at + size;
    if (size === 8) return signed64(this.#view, at);
    return (format & SIGNED) === 0 ? this.#bytes.readUIntLE(at, size) : this.#bytes.readIntLE(at, size);
  }
}

/** Bytes of a DW_EH_PE format; null for those of variable length. */
function valueSize(format: number, word: number): number | null {
  switch (format & 0x07) {
    case 0:
      return word;
    case 2:
      return 2;
    case 3:
      return 4;
    case 4:
      return 8;
    default:
      return null;
  }
}
