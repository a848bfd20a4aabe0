// What a process has mapped and runs: a file, the kernel, a page of generated code. Addresses are signed 64-bit numbers as a number has
// them: those of a kernel are negative, and exact.

import type { FunctionKind, SymbolSource } from '#core/profile';

/** A function of an image: addresses in [start, end) are its. */
export interface ImageFunction {
  /** Demangled; of an anonymous one the image's name and where it begins, `libx264.so.164+0x1f3a0`. */
  readonly name: string;
  readonly source: SymbolSource;
  readonly start: number;
  readonly end: number;
}

/** Looks addresses up; opened once for each file and build. */
export interface Image {
  /** As it is shown: the file's name without its folder, `[kernel]`, `[vdso]`, `[jit]`. */
  readonly library: string;
  readonly kind: FunctionKind;
  /** Why its names are not as good as they could be, and what would help; null where they are. */
  readonly todo: string | null;
  /** Of whose own making the code is; absent of files and the kernel. */
  readonly process?: number;
  /**
   * The address in the image's own numbering (an ELF file's virtual address) of a byte of its file.
   * The kernel and generated code have none but their run-time addresses, which they give back.
   */
  addressOf(fileOffset: number): number;
  /** The function at an address of the image's own numbering: the same object each time; null where no bound is known. */
  find(address: number): ImageFunction | null;
  /** Code in INSTRUCTION_KINDS of the instruction at an address of the image's own numbering. */
  instructionAt(address: number): number;
}

/** Opens images, each once; a file that is not to be had is an image that knows only its name and says why. */
export interface Images {
  /** @param buildId of the file that ran, in lower-case hexadecimal digits; null where it is not known */
  file(path: string, buildId: string | null): Image;
  /** The kernel that runs, with its modules. */
  kernel(): Image;
  /** What the kernel maps into every process. */
  vdso(): Image;
  /** Code that a process made and told of in a perf map. */
  perfMap(process: number): Image;
}
