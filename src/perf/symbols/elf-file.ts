// The tables at the head of an ELF file (System V gABI, chapters 4 and 5), little endian, of 32 or 64 bits. Whatever they say is
// checked against the file's real length; a file that lies has fewer sections, not a crash.

import { BytePages } from './byte-pages.ts';
import type { ByteSource } from './byte-source.ts';

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly executable: boolean;
  readonly address: number;
  readonly offset: number;
  /** Bytes in the file; 0 where it has none there. */
  readonly size: number;
  readonly link: number;
  readonly entrySize: number;
}

/** What is mapped where: a piece of the file and its virtual address. */
export interface ElfSegment {
  readonly type: number;
  readonly executable: boolean;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

export interface ElfFile {
  readonly bytes: ByteSource;
  /** The same, for small pieces. */
  readonly pages: BytePages;
  readonly wide: boolean;
  /** The number of the instruction set: 62 is x86-64, 183 AArch64. */
  readonly machine: number;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
  /** Those that are mapped, code first: a page of a file may be mapped twice. */
  readonly loaded: readonly ElfSegment[];
  /** Lower-case hexadecimal digits; null where it has none. */
  readonly buildId: string | null;
}

export const MACHINE_X86_64 = 62;
export const SECTION_SYMBOLS = 2;
export const SECTION_DYNAMIC_SYMBOLS = 11;

const SECTION_NOTE = 7;
const SECTION_NO_BITS = 8;
const SECTION_EXECUTABLE = 4;
const SECTION_COMPRESSED = 0x800;
const SEGMENT_LOAD = 1;
const SEGMENT_NOTE = 4;
const SEGMENT_EXECUTABLE = 1;
const NOTE_BUILD_ID = 3;

/** More of them are not read. */
const MOST_SECTIONS = 65_536;
const MOST_SEGMENTS = 4096;
/** Of a section that is read as a whole, and of a name. */
const MOST_SECTION_BYTES = 512 * 2 ** 20;
const MOST_NOTE_BYTES = 65_536;
const MOST_NOTES = 64;
const MOST_SECTION_NAME_BYTES = 256;
const MOST_NAME_BYTES = 16_384;
const FIRST_NAME_BYTES = 256;

/** Reads the tables; null where the bytes are no ELF file of a kind that can be read. */
export function readElf(bytes: ByteSource): ElfFile | null {
  const head = bytes.read(0, 64);
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46 || head[5] !== 1) return null;
  const wide = head[4] === 2;
  if (!wide && head[4] !== 1) return null;
  if (wide && head.length < 64) return null;
  const counts = wide ? 54 : 42;
  const machine = head.readUInt16LE(18);
  const segments = readSegments(
    bytes,
    wide,
    wide ? signed64(viewOf(head), 32) : head.readUInt32LE(28),
    head.readUInt16LE(counts),
    head.readUInt16LE(counts + 2),
  );
  const sections = readSections(
    bytes,
    wide,
    wide ? signed64(viewOf(head), 40) : head.readUInt32LE(32),
    head.readUInt16LE(counts + 4),
    head.readUInt16LE(counts + 6),
    head.readUInt16LE(counts + 8),
  );
  const mapped = segments.filter((segment) => segment.type === SEGMENT_LOAD);
  const loaded = [...mapped.filter(({ executable }) => executable), ...mapped.filter(({ executable }) => !executable)];
  const buildId = readBuildId(bytes, sections, segments);
  return { bytes, pages: new BytePages(bytes), wide, machine, sections, segments, loaded, buildId };
}

/** The virtual address of a byte of the file; what no executable part holds is its own address. */
export function addressOfOffset(elf: ElfFile, offset: number): number {
  const segment = elf.loaded.find((part) => offset >= part.offset && offset < part.offset + part.size);
  return segment === undefined ? offset : offset - segment.offset + segment.address;
}

/** Where in the file the byte at a virtual address is; null where it is not in it. */
export function offsetOfAddress(elf: ElfFile, address: number): number | null {
  const segment = elf.loaded.find((part) => address >= part.address && address < part.address + part.size);
  return segment === undefined ? null : address - segment.address + segment.offset;
}

/** A section's bytes, of one that is not beyond all measure. */
export function sectionBytes(elf: ElfFile, section: ElfSection): Buffer {
  if (section.size > MOST_SECTION_BYTES) return Buffer.alloc(0);
  return elf.bytes.read(section.offset, section.size);
}

