// Where a stripped file's symbols are kept apart from it: by its build id, or by the link to them that it holds (GDB manual,
// "Separate Debug Files").

import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { fileBytes, type ByteSource } from './byte-source.ts';
import { readElf, sectionBytes, SECTION_SYMBOLS, type ElfFile } from './elf-file.ts';

const CHECKED_BYTES = 2 ** 20;
/** A debug file beyond this is not compared by its checksum. */
const MOST_CHECKED_BYTES = 2 ** 30;

/** Opens an ELF file; null where it is not to be had or is none. */
export function openElf(path: string): ElfFile | null {
  try {
    return readElf(fileBytes(path));
  } catch {
    return null; // absent, not readable, not a regular file: all the same to whoever looks for symbols
  }
}

/** The file with the symbols of another; null where none is found that fits. */
export function findDebugFile(elf: ElfFile, path: string, debugFolder: string): ElfFile | null {
  if (elf.buildId !== null) {
    const debug = debugFileOf(elf.buildId, debugFolder);
    if (debug !== null) return debug;
  }
  const link = elf.sections.find(({ name, size }) => name === '.gnu_debuglink' && size <= 4096);
  if (link === undefined) return null;
  const bytes = sectionBytes(elf, link);
  const end = bytes.indexOf(0);
  const sum = Math.ceil((end + 1) / 4) * 4;
  if (end <= 0 || sum + 4 > bytes.length) return null;
  // A name and no path: whatever it says, it leads to these folders only.
  const name = basename(bytes.toString('utf8', 0, end));
  const folder = dirname(path);
  for (const candidate of [join(folder, name), join(folder, '.debug', name), join(debugFolder, folder, name)]) {
    if (candidate === path) continue;
    const debug = openElf(candidate);
    if (debug === null || !hasSymbols(debug)) continue;
    const fits =
      elf.buildId !== null && debug.buildId !== null
        ? elf.buildId === debug.buildId
        : checksum(debug.bytes) === bytes.readUInt32LE(sum);
    if (fits) return debug;
  }
  return null;
}

/** By build id alone: of a file that is not there any more. */
export function debugFileOf(buildId: string, debugFolder: string): ElfFile | null {
  const debug = openElf(join(debugFolder, '.build-id', buildId.slice(0, 2), `${buildId.slice(2)}.debug`));
  return debug !== null && debug.buildId === buildId && hasSymbols(debug) ? debug : null;
}

function hasSymbols(elf: ElfFile): boolean {
  return elf.sections.some(({ type, size }) => type === SECTION_SYMBOLS && size > 0);
}

/** As the link holds it; null of a file that is too big. */
function checksum(bytes: ByteSource): number | null {
  if (bytes.size > MOST_CHECKED_BYTES) return null;
  let sum = 0;
  for (let at = 0; at < bytes.size; at += CHECKED_BYTES) sum = crc32(bytes.read(at, CHECKED_BYTES), sum);
  return sum;
}
