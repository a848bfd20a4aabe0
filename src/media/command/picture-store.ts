// Sources decoded to plain pictures for programs that read nothing else: made once, kept while there is room, gone at the end.

import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '#core/user-error';
import { isSameProcess, ownIdentity } from '#system/process-identity';
import type { EncodeParameters } from '../encode-job.ts';
import { runWatched } from '../watched-child.ts';
import type { PictureJob, PictureMessage } from './picture-child.ts';
import { FRAME_LINE, pictureBytes } from './y4m.ts';

/** `y4m`: YUV4MPEG2; `yuv`: the pictures alone. */
export type PictureKind = 'y4m' | 'yuv';

/** Left free on the disk: recordings and outputs want to be written beside the pictures. */
const RESERVED_BYTES = 1_000_000_000;
/** Files kept at once, whatever room there is. */
const MAX_FILES = 4;
/** A header is shorter. */
const HEADER_BYTES = 200;
/** Frames above the number that the source's length promises, where the number can't be told. */
const SPARE_FRAMES = 2;
const STALL_MS = 60_000;
const TIMEOUT_MS = 6 * 3_600_000;
const FOLDER = /^pictures-(\d+)-(\d+)$/;

export interface PictureRequest {
  readonly kind: PictureKind;
  /** A file or `lavfi:GRAPH`. */
  readonly source: string;
  /** Of the source's file (`fileIdentity`); null where it is none. */
  readonly sourceIdentity: string | null;
  /** Seconds that the source lasts: how many frames to expect where the settings do not tell. */
  readonly durationS: number;
  readonly picture: EncodeParameters;
}

export interface PictureOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((frames: number, of: number) => void) | undefined;
}

interface Kept {
  readonly path: string;
  readonly bytes: number;
}

/** One for a bench; calls come one after the other. */
export class PictureStore {
  readonly #root: string;
  readonly #folder: string;
  readonly #kept = new Map<string, Kept>();
  #count = 0;
  #ready: Promise<unknown> | null = null;

  /** @param root folder in which the store makes its own: on a disk with room */
  constructor(root: string) {
    const { pid, startTicks } = ownIdentity();
    this.#root = root;
    this.#folder = join(root, `pictures-${pid}-${startTicks}`);
  }

  /**
   * Path of the decoded pictures: made now, or by an earlier call with equal settings. It stays until a later call
   * needs its room, or `close`.
   * @throws UserError where the source can't be decoded or the disk has no room for it
   */
  async get(request: PictureRequest, options: PictureOptions = {}): Promise<string> {
    await (this.#ready ??= this.#prepare());
    const { kind, source, sourceIdentity, picture } = request;
    const { width, height, pixelFormat, frameRate, variableFrameRate, frames, sourceStream } = picture;
    const wanted = { width, height, pixelFormat, frameRate, variableFrameRate, frames, sourceStream };
    const key = JSON.stringify([kind, source, sourceIdentity, wanted]);
    const known = this.#kept.get(key);
    if (known !== undefined) {
      // The one used last is the last to go.
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.path;
    }
    const { num, den } = frameRate;
    const maxFrames = picture.expectedFrames ?? Math.ceil((request.durationS * num) / den) + SPARE_FRAMES;
    const bytes = HEADER_BYTES + maxFrames * (pictureBytes(width, height, pixelFormat) + FRAME_LINE.length);
    await this.#makeRoom(bytes, source);
    const path = join(this.#folder, `${this.#count++}.${kind}`);
    try {
      await write({ source, picture, headers: kind === 'y4m', path, maxFrames }, options);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    this.#kept.set(key, { path, bytes });
    return path;
  }

  /** Removes everything. */
  async close(): Promise<void> {
    this.#kept.clear();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await this.removeStale();
  }

  /** Removes what processes left behind that died. */
  async removeStale(): Promise<void> {
    for (const name of await readdir(this.#root).catch((): string[] => [])) {
      const [, pid, startTicks] = FOLDER.exec(name) ?? [];
      if (pid !== undefined && !isSameProcess(Number(pid), Number(startTicks)))
        await rm(join(this.#root, name), { recursive: true, force: true });
    }
  }

  async #makeRoom(bytes: number, source: string): Promise<void> {
    for (;;) {
      const { bavail, bsize } = await statfs(this.#folder);
      const free = bavail * bsize - RESERVED_BYTES;
      const oldest = this.#kept.entries().next();
      if (bytes <= free && this.#kept.size < MAX_FILES) return;
      if (oldest.done === true)
        throw new UserError({
          what: `its decoded pictures take ${gigabytes(bytes)}, and ${this.#folder} has room for ${gigabytes(Math.max(0, free))}`,
          where: source,
          todo: 'choose fewer frames or a smaller resolution, or put the lab on a larger disk',
        });
      this.#kept.delete(oldest.value[0]);
      await rm(oldest.value[1].path, { force: true });
    }
  }
}

async function write(job: PictureJob, { signal, onProgress }: PictureOptions): Promise<void> {
  const told: { end: Extract<PictureMessage, { kind: 'end' }> | null } = { end: null };
  const { child, stopped, fault } = await runWatched(import.meta.url, './picture-child', job, {
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
    signal,
    onMessage: (raw) => {
      const message = raw as unknown as PictureMessage;
      if (message.kind === 'end') told.end = message;
      else onProgress?.(message.frames, job.maxFrames);
    },
  });
  signal?.throwIfAborted();
  const { end } = told;
  const expected = job.picture.expectedFrames;
  const problem =
    end === null
      ? (fault ??
        stopped ??
        `its reader crashed (${child.signal ?? `exit status ${child.code}`}): ${child.stderr.trim()}`)
      : (end.problem ??
        (expected !== null && end.frames < expected ? `it ended after ${end.frames} of ${expected} frames` : null));
  if (problem === null) return;
  throw new UserError({
    what: `it can't be decoded: ${problem}`,
    where: job.source,
    todo: 'check it with encodelab inspect',
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0)} GB`;
}