/** To read numbers from them. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A name in a string table, without reading the table. */
export function nameAt(elf: ElfFile, strings: ElfSection, position: number): string {
  if (position >= strings.size) return '';
  for (let length = FIRST_NAME_BYTES; ; length = MOST_NAME_BYTES) {
    const bytes = elf.pages.read(strings.offset + position, Math.min(length, strings.size - position));
    const end = bytes.indexOf(0);
    if (end >= 0) return bytes.toString('utf8', 0, end);
    if (length === MOST_NAME_BYTES || bytes.length < length) return bytes.toString('utf8');
  }
}

/** A 64-bit word as a number: those with the highest bit set are negative. Exact up to 2^53 either way. */
export function signed64(view: DataView, offset: number): number {
  return view.getInt32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true);
}

function readSegments(bytes: ByteSource, wide: boolean, offset: number, entry: number, count: number): ElfSegment[] {
  const least = wide ? 56 : 32;
  if (entry < least) return [];
  const table = bytes.read(offset, entry * Math.min(count, MOST_SEGMENTS));
  const view = viewOf(table);
  const segments: ElfSegment[] = [];
  for (let at = 0; at + least <= table.length; at += entry) {
    const flags = table.readUInt32LE(at + (wide ? 4 : 24));
    segments.push({
      type: table.readUInt32LE(at),
      executable: (flags & SEGMENT_EXECUTABLE) !== 0,
      offset: wide ? signed64(view, at + 8) : table.readUInt32LE(at + 4),
      address: wide ? signed64(view, at + 16) : table.readUInt32LE(at + 8),
      size: wide ? signed64(view, at + 32) : table.readUInt32LE(at + 16),
    });
  }
  return segments;
}

function readSections(
  bytes: ByteSource,
  wide: boolean,
  offset: number,
  entry: number,
  count: number,
  namesIndex: number,
): ElfSection[] {
  const least = wide ? 64 : 40;
  if (entry < least || offset === 0) return [];
  const table = bytes.read(offset, entry * Math.min(count, MOST_SECTIONS));
  const view = viewOf(table);
  const rows: (Omit<ElfSection, 'name'> & { nameOffset: number })[] = [];
  for (let at = 0; at + least <= table.length; at += entry) {
    const word = (wideAt: number, narrowAt: number): number =>
      wide ? signed64(view, at + wideAt) : table.readUInt32LE(at + narrowAt);
    const type = table.readUInt32LE(at + 4);
    const flags = table.readUInt32LE(at + 8);
    const from = word(24, 16);
    const size = word(32, 20);
    const inFile = type !== SECTION_NO_BITS && (flags & SECTION_COMPRESSED) === 0 && from >= 0 && size > 0;
    rows.push({
      nameOffset: table.readUInt32LE(at),
      type,
      executable: (flags & SECTION_EXECUTABLE) !== 0,
      address: word(16, 12),
      offset: from,
      size: inFile ? Math.max(0, Math.min(size, bytes.size - from)) : 0,
      link: table.readUInt32LE(at + (wide ? 40 : 24)),
      entrySize: word(56, 36),
    });
  }
  const namesRow = rows[namesIndex];
  const names =
    namesRow === undefined || namesRow.size > MOST_SECTION_BYTES
      ? Buffer.alloc(0)
      : bytes.read(namesRow.offset, namesRow.size);
  return rows.map(({ nameOffset, ...row }) => {
    const end = names.indexOf(0, nameOffset);
    const last = end < 0 ? names.length : end;
    return { name: names.toString('utf8', nameOffset, Math.min(last, nameOffset + MOST_SECTION_NAME_BYTES)), ...row };
  });
}

/** From the note `GNU` of type 3, where sections or segments say that notes are. */
function readBuildId(
  bytes: ByteSource,
  sections: readonly ElfSection[],
  segments: readonly ElfSegment[],
): string | null {
  const places = [
    ...sections.filter((section) => section.type === SECTION_NOTE),
    ...segments.filter((segment) => segment.type === SEGMENT_NOTE),
  ];
  for (const place of places.slice(0, MOST_NOTES)) {
    const notes = bytes.read(place.offset, Math.min(place.size, MOST_NOTE_BYTES));
    for (let at = 0; at + 12 <= notes.length;) {
      const nameSize = notes.readUInt32LE(at);
      const valueSize = notes.readUInt32LE(at + 4);
      const value = at + 12 + Math.ceil(nameSize / 4) * 4;
      const name = notes.toString('latin1', at + 12, at + 15);
      if (notes.readUInt32LE(at + 8) === NOTE_BUILD_ID && nameSize === 4 && name === 'GNU' && valueSize > 0) {
        return value + valueSize <= notes.length ? notes.toString('hex', value, value + valueSize) : null;
      }
      at = value + Math.ceil(valueSize / 4) * 4;
    }
  }
  return null;
}
