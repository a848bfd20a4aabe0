// An encode at work, whichever engine carries it out: what it tells, how it is begun, and how it ended.

import type { ChildWatch } from '#system/child-process';
import type { Metrics } from '#core/metric';
import type { FrameBatch, PhaseRow, StepBatch } from '#core/recording';
import type { Outcome } from '#core/run';

/** Where the measurements of a running encode go. Each is called from the event loop, about once a second. */
export interface EncodeSink {
  frames(batch: FrameBatch): void;
  steps(batch: StepBatch): void;
  phase(row: PhaseRow): void;
  progress(progress: { readonly frames: number; readonly of: number | null }): void;
}

/** Sees the process of a command of the user's. */
export interface CommandWatch {
  /** It began, as the leader of a process group. */
  began(pid: number): void;
  output(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** Names of processes that it left behind, which are killed now. */
  left(names: readonly string[]): void;
  /** Its exit status, or the signal that ended it. */
  ended(code: number | null, signal: NodeJS.Signals | null): void;
}

/** Where Node's own profile of the JavaScript goes, and how often it looks. */
export interface JavaScriptProfileWanted {
  /** Path of the file that is written at the end. */
  readonly file: string;
  readonly frequencyHz: number;
}

export interface StartOptions {
  /** Milliseconds from `begin` after which the encode is killed; none by default. */
  readonly timeoutMs?: number | undefined;
  /** Kills the encode when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Folder in which the encoder's build is remembered between starts. */
  readonly cacheFolder?: string | undefined;
  /** CPU seconds that the run has used so far, for phases of a program that does not tell its own; null where not known. */
  readonly cpuSeconds?: (() => number | null) | undefined;
  /** Puts another command before the child's, as a run group does. */
  readonly enter?: ((command: string, args: string[]) => readonly [string, string[]]) | undefined;
  /** Sees the children that read the output of an encode that has ended: `enter` is for the encode alone. */
  readonly checkWatch?: ChildWatch | undefined;
  /** Of the bundled engine only: no other runs JavaScript of ours. */
  readonly javascript?: JavaScriptProfileWanted | undefined;
  /** Of a command only. */
  readonly watch?: CommandWatch | undefined;
  /** Names in the rows; `video` and `guest` by default. */
  readonly stream?: string | undefined;
  readonly role?: string | undefined;
}

export interface EncodeResult {
  readonly outcome: Outcome;
  /** Why it did not end well; null where it did. */
  readonly reason: string | null;
  /**
   * True where the system did not let the output be written (a full disk, a folder that is not there …): that says
   * nothing about the encoder.
   */
  readonly unwritable: boolean;
  /** The end of the child's log: the last lines, repeated ones once. */
  readonly logTail: string;
  /** Packets that came out of the encoder. */
  readonly frames: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Values that the encoder really used, by the names that were asked for. */
  readonly actual: Readonly<Record<string, string>>;
  readonly encoderBuild: string;
  /** Metrics that the program itself told; none where it is left out. */
  readonly metrics?: Metrics | undefined;
  /** What this engine could not tell of the encode, and why: `encode.time: …`. */
  readonly absent: readonly string[];
}

export interface RunningEncode {
  /** Null where the child could not be started. */
  readonly pid: number | null;
  /** The child waits for `begin`: its pid, or null where it ended before (see `result`). Never rejects. */
  readonly ready: Promise<number | null>;
  /** Lets it begin; to be called once, when it is ready. */
  begin(): void;
  /** Never rejects for what the encode does. */
  readonly result: Promise<EncodeResult>;
  kill(): void;
}
