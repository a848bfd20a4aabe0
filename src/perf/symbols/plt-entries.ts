// The small jumps by which a library calls another (x86-64): each goes through a slot that a relocation fills, and has its name.

import { MACHINE_X86_64, nameAt, sectionBytes, signed64, viewOf, type ElfFile, type ElfSection } from './elf-file.ts';

/** Position i is the entry at [start, end) that jumps to `name`. */
export interface PltEntries {
  readonly start: number[];
  readonly end: number[];
  /** Read from the file when it is asked for. */
  readonly name: (() => string)[];
}

const RELOCATIONS = 4;
const RELOCATION_BYTES = 24;
const SYMBOL_BYTES = 24;
/** Filled by a symbol's address: R_X86_64_GLOB_DAT and R_X86_64_JUMP_SLOT; by what a function gives back: R_X86_64_IRELATIVE. */
const FILLED_BY_SYMBOL = [6, 7];
const FILLED_BY_RESULT = 37;
/** R_X86_64_RELATIVE, nearly all that there are: no slot of an entry. */
const RELATIVE = 8;
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
      const next = endOfJump(code, at, at + step);
      if (next < 0) continue;
      const slot = section.address + next + code.readInt32LE(next - 4);
      const name = slots.get(slot);
      if (name === undefined) continue;
      entries.start.push(section.address + at);
      entries.end.push(section.address + at + step);
      entries.name.push(() => `${name()}@plt`);
    }
  }
  return entries;
}

/** Where the indirect jump ends that stands in [from, to); -1 where none does. */
function endOfJump(code: Buffer, from: number, to: number): number {
  for (let at = from; at + 6 <= to; at++) if (code[at] === 0xff && code[at + 1] === 0x25) return at + 6;
  return -1;
}

/** By the address of a slot; the name is read only when it is asked for. */
function slotNames(elf: ElfFile): Map<number, () => string> {
  const slots = new Map<number, () => string>();
  for (const section of elf.sections) {
    if (section.type !== RELOCATIONS || !section.name.startsWith('.rela')) continue;
    const table = elf.sections[section.link];
    const view = viewOf(sectionBytes(elf, section));
    for (let at = 0; at + RELOCATION_BYTES <= view.byteLength; at += RELOCATION_BYTES) {
      const type = view.getUint32(at + 8, true);
      if (type === RELATIVE) continue;
      const symbol = view.getUint32(at + 12, true);
      if (FILLED_BY_SYMBOL.includes(type) && table !== undefined && symbol !== 0) {
        slots.set(signed64(view, at), () => nameOfSymbol(elf, table, symbol));
      } else if (type === FILLED_BY_RESULT) {
        const addend = signed64(view, at + 16);
        slots.set(signed64(view, at), () => `*ABS*+0x${addend.toString(16)}`);
      }
    }
  }
  return slots;
}

function nameOfSymbol(elf: ElfFile, table: ElfSection, symbol: number): string {
  const strings = elf.sections[table.link];
  const row = elf.pages.read(table.offset + symbol * SYMBOL_BYTES, SYMBOL_BYTES);
  return strings === undefined || row.length < 4 ? '' : nameAt(elf, strings, row.readUInt32LE(0));
}
