// Files of recordings that wait on this agent until the collector has them: what the receiver got, pictures of the source.

import { constants, mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '#core/user-error';
import { FILE_CHUNK_BYTES } from '../agent-wire.ts';

/** Folders at once; the oldest goes when there are more: nobody came for it. */
const MAX_FOLDERS = 8;

export interface FilePart {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

export class KeptFolders {
  readonly #base: string;
  readonly #runs = new Set<string>();

  /** @param base a folder of the agent's own */
  constructor(base: string) {
    this.#base = base;
  }

  /** Makes the folder of a run where there is none. @returns its path */
  make(run: string): string {
    const path = this.#path(run);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.#runs.add(run);
    for (const old of this.#runs) {
      if (this.#runs.size <= MAX_FOLDERS) break;
      this.drop(old);
    }
    return path;
  }

  drop(run: string): void {
    const path = this.#path(run);
    this.#runs.delete(run);
    rmSync(path, { recursive: true, force: true });
  }

  /**
   * A file in pieces; the last one may be empty. It stays until its folder is dropped: a collector that died before it had
   * written all asks again.
   * @throws UserError where there is none, or the name leads elsewhere
   */
  async *read(run: string, file: string): AsyncGenerator<FilePart> {
    const folder = this.#path(run);
    if (!SIMPLE_NAME.test(file)) throw refused(`"${file}" is not the name of a file in it`);
    const handle = await open(join(folder, file), constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: Error) => {
      throw new UserError({ what: `there is no ${file} of run ${run} on this agent` }, { cause });
    });
    try {
      const { size } = await handle.stat();
      for (let offset = 0, last = false; !last;) {
        const buffer = Buffer.allocUnsafe(Math.min(FILE_CHUNK_BYTES, Math.max(0, size - offset)));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
        if (bytesRead < buffer.length) throw new UserError({ what: `${file} of run ${run} became shorter` });
        last = offset + bytesRead >= size;
        yield { offset, bytes: buffer, last };
        offset += bytesRead;
      }
    } finally {
      await handle.close();
    }
  }

  #path(run: string): string {
    if (!SIMPLE_NAME.test(run)) throw refused(`"${run}" is not the id of a run`);
    return join(this.#base, run);
  }
}

/** No way out of the folder: no slash, no leading dot. */
const SIMPLE_NAME = /^\w[\w.-]{0,127}$/;

function refused(what: string): UserError {
  return new UserError({ what });
}
