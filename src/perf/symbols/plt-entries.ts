// The small jumps by which a library calls another (x86-64): each goes through a slot that a relocation fills, and has its name.

import { MACHINE_X86_64, nameAt, sectionBytes, signed64, type ElfFile, type ElfSection } from './elf-file.ts';

/** Position i is the entry at [start, end) that jumps to `name`. */
export interface PltEntries {
  readonly start: number[];
  readonly end: number[];
  readonly name: string[];
}

const RELOCATIONS = 4;
const RELOCATION_BYTES = 24;
const SYMBOL_BYTES = 24;
/** Filled by a symbol's address: R_X86_64_GLOB_DAT and R_X86_64_JUMP_SLOT; by what a function gives back: R_X86_64_IRELATIVE. */
const FILLED_BY_SYMBOL = [6, 7];
const FILLED_BY_RESULT = 37;
/** More entries than any library has. */
const MOST_ENTRIES = 65_536;

/** Entries of .plt, .plt.sec and .plt.got; named as objdump does it: `memcpy@plt`. */
export function pltEntries(elf: ElfFile): PltEntries {
  const entries: PltEntries = { start: [], end: [], name: [] };
  if (elf.machine !== MACHINE_X86_64 || !elf.wide) return entries;
  const sections = elf.sections.filter(({ name, size }) => ['.plt', '.plt.sec', '.plt.got'].includes(name) && size > 0);
  if (sections.length === 0) return entries;
  const slots = slotNames(elf);
  for (const section of sections) {
    const step = section.entrySize === 8 || section.entrySize === 16 ? section.entrySize : 16;
    const code = sectionBytes(elf, section);
    for (let at = 0; at + step <= code.length && entries.name.length < MOST_ENTRIES; at += step) {
      // jmp *displacement(%rip), after endbr64 or with a prefix.
      const jump = code.subarray(at, at + step).indexOf('ff25', 'hex');
      if (jump < 0 || jump + 6 > step) continue;
      const slot = section.address + at + jump + 6 + code.readInt32LE(at + jump + 2);
      const name = slots.get(slot)?.();
      if (name === undefined) continue;
      entries.start.push(section.address + at);
      entries.end.push(section.address + at + step);
      entries.name.push(`${name}@plt`);
    }
  }
  return entries;
}

/** By the address of a slot; the name is read only when it is asked for. */
function slotNames(elf: ElfFile): Map<number, () => string> {
  const slots = new Map<number, () => string>();
  for (const section of elf.sections) {
    if (section.type !== RELOCATIONS || !section.name.startsWith('.rela')) continue;
    const table = elf.sections[section.link];
    const bytes = sectionBytes(elf, section);
    for (let at = 0; at + RELOCATION_BYTES <= bytes.length; at += RELOCATION_BYTES) {
      const type = bytes.readUInt32LE(at + 8);
      const symbol = bytes.readUInt32LE(at + 12);
      if (FILLED_BY_SYMBOL.includes(type) && table !== undefined && symbol !== 0) {
        slots.set(signed64(bytes, at), () => nameOfSymbol(elf, table, symbol));
      } else if (type === FILLED_BY_RESULT) {
        const addend = signed64(bytes, at + 16);
        slots.set(signed64(bytes, at), () => `*ABS*+0x${addend.toString(16)}`);
      }
    }
  }
  return slots;
}

function nameOfSymbol(elf: ElfFile, table: ElfSection, symbol: number): string {
  const strings = elf.sections[table.link];
  const row = elf.bytes.read(table.offset + symbol * SYMBOL_BYTES, SYMBOL_BYTES);
  return strings === undefined || row.length < 4 ? '' : nameAt(elf, strings, row.readUInt32LE(0));
}
