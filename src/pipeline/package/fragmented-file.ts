// A file of fragments (ISO/IEC 14496-12, section 8.8) as it stands on the disk: its index and every fragment counted, with
// none of the media read.

import { open, type FileHandle } from 'node:fs/promises';

/** Bytes of a box that is read whole (headers, an index, a fragment's tables), at most. */
const MAX_BOX_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = 16;

const TFHD_BASE_OFFSET = 0x1;
const TFHD_DESCRIPTION = 0x2;
const TFHD_DURATION = 0x8;
const TRUN_OFFSET = 0x1;
const TRUN_FIRST_FLAGS = 0x4;
const TRUN_DURATION = 0x100;
const TRUN_SIZE = 0x200;
const TRUN_FLAGS = 0x400;
const TRUN_COMPOSITION = 0x800;

export interface Segment {
  readonly offset: number;
  readonly bytes: number;
  /** Ticks, as the index has it. */
  readonly duration: number;
}

export interface FragmentedFile {
  readonly bytes: number;
  readonly timescale: number;
  /** Bytes from the start of the file that a decoder is set up with. */
  readonly headerBytes: number;
  /** First and last byte of the index. */
  readonly index: readonly [first: number, last: number];
  readonly segments: readonly Segment[];
  /** Samples of all fragments, and their durations in ticks. */
  readonly samples: number;
  readonly duration: number;
  /** Null where it is in the clear. */
  readonly protection: { readonly scheme: string; readonly keyId: string } | null;
}

/** @throws Error where it is no such file, or its index does not say where its fragments are */
export async function readFragmentedFile(path: string): Promise<FragmentedFile> {
  const file = await open(path, 'r');
  try {
    return await read(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, bytes: number): Promise<FragmentedFile> {
  let movie: Movie | null = null;
  let headerBytes = 0;
  let index: {
    readonly at: readonly [number, number];
    readonly segments: Segment[];
    readonly timescale: number;
  } | null = null;
  const starts = new Set<number>();
  let samples = 0;
  let duration = 0;
  for (let at = 0; at < bytes;) {
    const box = await boxAt(file, at, bytes);
    if (box.type === 'moov') {
      movie = readMovie(await content(file, box));
      headerBytes = box.end;
    } else if (box.type === 'sidx') {
      if (index !== null) throw new Error('it has more than one index');
      index = { at: [at, box.end - 1], ...readIndex(await content(file, box), box.end) };
    } else if (box.type === 'moof') {
      if (movie === null) throw new Error('a fragment stands before the header');
      starts.add(at);
      const made = readFragment(await content(file, box), movie.defaultDuration);
      samples += made.samples;
      duration += made.duration;
    }
    at = box.end;
  }
  if (movie === null || index === null) throw new Error('it has no header or no index');
  let next = index.at[1] + 1;
  for (const segment of index.segments) {
    if (segment.offset !== next || !starts.has(segment.offset))
      throw new Error(`the index says that a segment begins at byte ${segment.offset}, where none does`);
    next += segment.bytes;
  }
  if (next !== bytes) throw new Error(`the index ends at byte ${next}, the file at ${bytes}`);
  if (index.timescale !== movie.timescale) throw new Error('the index has another time scale than the track');
  const { timescale, protection } = movie;
  return { bytes, timescale, headerBytes, index: index.at, segments: index.segments, samples, duration, protection };
}

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

async function boxAt(file: FileHandle, at: number, bytes: number): Promise<Box> {
  const header = Buffer.alloc(HEADER_BYTES);
  await file.read(header, 0, HEADER_BYTES, at);
  const short = header.readUInt32BE(0);
  const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short === 0 ? bytes - at : short;
  const start = at + (short === 1 ? 16 : 8);
  if (at + size > bytes || at + size < start) throw new Error(`it is cut or damaged at byte ${at}`);
  return { type: header.toString('latin1', 4, 8), start, end: at + size };
}

async function content(file: FileHandle, { type, start, end }: Box): Promise<Buffer> {
  if (end - start > MAX_BOX_BYTES) throw new Error(`its box ${type} is too large`);
  const bytes = Buffer.alloc(end - start);
  await file.read(bytes, 0, bytes.length, start);
  return bytes;
}

/** Boxes inside a box; `skip` bytes of fields stand before them. */
function* boxes(bytes: Buffer, skip = 0): Generator<readonly [type: string, content: Buffer]> {
  for (let at = skip; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) throw new Error(`a box inside it is damaged`);
    yield [bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + size)];
    at += size;
  }
}

