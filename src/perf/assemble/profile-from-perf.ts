// A profile from what `perf record` wrote: files, or a pipe while it writes.

import { basename } from 'node:path';
import type { Profile } from '#core/profile';
import type { Images } from '../image.ts';
import { PerfPipe, readPerfFile } from '../perf-data/read-perf-data.ts';
import { PerfAssembly } from './perf-assembly.ts';

export interface ProfileFromPerfOptions {
  readonly images: Images;
  /** Processes that it was taken of: the header tells them, with all that they started. */
  readonly processes?: readonly number[] | undefined;
  /** Hears of the share that has been read, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one recording: a file, or the several files of `perf record --switch-output` in the order of their names, in pieces. What is
 * damaged or missing at a file's end stands in `absent` of the header, with how much was read.
 * @throws UserError where a file can't be opened or is no perf.data
 */
export async function profileFromPerf(
  paths: string | readonly string[],
  { images, processes, onProgress, signal }: ProfileFromPerfOptions,
): Promise<Profile> {
  const files = typeof paths === 'string' ? [paths] : paths.toSorted();
  const assembly = new PerfAssembly(images);
  const remarks: string[] = [];
  for (const [i, path] of files.entries()) {
    const reader = await readPerfFile(path, assembly, {
      onProgress: (share) => onProgress?.((i + share) / files.length),
      signal,
      onHeader: (begun) => assembly.readFrom(begun),
    });
    if (reader.stopped !== null) remarks.push(stoppedRemark(basename(path), reader));
  }
  const profile = assembly.profile(basename(files[0] ?? ''), remarks);
  return processes === undefined ? profile : assembly.takenOf(processes, profile);
}

/** A profile that grows: what `perf record -o -` writes is fed as it comes, and there is a profile at any time. */
export class GrowingPerfProfile {
  readonly #assembly: PerfAssembly;
  readonly #pipe: PerfPipe;
  #ended = false;

  constructor(images: Images) {
    this.#assembly = new PerfAssembly(images);
    this.#pipe = new PerfPipe(this.#assembly, 'perf');
    this.#assembly.readFrom(this.#pipe.reader);
  }

  /** Samples so far; those of the last moment wait for their turn, for perf tells them CPU by CPU. */
  get sampleCount(): number {
    return this.#assembly.sampleCount;
  }

  /**
   * Takes the next bytes. One call after the other: wait for its end.
   * @throws UserError where they are no perf.data in pipe mode
   */
  async feed(bytes: Uint8Array): Promise<void> {
    await this.#pipe.feed(bytes);
  }

  /** What there is so far: a copy, in tens of milliseconds for a million samples. */
  profile(): Profile {
    const { reader } = this.#pipe;
    return this.#assembly.profile(null, reader.stopped === null ? [] : [stoppedRemark('perf', reader)]);
  }

  /** What came since the last slice, which is forgotten here; null where nothing did. See `PerfAssembly.slice`. */
  slice(): Profile | null {
    const { reader } = this.#pipe;
    return this.#assembly.slice(reader.stopped === null ? [] : [stoppedRemark('perf', reader)]);
  }

  /** There is no more: the whole profile. */
  end(): Profile {
    if (!this.#ended) this.#pipe.end();
    this.#ended = true;
    return this.profile();
  }
}

function stoppedRemark(where: string, reader: { readonly stopped: string | null; readonly bytes: number }): string {
  return `The rest of ${where}: ${reader.stopped}. ${(reader.bytes / 1e6).toFixed(1)} MB were read.`;
}
