// What agents and their collector say to each other over one WebSocket: binary messages, packed by msgpackr. Bulk data is
// columnar: typed arrays of one length.

import type { Environment } from '#core/environment';
import type { Indicator } from '#core/indicator';
import type { AgentSpice, PartState } from '#core/live';
import type { FrameBatch, SeriesBatch, StepBatch } from '#core/recording';
import type { SessionPart } from '#core/session';
import type { PartCommands, PartSpec } from '#session/part';

/** Of everything in this file. The collector answers another version with `refuse`, in words. */
export const AGENT_WIRE_VERSION = 1;
/** Path of the WebSocket on the collector's server. */
export const AGENT_PATH = '/api/v1/agents';
/** The longest message: a batch of a second is some 10 kB, a piece of a file 256 kB. */
export const MAX_AGENT_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Bytes of a file that one message carries. */
export const FILE_CHUNK_BYTES = 256 * 1024;

/** First message of an agent. */
export interface Hello {
  readonly kind: 'hello';
  readonly version: number;
  readonly name: string;
  readonly role: string;
  /** Of this process: batch numbers count from 1 in each instance. */
  readonly instance: string;
  readonly host: string;
  readonly hostId: string;
  readonly pid: number;
  /** Of encodelab. */
  readonly program: string;
  readonly environment: Environment;
  readonly indicators: readonly Indicator[];
  readonly parts: readonly SessionPart[];
  readonly allowsHooks: boolean;
  /** What of a SPICE desktop it was started beside; nothing where it is left out. */
  readonly spice?: AgentSpice | null | undefined;
  readonly absent: readonly string[];
  /** Parts that work, with what they were started with: a collector that was started anew takes the session over from here. */
  readonly running: readonly { readonly state: PartState; readonly spec: PartSpec }[];
  /** The oldest batch that it still has; the number of the next one where it has none. */
  readonly oldestBatch: number;
}

/** What was measured in about one interval. Rows go into a recording once, however often the batch is sent. */
export interface Batch {
  readonly kind: 'batch';
  /** Counts up from 1 without gaps. */
  readonly number: number;
  readonly series: readonly SeriesBatch[];
  readonly frames: readonly FrameBatch[];
  readonly steps: readonly StepBatch[];
  /** For the feed. */
  readonly messages: readonly { readonly timeUs: number; readonly source: string; readonly text: string }[];
  /** Rows that the spool had no room for, since the start. */
  readonly lostRows: number;
}

export type FromAgent =
  | Hello
  | Batch
  /** The agent's own monotonic clock, microseconds. */
  | { readonly kind: 'pong'; readonly id: number; readonly receivedUs: number; readonly sentUs: number }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly ok: false;
      readonly what: string;
      readonly todo?: string | undefined;
    }
  /** The list grew. */
  | { readonly kind: 'indicators'; readonly indicators: readonly Indicator[]; readonly absent: readonly string[] }
  | { readonly kind: 'part'; readonly state: PartState }
  | {
      readonly kind: 'picture';
      readonly frame: number;
      readonly width: number;
      readonly height: number;
      readonly jpeg: Uint8Array;
    }
  /** A piece of a file that was asked for by `fetch`; `last` ends it, `problem` where it can't be read. */
  | {
      readonly kind: 'file';
      readonly id: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
      readonly last: boolean;
      readonly problem: string | null;
    };

/** What a collector asks of an agent; each is answered by `answer` with the same id. */
export type AgentCommand =
  | { readonly name: 'start-part'; readonly spec: PartSpec }
  /** Ends it; the answer comes when it is gone. */
  | { readonly name: 'stop-part'; readonly part: SessionPart }
  | {
      [Name in keyof PartCommands]: {
        readonly name: 'part';
        readonly part: SessionPart;
        readonly command: Name;
        readonly ask: PartCommands[Name]['ask'];
      };
    }[keyof PartCommands]
  /** Runs a command of a benchmark's file; only where the agent was started with --allow-hooks. Answer: HookResult of the live system. */
  | {
      readonly name: 'hook';
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
    }
  /** Loads the machine until the lease ends, unless it is renewed by the same command; null ends it. */
  | { readonly name: 'stress'; readonly stress: StressLoad | null; readonly leaseMs: number }
  /** Where the agent keeps files of a recording: a folder of its own that it makes. Answer: its path. */
  | { readonly name: 'keep-folder'; readonly run: string }
  /** Sends a file of that folder in pieces. It stays until the folder is dropped: a collector that died meanwhile asks again. */
  | { readonly name: 'fetch'; readonly run: string; readonly file: string }
  | { readonly name: 'drop-folder'; readonly run: string }
  /** Sends what it has by now; answered when it is sent. */
  | { readonly name: 'flush' };

export interface StressLoad {
  /** Cores kept busy. */
  readonly cpu: number;
  /** Bytes held and touched. */
  readonly memoryBytes: number;
  /** Encodes on a GPU at once; refused where there is none. */
  readonly gpu: number;
}

export interface AgentHookResult {
  /** Exit status; null where it did not exit by itself. */
  readonly code: number | null;
  /** `exited`, `timeout`, `signalled`, `not-started`. */
  readonly end: string;
  readonly stdout: string;
  readonly stderr: string;
}

export type FromCollector =
  /** `nextBatch`: older ones are committed already. */
  | { readonly kind: 'welcome'; readonly version: number; readonly name: string; readonly nextBatch: number }
  /** Why the collector does not want it; it closes the socket behind it. `retry` false: trying again as it is makes no sense. */
  | { readonly kind: 'refuse'; readonly reason: string; readonly retry: boolean }
  /** All batches up to that number are kept. */
  | { readonly kind: 'ack'; readonly number: number }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'command'; readonly id: number; readonly command: AgentCommand };
