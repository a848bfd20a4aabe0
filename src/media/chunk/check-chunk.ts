// Is a chunk what it was to be? Its file is read again and decoded wholly, each of its GOPs by itself, in a child of ours.

import type { Fraction } from '#core/source';
import { shortLogTail } from '../bundled/log-tail.ts';
import { runWatched, type WatchedResult } from '../watched-child.ts';
import type { CheckMessage } from './check-messages.ts';
import type { KeptPictures } from './chunk-job.ts';

/** Decoding a frame takes far less than a second. */
const STALL_MS = 60_000;
/** A chunk is minutes long: on a machine that is loaded heavily its decoding takes some of them too. */
const DEFAULT_TIMEOUT_MS = 3_600_000;
/** An 8K picture takes 50 MB, and a decoder holds some ten of them. */
const MAX_RSS_BYTES = 3_000_000_000;

export interface ChunkToCheck {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Seconds a tick of the encoder's times. */
  readonly timeBase: { readonly num: number; readonly den: number };
  /** Ticks of each frame, ascending from 0; null where frame k is shown at k. */
  readonly pts: readonly number[] | null;
  /** Frames at which a keyframe stands, and at no others; ascending, the first is 0. */
  readonly keyframes: readonly number[];
  /** Frames a second, the average where the rate varies. */
  readonly frameRate: Fraction;
  /** The source's pictures next to its ends, by which they are scored; null where none were kept. */
  readonly kept: KeptPictures | null;
}

/** XPSNR of a chunk's frames next to its ends, dB, by which its seams are judged. */
export interface ChunkEdges {
  /** From its first frame on, and from its last one back: two that are judged, and six at most that tell what is usual. */
  readonly first: readonly number[];
  readonly last: readonly number[];
  /** Why there are none; null where there are. */
  readonly absent: string | null;
}

/** What its decoded pictures are: joining is held against it. */
export interface SeenPictures {
  /** SHA-256 of all pictures of its first and of its last GOP, each in the order of presentation. */
  readonly headHash: string;
  readonly tailHash: string;
  readonly edges: ChunkEdges;
}

export interface CheckedChunk {
  /** What is wrong with it, in words; null where nothing is. */
  readonly problem: string | null;
  readonly frames: number;
  /** Of the file. */
  readonly bytes: number;
  /** CPU seconds of reading and decoding it; null where its child was killed. */
  readonly cpuS: number | null;
  /** Of each packet in the order of coding: the first 16 hexadecimal digits of the SHA-256 of its bytes. */
  readonly packetHashes: readonly string[];
  /** Ticks below 0 at which decoding begins: what the encoder reorders at most. */
  readonly decodesFrom: number;
  /** Null where there is a problem. */
  readonly pictures: SeenPictures | null;
}

/**
 * Checks several files in one child, one after the other.
 * @returns one for each file, in their order; a damaged file is a `problem`
 * @throws the signal's reason where it aborts
 */
export async function checkChunks(
  files: readonly ChunkToCheck[],
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined } = {},
): Promise<CheckedChunk[]> {
  const checked: CheckedChunk[] = [];
  const hashes: string[] = [];
  const result = await runWatched(
    import.meta.url,
    './check-child',
    { files },
    {
      stallMs: STALL_MS,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxRssBytes: MAX_RSS_BYTES,
      signal: options.signal,
      onMessage: (raw) => {
        const message = raw as unknown as CheckMessage;
        if (message.kind === 'hashes') hashes.push(...message.hashes);
        else if (message.kind === 'checked') checked.push({ ...message.file, packetHashes: hashes.splice(0) });
      },
    },
  );
  options.signal?.throwIfAborted();
  const problem = checked.length === files.length ? null : brokenOff(result);
  const none = { problem, frames: 0, bytes: 0, cpuS: null, packetHashes: [], decodesFrom: 0, pictures: null };
  return files.map((_, i) => checked[i] ?? none);
}

function brokenOff({ child, stopped, fault }: WatchedResult): string {
  if (stopped === 'stalled') return `decoding it makes no progress for ${STALL_MS / 1000} s`;
  if (stopped === 'timeout') return 'decoding it takes too long';
  if (stopped === 'memory') return 'decoding it takes too much memory';
  if (fault !== null) return `its checker sent ${fault}`;
  return `its checker crashed (${child.signal ?? `exit status ${child.code}`}): ${shortLogTail(child.stderr)}`;
}
