// A command of the user's as a session: any program that encodes, with the settings put into its arguments.

import type { Better, Unit } from './metric.ts';

/** Where a metric is read from: what the program prints, or a file that it writes. */
export type MetricOrigin = { readonly from: 'stdout' | 'stderr' } | { readonly from: 'file'; readonly path: string };

/** A metric that is read from a program's output. */
export interface CommandMetric {
  /** As results show it: `reported fps`. */
  readonly name: string;
  readonly unit: Unit;
  readonly better: Better;
  readonly origin: MetricOrigin;
  /** A regular expression whose first group is the number (its last match counts), or a path in JSON: `summary.fps`, `frames[0].time`. */
  readonly how: { readonly pattern: string } | { readonly json: string };
  /** Place in the benchmark's file. */
  readonly where: string;
}

export interface CommandSpec {
  /**
   * The program and its arguments. `{name}` stands for the value of a setting, `{source}` for the source's path,
   * `{y4m}` for the path of its decoded pictures, `{output}` for the path to write to; `{{` is a brace.
   */
  readonly argv: readonly string[];
  /** Absolute folder of the benchmark's file: `{bench}`, and what a relative program is relative to. */
  readonly folder: string;
  /** Absolute folder that it runs in; a temporary one of the run's own where it is left out. */
  readonly workingFolder?: string | undefined;
  /** Added to the environment; values may hold the same `{name}`. */
  readonly env: Readonly<Record<string, string>>;
  /** Ending of the output file: `mkv`, `ivf`, `h264`; null where the program writes none. */
  readonly output: string | null;
  readonly metrics: readonly CommandMetric[];
  /** True takes the time of each element from GStreamer's latency tracer. */
  readonly gstreamer: boolean;
  /** Place in the benchmark's file. */
  readonly where: string;
}
