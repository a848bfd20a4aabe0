// A GStreamer pipeline under its latency tracer, from the environment that turns it on to the rows and metrics of a run.

import type { Metrics } from '#core/metric';
import { STEP_OUTCOMES, STEPS } from '#core/recording';
import { monotonicUs } from '#system/clock';
import type { StartOptions } from '../running-encode.ts';
import type { FilledCommand } from './command-job.ts';
import type { CommandOutput } from './command-output.ts';
import { ElementTimes, type ElementHistory } from './element-times.ts';
import { namedElements, tracerEnvironment, videoEncoders } from './gstreamer.ts';
import type { CommandSink } from './start-command.ts';
import { openTracerPipe, type TracerPipe } from './tracer-pipe.ts';

const FLUSH_INTERVAL_MS = 1_000;
/** Rows of one batch of steps. */
const BATCH_ROWS = 4096;
const STEP_ENCODE = STEPS.indexOf('encode');
const OUTCOME_OK = STEP_OUTCOMES.indexOf('ok');

export class PipelineTracer {
  readonly #program: string;
  readonly #sink: CommandSink;
  readonly #times: ElementTimes;
  #pipe: TracerPipe | null = null;
  #timer: NodeJS.Timeout | undefined;
  environment: Readonly<Record<string, string>> = {};
  /** Why there are no times; null where there may be. */
  #why: string | null = null;

  private constructor(program: string, argv: readonly string[], sink: CommandSink) {
    this.#program = program;
    this.#sink = sink;
    this.#times = new ElementTimes(sink, namedElements(argv));
  }

  /** Makes the tracer's pipe at a path; where that is not possible the command runs without it, and `finish` tells why. */
  static async open(
    program: string,
    { argv, env }: FilledCommand,
    path: string,
    sink: CommandSink,
  ): Promise<PipelineTracer> {
    const tracer = new PipelineTracer(program, argv, sink);
    const environment = tracerEnvironment({ ...process.env, ...env }, path);
    if ('inTheWay' in environment) {
      tracer.#why = `${environment['inTheWay']} is set already`;
      return tracer;
    }
    const pipe = await openTracerPipe(path, (chunk) => tracer.#times.push(chunk, monotonicUs()));
    if (typeof pipe === 'string') tracer.#why = pipe;
    else {
      tracer.#pipe = pipe;
      tracer.environment = environment as Readonly<Record<string, string>>;
    }
    return tracer;
  }

  begin(timeUs: number): void {
    this.#times.begin(timeUs);
    this.#timer = setInterval(() => this.#times.flush(), FLUSH_INTERVAL_MS);
  }

  /** The program has ended. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pipe?.close();
    this.#times.flush(true);
  }

  /** Lines of GStreamer's log that the user asked for. */
  get otherLines(): readonly string[] {
    return this.#times.otherLines;
  }

  /** Metrics of the elements; the encoder's times become steps of the output's frames. */
  async finish(
    output: CommandOutput,
    options: StartOptions,
  ): Promise<{ readonly metrics: Metrics; readonly absent: readonly string[] }> {
    const why = this.#why ?? (this.#times.records === 0 ? 'its latency tracer told nothing' : null);
    if (why !== null) return { metrics: {}, absent: [`element times of GStreamer: ${why}`] };
    const absent: string[] = [];
    if (this.#times.clock === 'estimated')
      absent.push(
        "element times of GStreamer: the pipeline's clock is not known, and theirs may be off by some milliseconds",
      );
    if (this.#times.dropped > 0)
      absent.push(`element times of GStreamer: ${this.#times.dropped} of elements beyond those that are followed`);
    const steps = output.frames > 0 ? await this.#steps(output, options) : null;
    return { metrics: this.#times.metrics(), absent: steps === null ? absent : [...absent, steps] };
  }

  /**
   * An encoder whose times are as many as the output's frames made them, in this order.
   * @returns why there is none
   */
  async #steps(output: CommandOutput, options: StartOptions): Promise<string | null> {
    const candidates = this.#times.encoders();
    const factories = new Set(candidates.flatMap(({ factory }) => factory ?? []));
    const encoding = await videoEncoders(this.#program, factories);
    const encoders = candidates.filter(({ factory }) => factory === null || encoding.has(factory));
    const fitting = encoders.find(({ endUs }) => endUs.length === output.order.length);
    if (fitting !== undefined) {
      this.#tellSteps(fitting, output.order, options);
      return null;
    }
    const seen = encoders.map(({ name, endUs }) => `${name} told ${endUs.length} times`).join(', ');
    return encoders.length === 0
      ? 'encode.time: no element of the pipeline is known as a video encoder'
      : `encode.time: ${seen}, and the output has ${output.frames} frames (an encoder that reorders tells of some at once)`;
  }

  #tellSteps({ endUs, durationUs }: ElementHistory, order: Int32Array, { stream, role }: StartOptions): void {
    for (let from = 0; from < order.length; from += BATCH_ROWS) {
      const to = Math.min(from + BATCH_ROWS, order.length);
      const rows = to - from;
      this.#sink.steps({
        stream: stream ?? 'video',
        role: role ?? 'guest',
        frame: order.slice(from, to),
        step: new Uint8Array(rows).fill(STEP_ENCODE),
        startUs: Float64Array.from({ length: rows }, (_, i) => Math.round(endUs[from + i]! - durationUs[from + i]!)),
        durationUs: Int32Array.from({ length: rows }, (_, i) => Math.round(durationUs[from + i]!)),
        // An element tells when a frame went in and came out, and not for how long it worked on it.
        busyUs: new Int32Array(rows).fill(-1),
        outcome: new Uint8Array(rows).fill(OUTCOME_OK),
      });
    }
  }
}
