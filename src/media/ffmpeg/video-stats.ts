// Reads the file of -vstats_file: quantizer and type of each packet, in the order of coding.

import { createReadStream } from 'node:fs';
import { FRAME_TYPES } from '#core/recording';
import { describedOptions } from '../encoder-text.ts';
import { isSystemError } from '../cache-file.ts';

const READ_BYTES = 256 * 1024;
const INITIAL_PACKETS = 4096;
/** Encoders that tell a quantizer of 0 and mean it (lossless); the others mean that they do not tell. */
const TELLS_ZERO = /^libx26[45]/;

export interface VideoStats {
  readonly packets: number;
  /** NaN where it is not told. */
  readonly quantizer: Float32Array;
  /** Codes in FRAME_TYPES. */
  readonly type: Uint8Array;
}

/**
 * Both versions of the format: `… q= 28.0 f_size=    751 … type= I`.
 * @returns null where there is no such file
 */
export async function readVideoStats(path: string, encoder: string): Promise<VideoStats | null> {
  let quantizer = new Float32Array(INITIAL_PACKETS);
  let type = new Uint8Array(INITIAL_PACKETS);
  let packets = 0;
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: READ_BYTES })) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const told = / q= *(-?[\d.]+) .* type= (.)/.exec(line);
        if (told === null) continue;
        if (packets === type.length) {
          quantizer = grown(quantizer, new Float32Array(packets * 2));
          type = grown(type, new Uint8Array(packets * 2));
        }
        quantizer[packets] = quantizerOf(told[1]!, encoder);
        type[packets++] = Math.max(0, FRAME_TYPES.indexOf(told[2] as never));
      }
    }
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
  return { packets, quantizer, type };
}

/**
 * With frame threads x264 tells with each packet the quantizer of a frame that comes out threads - 1 packets later (see
 * the bundled engine's packet-quality.ts): so many places it is moved, and the first packets' are not known.
 */
export function movedQuantizers(stats: VideoStats, encoder: string, description: string | null): Float32Array {
  const options = describedOptions(encoder.startsWith('libx264') ? (description ?? '') : '');
  const threads = options.get('sliced_threads') === '1' ? 1 : Number(options.get('threads') ?? 1);
  const late = Math.max(0, Math.min(stats.packets, threads - 1)) || 0;
  const moved = new Float32Array(stats.packets).fill(NaN);
  moved.set(stats.quantizer.subarray(0, stats.packets - late), late);
  return moved;
}

/** What is not told is written as -1/118, and printed as -0.0. */
function quantizerOf(text: string, encoder: string): number {
  const value = Number(text);
  return value > 0 || (text === '0.0' && TELLS_ZERO.test(encoder)) ? value : NaN;
}

function grown<Column extends Float32Array | Uint8Array>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}
