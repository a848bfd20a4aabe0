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
  /** `private` belongs to this encoder, `generic` to every encoder of the engine. */
  readonly scope: 'private' | 'generic';
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
  readonly engine: string;
  readonly hardware: boolean;
  /** `frame`, `slice`, `other` (its own), `none`. */
  readonly threads: 'frame' | 'slice' | 'other' | 'none';
  readonly pixelFormats: readonly string[];
  readonly parameters: readonly EncoderParameter[];
  /** True where a trial encode of two frames worked on this machine. */
  readonly available: boolean;
  /** Why it does not work here; null where it does. */
  readonly reason: string | null;
}
