// How a child of ours talks to us on descriptor 3: messages of a length, a kind and a body. Little-endian throughout,
// as every machine that we run on is.

import { QUALITY_COLUMNS, QUALITY_METRICS } from '#core/quality';

/** Sent in the first message; a reader refuses another one, since both sides come from one build. */
export const CHANNEL_VERSION = 1;
/** u32: bytes that follow, kind included. */
export const LENGTH_BYTES = 4;
export const KIND_BYTES = 1;
/** The longest message: 16 times what a full batch needs, so that a child gone mad can't fill our memory. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** A JSON object. */
export const KIND_JSON = 1;
/** u32 rows, u32 time base numerator and denominator, then the columns of FRAME_ROW_COLUMNS one after the other. */
export const KIND_FRAMES = 2;
/** u32 rows, then the columns of STEP_ROW_COLUMNS. */
export const KIND_STEPS = 3;
/** u32 rows, u32 position in SCORE_COLUMNS, then the columns value f64, frame i32, sourceFrame i32. */
export const KIND_SCORES = 4;

/** Rows that a batch holds at most: more than a second of frames at any rate an encoder makes. */
export const BATCH_ROWS = 2048;
/** Bytes of one row of frames: pts f64; frame, sourceFrame, bytes i32; quantizer f32; type, key u8. */
export const FRAME_ROW_BYTES = 8 + 4 * 4 + 2;
/** Bytes of one row of steps: startUs f64; frame, durationUs, busyUs i32; step, outcome u8. */
export const STEP_ROW_BYTES = 8 + 3 * 4 + 2;
/** Bytes of one row of scores. */
export const SCORE_ROW_BYTES = 8 + 2 * 4;

/** Names of scores on the channel: the index is sent. */
export const SCORE_COLUMNS: readonly string[] = QUALITY_METRICS.flatMap((metric) => QUALITY_COLUMNS[metric]);
