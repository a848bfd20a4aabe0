// A file of the system as an image: a program or a library.

import { INSTRUCTION_KINDS, type FunctionKind, type SymbolSource } from '#core/profile';
import type { Image, ImageFunction } from '../image.ts';
import { unwindRanges } from './eh-frame.ts';
import {
  addressOfOffset,
  MACHINE_X86_64,
  offsetOfAddress,
  SECTION_DYNAMIC_SYMBOLS,
  SECTION_SYMBOLS,
  type ElfFile,
} from './elf-file.ts';
import { readSymbols, type SymbolColumns } from './elf-symbols.ts';
import { FunctionTable } from './function-table.ts';
import { instructionKind, MOST_INSTRUCTION_BYTES } from './instruction-kind.ts';
import { pltEntries } from './plt-entries.ts';

const UNKNOWN = INSTRUCTION_KINDS.indexOf('unknown');

/** How an image of an ELF file is shown, and where its symbols may be besides. */
export interface ElfImageOptions {
  readonly library: string;
  readonly kind: FunctionKind;
  /** Holds the code. */
  readonly elf: ElfFile;
  /** Holds its symbols, where they are kept apart. */
  readonly debug: ElfFile | null;
  /** Its exported names are all that is to be had of it, and enough. */
  readonly complete?: boolean;
}

export class ElfImage implements Image {
  readonly library: string;
  readonly kind: FunctionKind;
  readonly todo: string | null;
  readonly #elf: ElfFile;
  readonly #symbols: { symbols: SymbolColumns | null; source: SymbolSource };
  #functions: FunctionTable | null = null;

  constructor({ library, kind, elf, debug, complete = false }: ElfImageOptions) {
    this.library = library;
    this.kind = kind;
    this.#elf = elf;
    this.#symbols = bestSymbols(elf, debug);
    this.todo = complete ? null : missing(library, this.#symbols.source);
  }

  addressOf(fileOffset: number): number {
    return addressOfOffset(this.#elf, fileOffset);
  }

  find(address: number): ImageFunction | null {
    this.#functions ??= new FunctionTable({
      library: this.library,
      ...this.#symbols,
      unwind: unwindRanges(this.#elf),
      plt: pltEntries(this.#elf),
    });
    return this.#functions.find(address);
  }

  instructionAt(address: number): number {
    if (this.#elf.machine !== MACHINE_X86_64) return UNKNOWN;
    const offset = offsetOfAddress(this.#elf, address);
    if (offset === null || offset < 0) return UNKNOWN;
    return instructionKind(this.#elf.pages.read(offset, MOST_INSTRUCTION_BYTES));
  }
}

function bestSymbols(elf: ElfFile, debug: ElfFile | null): { symbols: SymbolColumns | null; source: SymbolSource } {
  const full = readSymbols(elf, SECTION_SYMBOLS);
  if (full !== null) return { symbols: full, source: 'symbols' };
  const apart = debug === null ? null : readSymbols(debug, SECTION_SYMBOLS);
  if (apart !== null) return { symbols: apart, source: 'debug' };
  return { symbols: readSymbols(elf, SECTION_DYNAMIC_SYMBOLS), source: 'dynamic' };
}

function missing(library: string, source: SymbolSource): string | null {
  if (source !== 'dynamic') return null;
  return `${library} is stripped: only the functions that it exports have names. Install its debug symbols, or build it with symbols and frame pointers (scripts/profiling-encoders does it for encoders).`;
}
