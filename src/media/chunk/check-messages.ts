// What the child that checks chunks is given, and what it tells.

import type { CheckedChunk, ChunkToCheck } from './check-chunk.ts';

export interface CheckJob {
  readonly files: readonly ChunkToCheck[];
}

export type CheckMessage =
  | { readonly kind: 'alive' }
  /** Of the file at work, in pieces. */
  | { readonly kind: 'hashes'; readonly hashes: readonly string[] }
  | { readonly kind: 'checked'; readonly file: Omit<CheckedChunk, 'packetHashes'> };
