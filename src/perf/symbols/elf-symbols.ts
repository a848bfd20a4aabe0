// The function symbols of an ELF file as columns. Names stay in the file until somebody asks for one.

import { nameAt, sectionBytes, signed64, viewOf, type ElfFile, type ElfSection } from './elf-file.ts';

/** Symbols of code; arrays have one length. */
export interface SymbolColumns {
  readonly address: Float64Array;
  /** 0 where the file tells none: of labels in assembly. */
  readonly size: Float64Array;
  readonly binding: Uint8Array;
  readonly nameOffset: Uint32Array;
  readonly elf: ElfFile;
  readonly strings: ElfSection;
}

const BINDING_GLOBAL = 1;
const BINDING_WEAK = 2;

/** By the number of a symbol's type: NOTYPE (of labels), FUNC and GNU_IFUNC may be code. */
const MAY_BE_CODE = Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0);

/**
 * Reads a symbol table; null where the file has none with code in it.
 *
 * @param type SECTION_SYMBOLS or SECTION_DYNAMIC_SYMBOLS
 */
export function readSymbols(elf: ElfFile, type: number): SymbolColumns | null {
  const table = elf.sections.find((section) => section.type === type && section.size > 0);
  const strings = table === undefined ? undefined : elf.sections[table.link];
  if (table === undefined || strings === undefined) return null;
  const view = viewOf(sectionBytes(elf, table));
  const executable = Uint8Array.from(elf.sections, (section) => (section.executable ? 1 : 0));
  const { wide } = elf;
  const row = wide ? 24 : 16;
  const most = Math.floor(view.byteLength / row);
  const address = new Float64Array(most);
  const size = new Float64Array(most);
  const binding = new Uint8Array(most);
  const nameOffset = new Uint32Array(most);
  let count = 0;
  for (let i = 0; i < most; i++) {
    const at = i * row;
    const info = view.getUint8(at + (wide ? 4 : 12));
    const section = view.getUint16(at + (wide ? 6 : 14), true);
    const name = view.getUint32(at, true);
    if (MAY_BE_CODE[info & 0x0f] === 0 || section >= executable.length || executable[section] === 0 || name === 0) {
      continue;
    }
    address[count] = wide ? signed64(view, at + 8) : view.getUint32(at + 4, true);
    size[count] = wide ? Math.max(0, signed64(view, at + 16)) : view.getUint32(at + 8, true);
    binding[count] = info >> 4;
    nameOffset[count] = name;
    count++;
  }
  if (count === 0) return null;
  return {
    address: address.slice(0, count),
    size: size.slice(0, count),
    binding: binding.slice(0, count),
    nameOffset: nameOffset.slice(0, count),
    elf,
    strings,
  };
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
