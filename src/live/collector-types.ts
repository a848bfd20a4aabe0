// What a collector offers to the server over it: the agents' end, the operator's end, and what happens.

import type { QualityWanted } from '#core/quality';
import type { ControlResult, FeedMessage, LiveState } from '#core/live';
import type { FrameBatch, SeriesBatch, StepBatch } from '#core/recording';
import type { RunRecord } from '#core/run';
import type { Settings, SettingValue } from '#core/settings';
import type { RunIdentity } from '#run/execute-run';
import type { AgentHookResult, StressLoad } from './agent-wire.ts';

/** The part of a WebSocket that a collector uses: `ws` has it. */
export interface AgentSocket {
  readonly bufferedAmount: number;
  send(data: Uint8Array): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** How an agent's clock stands: its time minus `offsetUs` is the collector's. */
export interface AgentClock {
  readonly offsetUs: number;
  readonly errorUs: number;
}

/** Told as it happens, synchronously: whoever listens copies what it keeps. Times are the agent's own. */
export interface CollectorListener {
  series(agent: string, batch: SeriesBatch, clock: AgentClock | null): void;
  frames(agent: string, batch: FrameBatch, clock: AgentClock | null): void;
  steps(agent: string, batch: StepBatch, clock: AgentClock | null): void;
  picture(picture: {
    readonly frame: number;
    readonly width: number;
    readonly height: number;
    readonly jpeg: Uint8Array;
  }): void;
  feed(messages: readonly FeedMessage[], cleared: boolean): void;
  /** `state()` would answer something else now; at most ten times a second. */
  changed(): void;
}

export interface LiveRecordRequest {
  readonly name: string;
  /** Seconds; null until it is ended. */
  readonly forS: number | null;
  readonly quality: QualityWanted | null;
  readonly keepOutput: boolean;
  /** Of a benchmark's cell; null for a recording by hand (its settings are then those of the session). */
  readonly identity: RunIdentity | null;
}

export interface Collector {
  /** Monotonic microseconds of second 0. */
  readonly epochUs: number;
  state(): LiveState;
  /** Takes over a socket that came through the door. */
  accept(socket: AgentSocket): void;

  /** @throws UserError where settings are wrong or a role has no agent; all that is wrong at once */
  startSession(settings: Settings, operator: string): Promise<void>;
  stopSession(operator: string): Promise<void>;
  /**
   * New values while it streams; null takes a setting back. The last one wins, and everybody sees it.
   * @param signal whoever asked is gone: a change that has not begun is not carried out
   * @throws UserError where no session runs, or too many changes wait
   */
  control(
    changes: Readonly<Record<string, SettingValue | null>>,
    operator: string,
    signal?: AbortSignal,
  ): Promise<readonly ControlResult[]>;
  /** All settings as the session was started. */
  reset(operator: string): Promise<readonly ControlResult[]>;

  /** @throws UserError where the text is empty or longer than 1,000 characters */
  say(source: string, text: string): FeedMessage;
  clearFeed(): void;

  /** @throws UserError where one is under way */
  startRecording(request: LiveRecordRequest): Promise<{ readonly run: string }>;
  /** Ends it before its time. */
  endRecording(run: string, interrupted: boolean): Promise<void>;
  /** The run when its recording is finished and scored. @throws UserError where there is no such recording */
  recorded(run: string): Promise<RunRecord>;

  /** @throws UserError where the role has no agent, or its agent allows no hooks */
  /**
   * Takes a profile of this machine, bounded in time. Resolves once it runs.
   * @throws UserError where one is taken already, or this user may take none: with the line that would allow it
   */
  startProfile(operator: string): Promise<void>;
  /** Resolves when nothing is taken any more. */
  stopProfile(): Promise<void>;
  /** Packed slices of the last minutes that follow that one, oldest first; 0 for all. */
  profileSlices(after: number): readonly { readonly number: number; readonly packed: Uint8Array<ArrayBuffer> }[];

  hook(
    role: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<AgentHookResult>;
  /** Held until it is ended, or whoever wants it says nothing for 30 s. */
  stress(role: string, load: StressLoad | null): Promise<void>;
  /** Pictures of what the client sees, while somebody looks. */
  wantPictures(everyMs: number): void;

  /** Rows of the last minutes, oldest first, then all that comes. @returns takes it back */
  listen(listener: CollectorListener, pastS: number): () => void;
  /** Ends sessions, recordings (as interrupted) and connections. */
  close(): Promise<void>;
}
