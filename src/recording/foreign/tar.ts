// Files of a tar archive, gzipped or not, in memory: nothing of it is ever written to disk. POSIX.1-1988 and its usual extensions.

import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '#core/user-error';

/** Unpacked; a small archive may claim to be a large one. */
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;
const MAX_ENTRIES = 10_000;
const BLOCK_BYTES = 512;
/** Of a name that is too long for a header. */
const MAX_NAME_BYTES = 4096;

export interface ArchivedFile {
  /** Relative, `/` between its parts, no `.` or `..` among them. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Unpacks regular files; folders and links are passed over.
 * @param maxBytes unpacked
 * @throws UserError where it is no such archive, cut off, damaged, too large, or a path leads out of it
 */
export async function readTgz(
  packed: Uint8Array,
  where: string,
  maxBytes = MAX_ARCHIVE_BYTES,
): Promise<ArchivedFile[]> {
  return readTar(await unzipped(packed, where, maxBytes), where);
}

async function unzipped(packed: Uint8Array, where: string, maxBytes: number): Promise<Uint8Array> {
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: maxBytes });
  } catch (cause) {
    const large = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const what = large ? `the archive has more than ${maxBytes} bytes unpacked` : 'the archive is cut off or damaged';
    throw new UserError({ what, where }, { cause });
  }
}

function readTar(bytes: Uint8Array, where: string): ArchivedFile[] {
  const files: ArchivedFile[] = [];
  let longName: string | null = null;
  let at = 0;
  for (let entries = 0; at + BLOCK_BYTES <= bytes.length; entries++) {
    const header = bytes.subarray(at, at + BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) return files;
    if (entries === MAX_ENTRIES)
      throw new UserError({ what: `the archive has more than ${MAX_ENTRIES} entries`, where });
    if (!hasChecksum(header)) throw new UserError({ what: 'this is no tar archive, or it is damaged', where });
    const size = sizeOf(header);
    const kind = String.fromCharCode(header[156]!);
    const content = bytes.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size);
    if (content.length < size) throw new UserError({ what: 'the archive is cut off', where });
    if (kind === 'L') longName = text(content.subarray(0, MAX_NAME_BYTES));
    else if (kind === 'x') longName = paxPath(content.subarray(0, 4 * MAX_NAME_BYTES)) ?? longName;
    else if (kind !== 'g') {
      if (kind === '0' || kind === '\0')
        files.push({ path: safePath(longName ?? nameOf(header), where), bytes: content });
      longName = null;
    }
    at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  throw new UserError({ what: 'the archive is cut off', where });
}

/** The sum of the header's bytes, its own field counted as blanks. */
function hasChecksum(header: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK_BYTES; i++) sum += i >= 148 && i < 156 ? 32 : header[i]!;
  return Number.parseInt(text(header.subarray(148, 156)), 8) === sum;
}

/** Octal digits; NaN, which fails every comparison, where they are none. */
function sizeOf(header: Uint8Array): number {
  const digits = text(header.subarray(124, 136)).trim();
  // The binary form is for files beyond 8 GB.
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : MAX_ARCHIVE_BYTES * 2;
}

function nameOf(header: Uint8Array): string {
  const isPosix = text(header.subarray(257, 262)) === 'ustar' && header[262] === 0;
  const prefix = isPosix ? text(header.subarray(345, 500)) : '';
  const name = text(header.subarray(0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Records `length key=value\n` of an extended header. */
function paxPath(content: Uint8Array): string | null {
  return /^\d+ path=(.*)$/m.exec(text(content))?.[1] ?? null;
}

function safePath(path: string, where: string): string {
  const parts = path.split('/').filter((part) => part !== '.' && part !== '');
  if (path.startsWith('/') || parts.includes('..') || parts.length === 0)
    throw new UserError({ what: `the archive has a path that leads out of it: ${JSON.stringify(path)}`, where });
  return parts.join('/');
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
