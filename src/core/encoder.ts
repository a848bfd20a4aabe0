// Encoders and their parameters, as discovered from an engine.

export type ParameterType = 'int' | 'float' | 'bool' | 'enum' | 'string' | 'flags' | 'rational' | 'duration';

export interface EncoderParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly description: string;
  /** Declared range; null where none is declared (or only the limits of the number type). */
  readonly min: number | null;
  readonly max: number | null;
  readonly default: string | number | boolean | null;
  /** Named values of an enum or flags, in declared order. */
  readonly values: readonly EnumValue[];
  /** Whether a running encoder takes a new value; null where that was not tried yet. */
  readonly live: LiveChange | null;
  /** `private` belongs to this encoder, `generic` to every encoder of the engine. */
  readonly scope: 'private' | 'generic';
}

/**
 * What became of a parameter that was changed in the middle of a small encode. No option table tells it, so the output is
 * compared with that of an encode without the change, and of one that had the new value from its beginning.
 */
export interface LiveChange {
  /** `unknown`: the value makes no difference to the small encode even from its beginning, or the encoder's output varies by itself. */
  readonly state: 'yes' | 'no' | 'unknown';
  /** What was tried and seen: `crf 30 -> 40 at frame 12: the output changes from there on`. */
  readonly how: string;
}

/** A name inside of a parameter that holds a list: `aq-mode` in `x264-params`. */
export interface SubOption {
  /** The parameter that takes it. */
  readonly parameter: string;
  readonly name: string;
  /** What the library uses where nothing is said; null where it does not tell. */
  readonly default: string | null;
  /** Empty where it is not told. */
  readonly description: string;
}

export interface EnumValue {
  readonly name: string;
  readonly value: number;
  readonly description: string;
}

export interface EncoderInfo {
  readonly name: string;
  /** `h264`, `av1` … */
  readonly codec: string;
  readonly description: string;
  /** The setting `engine`: `bundled`, `ffmpeg`, or the path of an executable. */
  readonly engine: string;
  readonly hardware: boolean;
  /** `frame`, `slice`, `other` (its own), `none`. */
  readonly threads: 'frame' | 'slice' | 'other' | 'none';
  readonly pixelFormats: readonly string[];
  readonly parameters: readonly EncoderParameter[];
  /** Names inside of x264-params, svtav1-params …, where the library lets them be listed. */
  readonly subOptions: readonly SubOption[];
  /** The device that a hardware encoder works on: `vaapi`, `cuda`, `qsv`, `vulkan`, `amf`, `v4l2`; null for software. */
  readonly device: string | null;
  /** True where a trial encode of two frames worked on this machine. */
  readonly available: boolean;
  /** Why it does not work here; null where it does. */
  readonly reason: string | null;
}
