// Reads a perf.data of whatever mode from a file or as it comes, and says how far it came.

import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '#core/user-error';
import { unsigned } from './perf-event.ts';
import { readAttrs } from './perf-features.ts';
import { PerfDataReader } from './perf-data-reader.ts';
import type { PerfRecords } from './perf-records.ts';

const MAGIC = 'PERFILE2';
const PIPE_HEADER_BYTES = 16;
const FILE_HEADER_BYTES = 104;
const READ_BYTES = 1024 * 1024;
/** Of one section of a header; what is larger is passed over. */
const MAX_SECTION_BYTES = 64 * 1024 * 1024;
const FEATURES = 256;

/** A perf.data in pipe mode, taken as it comes. */
export class PerfPipe {
  readonly reader: PerfDataReader;
  readonly #where: string;
  #header = new Uint8Array(0);

  constructor(records: PerfRecords, where: string) {
    this.reader = new PerfDataReader(records);
    this.#where = where;
  }

  /** @throws UserError where it is no perf.data in pipe mode */
  async feed(bytes: Uint8Array): Promise<void> {
    const missing = PIPE_HEADER_BYTES - this.#header.length;
    if (missing > 0) {
      this.#header = Buffer.concat([this.#header, bytes.subarray(0, missing)]);
      if (this.#header.length < PIPE_HEADER_BYTES) return;
      checkMagic(this.#header, this.#where);
      if (unsigned(viewOf(this.#header), 8) !== PIPE_HEADER_BYTES) {
        throw new UserError({
          what: 'is a perf.data as perf writes it into a file, whose header comes last',
          where: this.#where,
          todo: 'Give the path of the file, or have perf write into the pipe itself: perf record -o -',
        });
      }
    }
    await this.reader.feed(missing > 0 ? bytes.subarray(missing) : bytes);
  }

  end(): void {
    if (this.#header.length < PIPE_HEADER_BYTES) checkMagic(this.#header, this.#where);
    this.reader.end();
  }
}

export interface ReadOptions {
  /** Hears of the share that has been read, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears of the header, before the first record. */
  readonly onHeader?: ((reader: PerfDataReader) => void) | undefined;
}

/**
 * Reads a file in pieces, never as a whole.
 * @throws UserError where it can't be opened or is no perf.data
 */
export async function readPerfFile(
  path: string,
  records: PerfRecords,
  options: ReadOptions = {},
): Promise<PerfDataReader> {
  const where = basename(path);
  const file = await openFile(path, where);
  try {
    const { size } = await file.stat();
    const header = viewOf(await readAt(file, 0, FILE_HEADER_BYTES));
    checkMagic(new Uint8Array(header.buffer, header.byteOffset, header.byteLength), where);
    if (header.byteLength >= PIPE_HEADER_BYTES && unsigned(header, 8) === PIPE_HEADER_BYTES) {
      const pipe = new PerfPipe(records, where);
      options.onHeader?.(pipe.reader);
      await readPieces(file, 0, size, (bytes) => pipe.feed(bytes), pipe.reader, options);
      pipe.end();
      return pipe.reader;
    }
    if (header.byteLength < FILE_HEADER_BYTES) throw new UserError({ what: 'ends within its header', where });
    const reader = new PerfDataReader(records);
    const data = { offset: unsigned(header, 40), bytes: unsigned(header, 48) };
    await readEvents(file, header, reader, where);
    if (data.offset > size) throw new UserError({ what: 'ends before its records begin', where });
    // A recording that was killed never came to write how much there is, nor the sections that follow.
    const finished = data.bytes > 0;
    if (finished) await readFeatures(file, header, data.offset + data.bytes, size, reader);
    options.onHeader?.(reader);
    const end = finished ? Math.min(data.offset + data.bytes, size) : size;
    await readPieces(file, data.offset, end, (bytes) => reader.feed(bytes), reader, options);
    reader.end();
    if (!finished) reader.stopped ??= 'its recording was not brought to its end: what perf writes last is missing';
    else if (data.offset + data.bytes > size) {
      reader.stopped ??= `${data.offset + data.bytes - size} bytes are missing at its end`;
    }
    return reader;
  } finally {
    await file.close();
  }
}

async function readPieces(
  file: FileHandle,
  from: number,
  end: number,
  feed: (bytes: Uint8Array) => Promise<void>,
  reader: PerfDataReader,
  options: ReadOptions,
): Promise<void> {
  const buffer = new Uint8Array(READ_BYTES);
  for (let at = from; at < end && reader.stopped === null;) {
    options.signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(READ_BYTES, end - at), at);
    if (bytesRead === 0) break;
    await feed(buffer.subarray(0, bytesRead));
    at += bytesRead;
    options.onProgress?.((at - from) / (end - from));
  }
}

async function readEvents(file: FileHandle, header: DataView, reader: PerfDataReader, where: string): Promise<void> {
  const entryBytes = unsigned(header, 16);
  const bytes = unsigned(header, 32);
  const section = viewOf(await readAt(file, unsigned(header, 24), Math.min(bytes, MAX_SECTION_BYTES)));
  if (entryBytes < 80 || entryBytes > section.byteLength) throw new UserError({ what: 'names no events', where });
  for (const { event, ids } of readAttrs(section, entryBytes)) {
    const view = ids.bytes > MAX_SECTION_BYTES ? null : viewOf(await readAt(file, ids.offset, ids.bytes));
    const numbers = Array.from({ length: (view?.byteLength ?? 0) >> 3 }, (_, i) => unsigned(view!, i * 8));
    reader.addEvent(event, numbers);
  }
}

async function readFeatures(
  file: FileHandle,
  header: DataView,
  offset: number,
  size: number,
  reader: PerfDataReader,
): Promise<void> {
  const present = Array.from({ length: FEATURES }, (_, i) => i).filter(
    (i) => (header.getUint8(72 + (i >> 3)) >> (i & 7)) & 1,
  );
  const table = viewOf(await readAt(file, offset, present.length * 16));
  for (const [i, feature] of present.entries()) {
    if ((i + 1) * 16 > table.byteLength) return;
    const at = unsigned(table, i * 16);
    const bytes = unsigned(table, i * 16 + 8);
    if (bytes > MAX_SECTION_BYTES || at + bytes > size) continue;
    reader.readFeature(feature, viewOf(await readAt(file, at, bytes)));
  }
}

/** Fewer bytes where the file has no more. */
async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Uint8Array> {
  const { size } = await file.stat();
  const length = Math.max(0, Math.min(bytes, size - offset));
  if (length === 0) return new Uint8Array(0);
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

async function openFile(path: string, where: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    throw new UserError({ what: `can't be opened: ${(cause as Error).message}`, where }, { cause });
  }
}

function checkMagic(header: Uint8Array, where: string): void {
  const magic = String.fromCharCode(...header.subarray(0, MAGIC.length));
  if (magic === MAGIC) return;
  const todo =
    magic === '2ELIFREP'
      ? 'It is from a big-endian machine, which is not read: on that machine write `perf script` into a text file and give that.'
      : magic.startsWith('PERFFILE')
        ? 'It is of a perf before 2010, which is not read: write `perf script` into a text file and give that.'
        : 'A perf.data begins with PERFILE2: perf record makes one.';
  throw new UserError({ what: 'is no perf.data that can be read', where, todo });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
