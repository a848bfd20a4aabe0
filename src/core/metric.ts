// A metric: one number computed from a recording, with its unit and which way is better.

/** Units are SI or the field's own: `s`, `ms`, `bit/s`, `byte`, `frame/s`, `frame`, `core`, `dB`; `1` for a share or a count without a unit. */
export type Unit = string;

export type Better = 'higher' | 'lower' | null;

export interface Metric {
  readonly value: number;
  readonly unit: Unit;
  /** Which way is better; null where neither is (a bitrate, a number of keyframes). */
  readonly better: Better;
  /** Of a score its model's version, `vmaf_v0.6.1`: scores of two models are two kinds of numbers. */
  readonly model?: string;
}

/** Metrics by name. A metric that could not be computed is absent, never zero. */
export type Metrics = Readonly<Record<string, Metric>>;
