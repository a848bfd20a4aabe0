// The shape of work: what a piece of it took, phase by phase, with what was known of it before it ran.

/** Of the table, so that a later reader knows what it has. */
export const SHAPE_VERSION = 1;

/** The phase that stands for the whole piece; `PHASES` of a recording and the stages of an item stand beside it. */
export const WHOLE = 'whole';

/** The others, as they come one after the other, whatever the kind of the piece. */
export const PIECE_PHASES = ['open', 'encode', 'flush', 'mux', 'make', 'join', 'check', 'plan', 'keep'] as const;

/** Between the words of a piece whose outputs differ: `av1+h264`. */
export const WORD_JOINT = '+';
/** Among others the word of an output that has none. */
const NO_WORD = 'default';

/** One word for several outputs: theirs where they agree, else each of theirs once, in their order. Null where none has one. */
export function joinWords(words: readonly (string | null)[]): string | null {
  const distinct = [...new Set(words)];
  if (distinct.length <= 1) return distinct[0] ?? null;
  return distinct.map((word) => word ?? NO_WORD).join(WORD_JOINT);
}

/** The words that were joined. */
export function wordParts(word: string | null): readonly string[] {
  return word === null ? [] : word.split(WORD_JOINT);
}

/**
 * What of a piece of work is known before it runs: all that a prediction may look at. Null where it does not apply or is not
 * known. Codec, encoder, engine, preset and rate control of outputs that differ are one word each, see {@link joinWords}.
 */
export interface WorkFeatures {
  /** Kind of the item; `encode` for a run of a benchmark. */
  readonly kind: string;
  readonly codec: string | null;
  readonly encoder: string | null;
  /** `bundled`, or the executable's own name. */
  readonly engine: string | null;
  readonly preset: string | null;
  /** How bits are spent: `crf`, `bitrate`, `qp`; with the largest output's value as the encoder counts it (bits a second for `bitrate`), which outputs of different encoders do not share. */
  readonly rateControl: string | null;
  readonly rateValue: number | null;
  /** Of the largest output, pixels. */
  readonly width: number | null;
  readonly height: number | null;
  /** Files that one pass over the source makes (rungs of a chunk), and pixels of one frame summed over them. */
  readonly outputs: number;
  readonly outputPixels: number | null;
  /** Pixels of one frame of the source: what is decoded and scaled. */
  readonly sourcePixels: number | null;
  readonly frameRate: number | null;
  readonly frames: number | null;
  readonly bitDepth: number | null;
  readonly passes: number;
  /** Mean spatial and temporal information of the frames, 8-bit steps (ITU-T P.910, of the reduced picture). */
  readonly spatial: number | null;
  readonly temporal: number | null;
  /** Mean size of the source's packets, bytes a frame. */
  readonly sourceFrameBytes: number | null;
  readonly threads: number | null;
  /** CPU model and count of cores. */
  readonly machine: string;
}

/** What a phase took. Null where it could not be measured: absent is not zero. */
export interface Used {
  /** Seconds, monotonic. */
  readonly durationS: number;
  /** CPU seconds of all its processes. */
  readonly cpuS: number | null;
  /** Most cores busy over a second. */
  readonly cpuPeak: number | null;
  /** Most resident bytes of all its processes together. */
  readonly memoryPeak: number | null;
  /** Bytes. */
  readonly diskRead: number | null;
  readonly diskWritten: number | null;
  readonly network: number | null;
}

export const SHAPE_OUTCOMES = ['ok', 'failed'] as const;
export type ShapeOutcome = (typeof SHAPE_OUTCOMES)[number];

/** A row of the table `shapes`: one phase of one piece of work. */
export interface ShapeRow extends WorkFeatures, Used {
  /** Of the piece: a run's id, or a new UUIDv7 for an item that is no run. */
  readonly id: string;
  /** Title and key of the item; null for a run that is no item. */
  readonly title: string | null;
  readonly item: string | null;
  /** SHA-256 of the source's content; null where there is none. */
  readonly source: string | null;
  readonly phase: string;
  /** UTC, milliseconds. */
  readonly endedAt: number;
  readonly outcome: ShapeOutcome;
}

/** A number that is not known yet: its median, and bounds that hold it as often as `coverage` says. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What a piece of work will take. Null where nothing is known of that quantity. */
export interface Prediction {
  /** Of the whole piece, with its own threads and nobody beside it. Seconds. */
  readonly durationS: Interval | null;
  /** CPU seconds. */
  readonly cpuS: Interval | null;
  /** Bytes, peak. */
  readonly memoryBytes: Interval | null;
  /** Share of the truth that the bounds are made to hold, 0.95. */
  readonly coverage: number;
  /** What it stands on: a model of the lab by its version, the calibration of this machine, or nothing. */
  readonly basis: `model ${number}` | 'calibration' | 'guess';
}
