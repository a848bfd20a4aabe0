// How a benchmark works with a live system: what it asks of agents and session, wherever the collector runs.

import type { HookCommand } from '#core/benchmark';
import type { AgentSpice, AgentState, LiveState } from '#core/live';
import type { QualityWanted } from '#core/quality';
import type { RunRecord } from '#core/run';
import type { Settings } from '#core/settings';
import type { Problem } from '#core/user-error';
import type { RunIdentity } from '#run/execute-run';
import type { StressLoad } from './agent-wire.ts';

/** A hook by its place in the file: no command travels in a request. */
export interface HookPlace {
  /** Absolute path of the benchmark's file, on the collector's machine. */
  readonly file: string;
  readonly moment: 'setup' | 'teardown' | 'before' | 'after';
  /** Null for setup and teardown. */
  readonly property: string | null;
  /** Name of the value that the property has in the cell; null for setup and teardown. */
  readonly value: string | null;
  /** Position among the commands of that hook. */
  readonly index: number;
}

export interface RecordRequest {
  readonly identity: RunIdentity;
  readonly durationS: number;
  readonly quality: QualityWanted | null;
  readonly keepOutput: boolean;
}

/** An agent that something needs. */
export interface WantedAgent {
  readonly role: string;
  /** What of a SPICE desktop it has to be started beside. */
  readonly beside?: 'tap' | 'device' | undefined;
  /** Settings that need our encoder in the guest. */
  readonly why?: readonly string[] | undefined;
}

/** Whether an agent was started beside that of a SPICE desktop. */
export function standsBeside(
  { spice }: { readonly spice?: AgentSpice | null | undefined },
  what: keyof AgentSpice,
): boolean {
  return spice !== undefined && spice !== null && spice[what] !== null;
}

export interface SessionRunner {
  state(): Promise<LiveState>;
  /** Waits until all of them are connected. @returns connected agents of their roles @throws UserError that names the missing ones */
  waitForAgents(
    wanted: readonly WantedAgent[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<readonly AgentState[]>;
  /**
   * Brings the session into this state: starts it, or changes what differs. Resolves when frames with these settings are presented; of a
   * SPICE desktop, when they passed the tap and, where its client's log would tell, one was shown or is waited for no longer.
   * @throws UserError where it can't be reached
   */
  stream(settings: Settings, signal?: AbortSignal): Promise<void>;
  /** Runs a hook on the agent of its role. Null where it ended well. */
  hook(command: HookCommand, place: HookPlace, timeoutMs: number, signal?: AbortSignal): Promise<Problem | null>;
  /** Loads the machines of these roles, and no others, until it is called again or `end`; the bench's silence ends it too. */
  stress(loads: Readonly<Record<string, StressLoad>>): Promise<void>;
  /** The session as it is becomes a run: recorded, scored, in the catalogue. */
  record(request: RecordRequest, signal?: AbortSignal, onProgress?: (share: number) => void): Promise<RunRecord>;
  /** Ends a recording that nobody waits for any more, as interrupted; resolves when another one can begin. */
  abandonRecording(run: string): Promise<void>;
  /** Stops the session and undoes every load. */
  end(): Promise<void>;
}
