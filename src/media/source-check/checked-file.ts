// A checked source as a file: one line of JSON, and behind it the columns of its frames as they lie in memory, little-endian.

import { readFile } from 'node:fs/promises';
import type { CheckedSource } from '#core/source-check';
import { writeFileAtomic } from '#system/atomic-file';
import { COLUMNS, bytesOf, emptyColumns } from './frame-columns.ts';

/** Raised whenever the layout changes. */
const FILE_VERSION = 1;
const NEWLINE = 0x0a;

interface Header extends Omit<CheckedSource, 'frames' | 'version'> {
  readonly file: number;
  readonly version: number;
  readonly frames: number;
  /** Names of the columns, in the order in which they follow. */
  readonly columns: readonly string[];
}

/** Writes all of it or nothing: 33 bytes a frame. */
export async function writeCheckedSource(file: string, checked: CheckedSource): Promise<void> {
  const { frames, ...rest } = checked;
  const header: Header = { file: FILE_VERSION, ...rest, frames: frames.pts.length, columns: COLUMNS };
  const parts = [Buffer.from(`${JSON.stringify(header)}\n`), ...COLUMNS.map((name) => bytesOf(frames[name]))];
  await writeFileAtomic(file, Buffer.concat(parts));
}

/** @throws Error where the file is missing, damaged, or of another version */
export async function readCheckedSource(file: string): Promise<CheckedSource> {
  const content = await readFile(file);
  const end = content.indexOf(NEWLINE);
  const header = parseHeader(content.subarray(0, Math.max(0, end)), file);
  const { file: version, frames, columns: names, ...rest } = header;
  if (version !== FILE_VERSION || rest.version !== 1 || names.join() !== COLUMNS.join())
    throw new Error(`${file}: a checked source of version ${version}.${rest.version}, which is not understood`);
  const columns = emptyColumns(frames);
  let at = end + 1;
  for (const name of COLUMNS) {
    const bytes = bytesOf(columns[name]);
    at += content.copy(bytes, 0, at, at + bytes.length);
  }
  const expected = COLUMNS.reduce((sum, name) => sum + columns[name].byteLength, end + 1);
  if (content.length !== expected)
    throw new Error(`${file}: ${content.length} bytes where its ${frames} frames take ${expected}: it is damaged`);
  return { ...rest, version: 1, frames: columns };
}

function parseHeader(bytes: Buffer, file: string): Header {
  try {
    const header = JSON.parse(bytes.toString('utf8')) as Header;
    if (Number.isSafeInteger(header.frames) && header.frames >= 0 && Array.isArray(header.columns)) return header;
  } catch (error) {
    throw new Error(`${file}: no checked source, or a damaged one`, { cause: error });
  }
  throw new Error(`${file}: no checked source, or a damaged one`);
}
