// The function symbols of an ELF file as columns. Names stay in the file until somebody asks for one.

import { nameAt, sectionBytes, signed64, type ElfFile, type ElfSection } from './elf-file.ts';

/** Symbols of code; arrays have one length. */
export interface SymbolColumns {
  readonly address: number[];
  /** 0 where the file tells none: of labels in assembly. */
  readonly size: number[];
  readonly binding: number[];
  readonly nameOffset: number[];
  readonly elf: ElfFile;
  readonly strings: ElfSection;
}

const BINDING_GLOBAL = 1;
const BINDING_WEAK = 2;

const TYPE_NONE = 0;
const TYPE_FUNCTION = 2;
const TYPE_INDIRECT_FUNCTION = 10;

/**
 * Reads a symbol table; null where the file has none with code in it.
 *
 * @param type SECTION_SYMBOLS or SECTION_DYNAMIC_SYMBOLS
 */
export function readSymbols(elf: ElfFile, type: number): SymbolColumns | null {
  const table = elf.sections.find((section) => section.type === type && section.size > 0);
  const strings = table === undefined ? undefined : elf.sections[table.link];
  if (table === undefined || strings === undefined) return null;
  const bytes = sectionBytes(elf, table);
  const columns: SymbolColumns = { address: [], size: [], binding: [], nameOffset: [], elf, strings };
  const row = elf.wide ? 24 : 16;
  for (let at = 0; at + row <= bytes.length; at += row) {
    const info = bytes[at + (elf.wide ? 4 : 12)]!;
    const kind = info & 0x0f;
    if (kind !== TYPE_FUNCTION && kind !== TYPE_INDIRECT_FUNCTION && kind !== TYPE_NONE) continue;
    const section = elf.sections[bytes.readUInt16LE(at + (elf.wide ? 6 : 14))];
    if (section === undefined || !section.executable) continue;
    const nameOffset = bytes.readUInt32LE(at);
    if (nameOffset === 0) continue;
    columns.address.push(elf.wide ? signed64(bytes, at + 8) : bytes.readUInt32LE(at + 4));
    columns.size.push(elf.wide ? Math.max(0, signed64(bytes, at + 16)) : bytes.readUInt32LE(at + 8));
    columns.binding.push(info >> 4);
    columns.nameOffset.push(nameOffset);
  }
  return columns.address.length > 0 ? columns : null;
}

/** One of several names for an address. */
export interface NameChoice {
  readonly name: string;
  readonly sized: boolean;
  readonly binding: number;
}

/** The one that perf takes too: with a size, not weak, global, with the fewest underscores ahead, the longest. */
export function betterName(a: NameChoice, b: NameChoice): NameChoice {
  const order =
    Number(b.sized) - Number(a.sized) ||
    Number(a.binding === BINDING_WEAK) - Number(b.binding === BINDING_WEAK) ||
    Number(b.binding === BINDING_GLOBAL) - Number(a.binding === BINDING_GLOBAL) ||
    leadingUnderscores(a.name) - leadingUnderscores(b.name) ||
    b.name.length - a.name.length;
  return order <= 0 ? a : b;
}

/** The name as it was written, without the version of it that a library may add (`memcpy@@GLIBC_2.14`). */
export function symbolName(symbols: SymbolColumns, position: number): string {
  const name = nameAt(symbols.elf, symbols.strings, symbols.nameOffset[position]!);
  const version = name.indexOf('@');
  return version > 0 ? name.slice(0, version) : name;
}

function leadingUnderscores(name: string): number {
  let count = 0;
  while (name[count] === '_') count++;
  return count;
}
