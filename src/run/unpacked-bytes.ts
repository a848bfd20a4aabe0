// Bytes of a file that may be compressed by gzip: unpacked as they come, and what is there of one that was cut off.

import { createGunzip } from 'node:zlib';
import { UserError } from '#core/user-error';

/** Unpacked, a file may not be longer: a few bytes can be told to be any number of zeros. */
const MAX_UNPACKED_BYTES = 16 * 1024 ** 3;

export interface Unpacked {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** True once `bytes` has ended where the compressed data was not whole. */
  readonly cut: () => boolean;
}

export function isGzip(beginning: Uint8Array): boolean {
  return beginning[0] === 0x1f && beginning[1] === 0x8b;
}

/** @throws UserError (while it is read) where the compressed data is damaged, or far too long unpacked */
export function gunzipped(packed: AsyncIterable<Uint8Array>, where: string): Unpacked {
  let cut = false;
  return { bytes: gunzip(packed, where, () => (cut = true)), cut: () => cut };
}

async function* gunzip(
  packed: AsyncIterable<Uint8Array>,
  where: string,
  onCut: () => void,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // Those of one piece of the packed file, which is at most 1032 times as long.
  let unpacked: Uint8Array[] = [];
  let failure: Error | null = null;
  let total = 0;
  gunzip.on('data', (bytes: Uint8Array) => unpacked.push(bytes));
  gunzip.on('error', (error) => (failure = error));
  const ended = new Promise<void>((resolve) => gunzip.once('close', resolve));
  function* taken(): Generator<Uint8Array> {
    for (const bytes of unpacked) {
      total += bytes.length;
      if (total > MAX_UNPACKED_BYTES)
        throw new UserError({ what: `unpacked it has more than ${MAX_UNPACKED_BYTES / 1024 ** 3} GiB`, where });
      yield bytes;
    }
    unpacked = [];
  }
  try {
    for await (const bytes of packed) {
      if (failure !== null || gunzip.writableEnded) break;
      // Where it fails nobody calls back.
      await Promise.race([new Promise<void>((resolve) => gunzip.write(bytes, () => resolve())), ended]);
      yield* taken();
    }
    if (failure === null) gunzip.end();
    await ended;
    yield* taken();
    if (failure === null) return;
    if ((failure as NodeJS.ErrnoException).code !== 'Z_BUF_ERROR')
      throw new UserError(
        {
          what: `its compressed data is damaged: ${(failure as Error).message}`,
          where,
          todo: 'Unpack it with gzip to see what can be had of it, or fetch it again.',
        },
        { cause: failure },
      );
    onCut();
  } finally {
    gunzip.destroy();
  }
}
