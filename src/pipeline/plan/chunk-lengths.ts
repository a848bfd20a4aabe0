// How long the chunks of a source are to be: long enough to be cheap, short enough to keep many workers busy.

/** Chunks that a short source is cut into: enough for the workers of one machine. */
const CHUNKS_OF_SHORT = 6;
/** Seconds of a chunk of a long source: with the limits below it lasts 30 s to 2 minutes. */
const LONG_S = 60;
/** Below it a chunk costs clearly more CPU for each frame: an item of 12 frames twice that of one of 720, one of 120 a fifth more. */
const LEAST_FRAMES = 96;
const LEAST_S = 4;
/** The shortest and the longest chunk, as shares of the wanted length. */
const SHORTEST = 0.5;
const LONGEST = 2;

/** Seconds. */
export interface ChunkLengths {
  readonly target: number;
  readonly shortest: number;
  readonly longest: number;
}

/**
 * @param asked seconds of a chunk as a person asked for it; null decides by the source
 * @param durationS of the source
 * @param frameRate its mean, frames a second
 * @param gopS seconds between keyframes: no chunk is wanted shorter than one of them
 */
export function chunkLengths(asked: number | null, durationS: number, frameRate: number, gopS: number): ChunkLengths {
  const automatic = Math.min(LONG_S, Math.max(durationS / CHUNKS_OF_SHORT, LEAST_S, LEAST_FRAMES / frameRate));
  const target = Math.max(asked ?? automatic, gopS);
  return { target, shortest: SHORTEST * target, longest: LONGEST * target };
}
