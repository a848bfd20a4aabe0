// A live system: agents that measure, a session that streams, and what an operator sees and asks for.

import type { EncoderParameter } from './encoder.ts';
import type { Environment } from './environment.ts';
import type { Indicator } from './indicator.ts';
import type { Metrics } from './metric.ts';
import type { SessionPart } from './session.ts';
import type { Settings, SettingValue } from './settings.ts';

/** What of a SPICE desktop an agent was started beside. */
export interface AgentSpice {
  /** Path of QEMU's stream device in the guest: our sender feeds the SPICE server through it. */
  readonly device: string | null;
  /** Its tap stands before that SPICE server, and clients connect to it here, whether a session is wanted or not. */
  readonly tap: { readonly listen: SpiceAddress; readonly server: SpiceAddress } | null;
  /** File that GStreamer's latency tracer writes in the stock server (beside a tap) or in the stock client. */
  readonly log: string | null;
}

export interface SpiceAddress {
  readonly host: string;
  readonly port: number;
}

/** An agent as the collector knows it. */
export interface AgentState {
  /** Unique among connected agents: the role where no name was given. */
  readonly name: string;
  /** guest, server, client, worker, or any name. */
  readonly role: string;
  readonly host: string;
  /** The same for two agents of one machine (its boot id). */
  readonly hostId: string;
  readonly pid: number;
  readonly version: string;
  readonly environment: Environment;
  /** Grows; a series row points into it by position. */
  readonly indicators: readonly Indicator[];
  /** Parts that it can run. */
  readonly parts: readonly SessionPart[];
  readonly allowsHooks: boolean;
  /** Null where it was started beside nothing of SPICE. */
  readonly spice: AgentSpice | null;
  /** What it can't measure, and why. */
  readonly absent: readonly string[];
  readonly connected: boolean;
  /** Seconds on the collector's clock since its start: of the last message. */
  readonly lastSeenS: number;
  /** How far its monotonic clock is ahead of the collector's; null until it is known. */
  readonly clock: { readonly offsetUs: number; readonly errorUs: number; readonly driftPpm: number | null } | null;
  /** Batches that wait in its spool, and rows that the spool had no room for. */
  readonly spooled: number;
  readonly lostRows: number;
}

/** A part of the session as its agent tells of it. */
export interface PartState {
  readonly part: SessionPart;
  readonly agent: string;
  readonly state: 'starting' | 'running' | 'failed' | 'stopped';
  readonly pid: number | null;
  /** Where a relay can be reached by the others. */
  readonly address: { readonly host: string; readonly port: number } | null;
  /** Values in force, by the names of the settings: of the sender what the encoder really uses. */
  readonly actual: Readonly<Record<string, string>>;
  /** Why it failed; what it wants a person to know. */
  readonly note: string | null;
  /** Name of the stream that it works on: `video`; a sender that was started anew has `video 2`. */
  readonly stream: string;
}

/** A change of a setting while the session runs. */
export interface ControlResult {
  readonly name: string;
  readonly requested: SettingValue;
  /** What is in force now; null where it is not known. */
  readonly actual: string | null;
  /** `live`: the running encoder took it; `restart`: the encoder was opened anew; `next`: it holds from the next start of the session, or of the server's stream; `refused`. */
  readonly how: 'live' | 'restart' | 'next' | 'refused';
  /** How long the stream stood still for it, milliseconds; null where it did not. */
  readonly gapMs: number | null;
  /** Why it was refused, or what happened instead. */
  readonly note: string | null;
}

/** The session that is wanted and what became of it. */
export interface SessionState {
  readonly id: string;
  /** As the operator wants them. */
  readonly settings: Settings;
  readonly running: boolean;
  readonly parts: readonly PartState[];
  /** Parameters of the encoder at work, for forms. */
  readonly parameters: readonly EncoderParameter[];
  /** The change that is carried out and takes its time: of what it waits, and since when on the collector's clock. Another one ends the wait. */
  readonly waiting: {
    readonly name: string;
    readonly requested: SettingValue;
    readonly text: string;
    readonly sinceS: number;
  } | null;
  /** The last changes, newest last. */
  readonly changes: readonly (ControlResult & { readonly timeS: number; readonly operator: string })[];
}

/** One line of the feed. A text that begins with `!` is a marker: it stands on every chart. */
export interface FeedMessage {
  readonly id: number;
  /** Seconds on the collector's clock since its start. */
  readonly timeS: number;
  /** guest, client, operator, system … */
  readonly source: string;
  readonly text: string;
}

/** Seconds of a recording whose length is told beforehand. */
export const MIN_RECORDING_S = 0.1;
export const MAX_RECORDING_S = 86_400;

/** A recording in progress. */
export interface LiveRecording {
  readonly run: string;
  readonly name: string;
  readonly startedS: number;
  /** Null where it goes on until it is ended. */
  readonly forS: number | null;
  /** `recording`, then `scoring` its pictures. */
  readonly stage: 'starting' | 'recording' | 'scoring';
}

/** A profile of the collector's machine, taken while it is looked at. */
export interface LiveProfile {
  /** `ended` stays until the next one begins: what was drawn last can still be looked at. */
  readonly state: 'starting' | 'running' | 'ended';
  /** Seconds on the collector's clock. */
  readonly startedS: number;
  /** It ends by itself after so long, seconds. */
  readonly forS: number;
  /** Where second 0 of the collector's clock lies on the profile's, nanoseconds. */
  readonly zeroNs: number;
  /** `processes`: those of encodelab on this machine only. Null until it runs. */
  readonly scope: 'system' | 'processes' | null;
  /** What can't be had, with the line that would allow it. */
  readonly absent: readonly string[];
  /** Agents with parts of the session on other machines: those are not in it. */
  readonly elsewhere: readonly string[];
  /** Number of the last slice that can be asked for; they are counted on from profile to profile. */
  readonly slice: number;
  /** CPU seconds that taking it used until now; null where they are not known. */
  readonly overheadCpuS: number | null;
  /** Run that it is kept with; null where it is only looked at. */
  readonly run: string | null;
  /** Why it ended by itself or could not begin; null where nothing went wrong. */
  readonly problem: string | null;
}

/** All that a page or a command needs to know of a live system beside the rows themselves. */
export interface LiveState {
  /** UTC, ISO 8601, of second 0 of the collector's clock. */
  readonly epoch: string;
  readonly nowS: number;
  readonly agents: readonly AgentState[];
  readonly session: SessionState | null;
  readonly recording: LiveRecording | null;
  /** Null before the first. */
  readonly profile: LiveProfile | null;
  readonly feed: readonly FeedMessage[];
  /** Messages of agents that were refused, by reason: counted, never silent. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What ends a recording. */
export interface RecordedRun {
  readonly run: string;
  readonly metrics: Metrics;
}
