// What a run does: one encode or several at once with an engine, or a command of the user's.

import { join } from 'node:path';
import type { CommandSpec } from '#core/command';
import { JAVASCRIPT_DATA, outputFile, type FrameBatch, type PhaseRow, type StepBatch } from '#core/recording';
import type { RunKind } from '#core/run';
import type { Settings } from '#core/settings';
import type { CommandJob } from '#media/command/command-job';
import { startCommand, type CommandSink } from '#media/command/start-command';
import type { EncodeParameters, PictureTiming } from '#media/encode-job';
import { engineOf } from '#media/engine';
import type { RunningEncode, StartOptions } from '#media/running-encode';

/** The same encode, so many times at once. */
export interface EncodeWork {
  readonly kind: Extract<RunKind, 'encode'>;
  readonly parameters: EncodeParameters;
  /** A file or `lavfi:GRAPH`. */
  readonly source: string;
  readonly concurrent: number;
}

/** The same command, so many times at once. */
export interface CommandWork {
  readonly kind: Extract<RunKind, 'command'>;
  readonly spec: CommandSpec;
  readonly settings: Settings;
  /** A file or `lavfi:GRAPH`; null where the command makes its own pictures. */
  readonly source: string | null;
  /** What goes in; null where there is no source. */
  readonly picture: EncodeParameters | null;
  /** Paths of the source's decoded pictures, of each kind that the command asks for. */
  readonly pictures: CommandJob['pictures'];
  readonly concurrent: number;
}

export type RunWork = EncodeWork | CommandWork;

/** Which of the source's frames a run encodes, and when they are shown; null where there is no source to compare with. */
export function timingOf(work: RunWork): PictureTiming | null {
  return work.kind === 'encode' ? work.parameters : work.picture;
}

export interface WorkSink {
  frames(stream: number, batch: FrameBatch): void;
  steps(batch: StepBatch): void;
  phase(row: PhaseRow): void;
  /** Times of a pipeline's element: monotonic microseconds, and seconds. */
  elements(name: string, timeUs: Float64Array, latencyS: Float64Array): void;
  /** Share of the work that is done, 0 to 1. */
  share(share: number): void;
}

/** What a run started: all of it begins at once, when all of it is ready. */
export interface StartedWork {
  readonly running: readonly RunningEncode[];
  /** Files that it writes, one for each stream; none where a command writes none. */
  readonly outputs: readonly string[];
}

/** Names of the streams: one is `video`, more are `video`, `video 2`, `video 3` … */
export function streamName(stream: number): string {
  return stream === 0 ? 'video' : `video ${stream + 1}`;
}

/**
 * Starts everything that a run does at once; each waits for `begin`.
 * @param javascriptHz samples a second that Node's inspector takes of our own processes; null for none
 */
export function startWork(
  work: RunWork,
  folder: string,
  sink: WorkSink,
  options: StartOptions,
  javascriptHz: number | null = null,
): StartedWork {
  const { concurrent } = work;
  const ending = work.kind === 'encode' ? 'mkv' : work.spec.output;
  const phases = new JointPhases(concurrent, (row) => sink.phase(row));
  const shares = new Float64Array(concurrent);
  const outputs: string[] = [];
  const running = Array.from({ length: concurrent }, (_, stream) => {
    const output = ending === null ? null : join(folder, outputFile(ending, stream));
    if (output !== null) outputs.push(output);
    const streamSink: CommandSink = {
      frames: (batch) => sink.frames(stream, batch),
      steps: (batch) => sink.steps(batch),
      phase: (row) => phases.add(row),
      // Elements of equal pipelines have equal names: the first pipeline's stand for all.
      elements: (name, timeUs, latencyS) => stream === 0 && sink.elements(name, timeUs, latencyS),
      progress: ({ frames, of }) => {
        if (of === null || of === 0) return;
        shares[stream] = Math.min(1, frames / of);
        sink.share(shares.reduce((sum, share) => sum + share, 0) / concurrent);
      },
    };
    const javascript =
      javascriptHz === null
        ? undefined
        : { file: join(folder, `${JAVASCRIPT_DATA}${stream + 1}`), frequencyHz: javascriptHz };
    const streamOptions = { ...options, stream: streamName(stream), javascript };
    if (work.kind === 'command') return startCommand({ ...work, folder, output }, streamSink, streamOptions);
    const { parameters, source } = work;
    return engineOf(parameters.engine).start({ parameters, source, output: output! }, streamSink, streamOptions);
  });
  return { running, outputs };
}

/**
 * Phases of several encodes at once as those of one: from the first one's start to the last one's end, with the CPU of all.
 * A phase is told when every encode has told it; one encode's phases go through as they are.
 */
export class JointPhases {
  readonly #streams: number;
  readonly #tell: (row: PhaseRow) => void;
  readonly #waiting = new Map<string, PhaseRow[]>();

  constructor(streams: number, tell: (row: PhaseRow) => void) {
    this.#streams = streams;
    this.#tell = tell;
  }

  add(row: PhaseRow): void {
    const rows = [...(this.#waiting.get(row.phase) ?? []), row];
    this.#waiting.set(row.phase, rows);
    if (rows.length < this.#streams) return;
    this.#waiting.delete(row.phase);
    this.#tell({
      phase: row.phase,
      startUs: Math.min(...rows.map(({ startUs }) => startUs)),
      endUs: Math.max(...rows.map(({ endUs }) => endUs)),
      cpuS: rows.some(({ cpuS }) => cpuS === null) ? null : rows.reduce((sum, { cpuS }) => sum + cpuS!, 0),
    });
  }
}
