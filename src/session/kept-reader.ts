// Reads a file of kept frames, record by record; one whose writer died is read up to its last whole record.

import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from '#core/user-error';
import {
  KEPT_CONFIG,
  KEPT_FRAME,
  KEPT_FRAME_BYTES,
  KEPT_HEADER,
  KEPT_PREFIX_BYTES,
  KEPT_VERSION,
  MAX_KEPT_RECORD_BYTES,
  type KeptHeader,
  type KeptPictures,
} from './kept-format.ts';
import type { MediaConfig } from './transport/media.ts';

export interface KeptFrame {
  readonly kind: 'frame';
  readonly frame: number;
  readonly sourceFrame: number;
  /** Microseconds, the sender's monotonic clock. */
  readonly captureUs: number;
  readonly key: boolean;
  /** An encoded frame, or a picture's planes one after the other without padding. */
  readonly data: Buffer;
}

export type KeptRecord =
  | ({ readonly kind: 'header' } & KeptHeader)
  | { readonly kind: 'bitstream'; readonly config: MediaConfig }
  | { readonly kind: 'pictures'; readonly config: KeptPictures }
  | KeptFrame;

/**
 * The records of a file: its header first.
 * @throws UserError where it can't be read or is no such file
 */
export async function* readKept(path: string): AsyncGenerator<KeptRecord, void, void> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new UserError({ what: `it can't be read: ${(cause as Error).message}`, where: path }, { cause });
  }
  try {
    let header: KeptHeader | null = null;
    for (;;) {
      const record = await readRecord(file, path, header === null);
      if (record === null) return;
      if (header === null) {
        header = parseHeader(record.body, path);
        yield { kind: 'header', ...header };
      } else if (record.kind === KEPT_CONFIG) yield parseConfig(header, record.body);
      else if (record.kind === KEPT_FRAME && record.body.length >= KEPT_FRAME_BYTES) yield parseFrame(record.body);
      // Kinds that we don't know are of a later version that can do without us.
    }
  } finally {
    await file.close();
  }
}

/** Null at the end, a torn one included. */
async function readRecord(
  file: FileHandle,
  path: string,
  first: boolean,
): Promise<{ kind: number; body: Buffer } | null> {
  const prefix = await readExactly(file, KEPT_PREFIX_BYTES);
  if (prefix === null) return null;
  if (first && prefix[4] !== KEPT_HEADER) throw new UserError({ what: 'it is no file of kept frames', where: path });
  const length = prefix.readUInt32LE(0);
  if (length < 1 || length > MAX_KEPT_RECORD_BYTES)
    throw new UserError({ what: `it is damaged: a record of ${length} bytes`, where: path });
  const body = await readExactly(file, length - 1);
  return body === null ? null : { kind: prefix[4]!, body };
}

async function readExactly(file: FileHandle, bytes: number): Promise<Buffer | null> {
  // A length that lies takes memory only for what is there.
  const { size } = bytes > 65_536 ? await file.stat() : { size: bytes };
  if (bytes > size) return null;
  const buffer = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes;) {
    const { bytesRead } = await file.read(buffer, at, bytes - at);
    if (bytesRead === 0) return null;
    at += bytesRead;
  }
  return buffer;
}

function parseHeader(body: Buffer, path: string): KeptHeader {
  let value: Partial<KeptHeader & { version: number }>;
  try {
    value = JSON.parse(body.toString('utf8')) as Partial<KeptHeader & { version: number }>;
  } catch (cause) {
    throw new UserError({ what: 'it is no file of kept frames', where: path }, { cause });
  }
  if (value.version !== KEPT_VERSION)
    throw new UserError({
      what: `it is a file of version ${String(value.version)} where ${KEPT_VERSION} was expected`,
      where: path,
    });
  return { what: value.what!, stream: value.stream! };
}

function parseConfig(header: KeptHeader, body: Buffer): KeptRecord {
  const value: unknown = JSON.parse(body.toString('utf8'));
  if (header.what === 'pictures') return { kind: 'pictures', config: value as KeptPictures };
  const config = value as Omit<MediaConfig, 'extraData'> & { readonly extraData: string | null };
  const extraData = config.extraData === null ? null : Buffer.from(config.extraData, 'base64');
  return { kind: 'bitstream', config: { ...config, extraData } };
}

function parseFrame(body: Buffer): KeptFrame {
  return {
    kind: 'frame',
    frame: body.readInt32LE(0),
    sourceFrame: body.readInt32LE(4),
    captureUs: body.readDoubleLE(8),
    key: body[16] === 1,
    data: body.subarray(KEPT_FRAME_BYTES),
  };
}
