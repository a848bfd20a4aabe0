// Writes a file of kept frames (kept-format.ts says how it looks) without ever holding up the stream: writes go on beside it, and
// what they can't keep up with is not kept.

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

/** Bytes that wait for the disk at most, beside one record of any size. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Buffers in one write. */
const MAX_WRITE_BUFFERS = 256;

export interface KeptResult {
  readonly frames: number;
  readonly bytes: number;
  /** Whether the file holds less than it was given: its bound was reached, or the disk failed or did not keep up. */
  readonly cut: boolean;
}

export class KeptFileWriter {
  readonly #file: FileHandle;
  readonly #maxBytes: number;
  readonly #waiting: { readonly buffers: readonly Uint8Array[]; readonly bytes: number; readonly frame: boolean }[] =
    [];
  /** Pictures stand alone: one that the disk has no time for leaves no gap. */
  readonly #mayHaveGaps: boolean;
  #waitingBytes = 0;
  #taken = 0;
  #writing: Promise<void> | null = null;
  #frames = 0;
  #bytes = 0;
  #cut = false;

  private constructor(file: FileHandle, header: KeptHeader, maxBytes: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    this.#mayHaveGaps = header.what === 'pictures';
    this.#json(KEPT_HEADER, { version: KEPT_VERSION, ...header });
  }

  /**
   * A new file; one of the same name is overwritten.
   * @param maxBytes no record is begun that would make the file longer
   * @throws UserError where it can't be made
   */
  static async open(path: string, header: KeptHeader, maxBytes: number): Promise<KeptFileWriter> {
    try {
      return new KeptFileWriter(await open(path, 'w'), header, maxBytes);
    } catch (cause) {
      throw new UserError({ what: `it can't be written: ${(cause as Error).message}`, where: path }, { cause });
    }
  }

  /** Holds for the frames that follow. */
  config(config: MediaConfig | KeptPictures): void {
    const extraData = 'extraData' in config ? config.extraData : undefined;
    this.#json(
      KEPT_CONFIG,
      extraData === undefined
        ? config
        : { ...config, extraData: extraData === null ? null : Buffer.from(extraData).toString('base64') },
    );
  }

  /**
   * One frame; its data must not be changed any more.
   * @param captureUs microseconds, the sender's monotonic clock
   * @returns false where it is not kept: `cut` says why, or (pictures) the disk did not keep up
   */
  frame(frame: number, sourceFrame: number, captureUs: number, key: boolean, ...data: readonly Uint8Array[]): boolean {
    const fields = Buffer.alloc(KEPT_FRAME_BYTES);
    fields.writeInt32LE(frame, 0);
    fields.writeInt32LE(sourceFrame, 4);
    fields.writeDoubleLE(captureUs, 8);
    fields[16] = key ? 1 : 0;
    return this.#record(KEPT_FRAME, [fields, ...data]);
  }

  /** Waits until all is written. */
  async close(): Promise<KeptResult> {
    await this.#writing;
    await this.#file.close();
    return { frames: this.#frames, bytes: this.#bytes, cut: this.#cut };
  }

  #json(kind: number, value: object): void {
    this.#record(kind, [Buffer.from(JSON.stringify(value))]);
  }

  #record(kind: number, parts: readonly Uint8Array[]): boolean {
    if (this.#cut) return false;
    let length = 1;
    for (const part of parts) length += part.length;
    const bytes = length + KEPT_PREFIX_BYTES - 1;
    const busy = this.#waitingBytes > 0 && this.#waitingBytes + bytes > MAX_WAITING_BYTES;
    if (busy && this.#mayHaveGaps) return false;
    if (busy || length > MAX_KEPT_RECORD_BYTES || this.#taken + bytes > this.#maxBytes) {
      this.#cut = true;
      return false;
    }
    const prefix = Buffer.alloc(KEPT_PREFIX_BYTES);
    prefix.writeUInt32LE(length, 0);
    prefix[4] = kind;
    this.#taken += bytes;
    this.#waitingBytes += bytes;
    this.#waiting.push({ buffers: [prefix, ...parts], bytes, frame: kind === KEPT_FRAME });
    this.#writing ??= this.#write();
    return true;
  }

  async #write(): Promise<void> {
    // What is given in the same turn goes into the same write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const buffers: Uint8Array[] = [];
      let [records, bytes, frames] = [0, 0, 0];
      for (const each of this.#waiting) {
        if (records > 0 && buffers.length + each.buffers.length > MAX_WRITE_BUFFERS) break;
        buffers.push(...each.buffers);
        records++;
        bytes += each.bytes;
        if (each.frame) frames++;
      }
      const written = await writeAll(this.#file, buffers);
      this.#waiting.splice(0, records);
      this.#waitingBytes -= bytes;
      if (!written) {
        this.#cut = true;
        this.#waiting.length = 0;
        this.#waitingBytes = 0;
        break;
      }
      this.#frames += frames;
      this.#bytes += bytes;
    }
    this.#writing = null;
  }
}

/** @returns false where the disk fails (full, gone) */
async function writeAll(file: FileHandle, buffers: readonly Uint8Array[]): Promise<boolean> {
  let rest = buffers.filter((buffer) => buffer.length > 0);
  try {
    while (rest.length > 0) {
      let { bytesWritten } = await file.writev(rest);
      const first = rest.findIndex((buffer) => {
        if (bytesWritten < buffer.length) return true;
        bytesWritten -= buffer.length;
        return false;
      });
      rest = first < 0 ? [] : [rest[first]!.subarray(bytesWritten), ...rest.slice(first + 1)];
    }
    return true;
  } catch {
    return false;
  }
}
