// What a run does: one encode or several at once with an engine, or a command of the user's.

import { join } from 'node:path';
import type { FrameBatch, PhaseRow, StepBatch } from '#core/recording';
import { OUTPUT_FILE } from '#core/recording';
import type { RunKind } from '#core/run';
import type { EncodeParameters } from '#media/encode-job';
import type { PictureTiming } from '#media/encode-job';
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

export type RunWork = EncodeWork;

/** Streams that a run encodes at once. */
export function streamsOf(work: RunWork): number {
  return work.concurrent;
}

/** Which of the source's frames a run encodes, and when they are shown. */
export function timingOf(work: RunWork): PictureTiming {
  return work.parameters;
}

export interface WorkSink {
  frames(stream: number, batch: FrameBatch): void;
  steps(batch: StepBatch): void;
  phase(row: PhaseRow): void;
  /** Share of the work that is done, 0 to 1. */
  share(share: number): void;
}

/** What a run started: all of it begins at once, when all of it is ready. */
export interface StartedWork {
  readonly running: readonly RunningEncode[];
  /** Files that it writes, one for each stream. */
  readonly outputs: readonly string[];
}

/** Names of the streams: one is `video`, more are `video`, `video 2`, `video 3` … */
export function streamName(stream: number): string {
  return stream === 0 ? 'video' : `video ${stream + 1}`;
}

/** Starts every encode of a run; each waits for `begin`. */
export function startWork(work: RunWork, folder: string, sink: WorkSink, options: StartOptions): StartedWork {
  const outputs = Array.from({ length: work.concurrent }, (_, stream) => join(folder, outputName(stream)));
  const phases = new JointPhases(work.concurrent, (row) => sink.phase(row));
  const shares = new Float64Array(work.concurrent);
  const running = outputs.map((output, stream) =>
    engineOf(work.parameters.engine).start(
      { parameters: work.parameters, source: work.source, output },
      {
        frames: (batch) => sink.frames(stream, batch),
        steps: (batch) => sink.steps(batch),
        phase: (row) => phases.add(row),
        progress: ({ frames, of }) => {
          if (of === null || of === 0) return;
          shares[stream] = Math.min(1, frames / of);
          sink.share(shares.reduce((sum, share) => sum + share, 0) / shares.length);
        },
      },
      { ...options, stream: streamName(stream) },
    ),
  );
  return { running, outputs };
}

function outputName(stream: number): string {
  return stream === 0 ? OUTPUT_FILE : OUTPUT_FILE.replace('.', `-${stream + 1}.`);
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