function inside(bytes: Buffer, ...path: readonly string[]): Buffer | null {
  let found: Buffer | null = bytes;
  for (const name of path) {
    let next: Buffer | null = null;
    for (const [type, inner] of boxes(found)) if (type === name) next ??= inner;
    if (next === null) return null;
    found = next;
  }
  return found;
}

interface Movie {
  readonly timescale: number;
  readonly defaultDuration: number;
  readonly protection: FragmentedFile['protection'];
}

function readMovie(moov: Buffer): Movie {
  const mdhd = inside(moov, 'trak', 'mdia', 'mdhd');
  const trex = inside(moov, 'mvex', 'trex');
  const stsd = inside(moov, 'trak', 'mdia', 'minf', 'stbl', 'stsd');
  if (mdhd === null || trex === null || stsd === null) throw new Error('its header has no track of fragments');
  return {
    timescale: mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12),
    defaultDuration: trex.readUInt32BE(12),
    protection: readProtection(stsd),
  };
}

/** Fields before the boxes of a sample entry: picture, sound (ISO/IEC 14496-12, sections 12.1.3 and 12.2.3). */
const ENTRY_FIELDS: Readonly<Record<string, number>> = { encv: 78, enca: 28 };

function readProtection(stsd: Buffer): FragmentedFile['protection'] {
  for (const [type, entry] of boxes(stsd, 8)) {
    const skip = ENTRY_FIELDS[type];
    if (skip === undefined) continue;
    for (const [inner, sinf] of boxes(entry, skip)) {
      if (inner !== 'sinf') continue;
      const schm = inside(sinf, 'schm');
      const tenc = inside(sinf, 'schi', 'tenc');
      if (schm === null || tenc === null) throw new Error('its protection is not described');
      return { scheme: schm.toString('latin1', 4, 8), keyId: tenc.toString('hex', 8, 24) };
    }
  }
  return null;
}

function readIndex(sidx: Buffer, end: number) {
  const wide = sidx[0] === 1;
  const timescale = sidx.readUInt32BE(8);
  let at = wide ? 28 : 20;
  let offset = end + (wide ? Number(sidx.readBigUInt64BE(20)) : sidx.readUInt32BE(16));
  const count = sidx.readUInt16BE(at + 2);
  at += 4;
  const segments: Segment[] = [];
  for (let i = 0; i < count; i++, at += 12) {
    const bytes = sidx.readUInt32BE(at) & 0x7fffffff;
    segments.push({ offset, bytes, duration: sidx.readUInt32BE(at + 4) });
    offset += bytes;
  }
  return { timescale, segments };
}

function readFragment(moof: Buffer, trackDuration: number): { samples: number; duration: number } {
  let samples = 0;
  let duration = 0;
  for (const [type, traf] of boxes(moof)) {
    if (type !== 'traf') continue;
    let each = trackDuration;
    for (const [inner, bytes] of boxes(traf)) {
      const flags = bytes.readUInt32BE(0) & 0xffffff;
      if (inner === 'tfhd' && (flags & TFHD_DURATION) !== 0)
        each = bytes.readUInt32BE(8 + (flags & TFHD_BASE_OFFSET ? 8 : 0) + (flags & TFHD_DESCRIPTION ? 4 : 0));
      if (inner !== 'trun') continue;
      const count = bytes.readUInt32BE(4);
      samples += count;
      if ((flags & TRUN_DURATION) === 0) {
        duration += count * each;
        continue;
      }
      let at = 8 + (flags & TRUN_OFFSET ? 4 : 0) + (flags & TRUN_FIRST_FLAGS ? 4 : 0);
      const row = 4 + (flags & TRUN_SIZE ? 4 : 0) + (flags & TRUN_FLAGS ? 4 : 0) + (flags & TRUN_COMPOSITION ? 4 : 0);
      for (let i = 0; i < count; i++, at += row) duration += bytes.readUInt32BE(at);
    }
  }
  return { samples, duration };
}
