// What travels on the WebSocket of a live page, as types: requests as JSON text; answers binary, packed by msgpackr: each
// WebSocket message is a StreamPacket (unpack with `useRecords: false, moreTypes: true`). Times are seconds on the
// collector's clock since its start (`LiveState.epoch` is second 0).

import type { FeedMessage, LiveState } from '#core/live';
import type { LiveChanges } from '#core/live-changes';

/** Version of everything in this file. */
export const STREAM_WIRE_VERSION = 2;
export const STREAM_PATH = '/api/v1/stream';

/** One WebSocket message: several messages in their order, so that a page gets at most 16 packets a second. */
export type StreamPacket = readonly StreamMessage[];

/** What a page wants from now on; each request replaces the one before. */
export interface StreamRequest {
  readonly version: typeof STREAM_WIRE_VERSION;
  /** `agent/indicator`, as `guest/cpu.busy`; nothing else is sent. */
  readonly indicators: readonly string[];
  /** Rows of frames and steps. */
  readonly frames: boolean;
  readonly pictures: boolean;
  /**
   * Seconds of the past to send first, at most what the collector keeps: of all that the request before did not ask for, so
   * that one more chart does not send everything again.
   */
  readonly pastS: number;
}

export type StreamMessage =
  | { readonly type: 'state'; readonly version: typeof STREAM_WIRE_VERSION; readonly state: LiveState }
  /** Since the state, or the changes, that came before. */
  | ({ readonly type: 'changes' } & LiveChanges)
  | {
      readonly type: 'series';
      readonly agent: string;
      readonly indicator: string;
      readonly timeS: Float64Array;
      readonly value: Float64Array;
    }
  /** Encoded frames; `captureS` is NaN while the agent's clock is not known. `type` is a code of FRAME_TYPES. */
  | {
      readonly type: 'frames';
      readonly stream: string;
      readonly frame: Int32Array;
      readonly captureS: Float64Array;
      readonly frameType: Uint8Array;
      readonly key: Uint8Array;
      readonly bytes: Int32Array;
      readonly quantizer: Float32Array;
    }
  /** `step` and `outcome` are codes of STEPS and STEP_OUTCOMES; durations in milliseconds, NaN where not known. */
  | {
      readonly type: 'steps';
      readonly stream: string;
      readonly role: string;
      readonly frame: Int32Array;
      readonly step: Uint8Array;
      readonly startS: Float64Array;
      readonly durationMs: Float32Array;
      readonly outcome: Uint8Array;
    }
  | { readonly type: 'feed'; readonly messages: readonly FeedMessage[]; readonly cleared: boolean }
  | {
      readonly type: 'picture';
      readonly frame: number;
      readonly width: number;
      readonly height: number;
      readonly jpeg: Uint8Array;
    }
  /** This page is slow: of what it asked for only every Nth row comes; 1 when all comes again. */
  | { readonly type: 'thinned'; readonly every: number };

/** What is copied to another machine to start an agent there. */
export interface AgentLine {
  /** `encodelab agent --role client --collector http://192.0.2.7:4600 --token …` */
  readonly line: string;
  /** The same by other addresses of this machine. */
  readonly others: readonly string[];
  /** Why another machine can't come by it, and what to do; null where it can. */
  readonly note: string | null;
}

/** The latest frame that was seen by the client. */
export interface PresentedFrame {
  readonly stream: string;
  readonly frame: number;
  /** Seconds on the collector's clock. */
  readonly captureS: number;
}

/** The latest frame that passed the relay, or the tap of a SPICE desktop. */
export interface PassedFrame {
  readonly stream: string;
  readonly frame: number;
  /** When its first byte was sent on; seconds on the collector's clock. */
  readonly sentS: number;
}

/** A chart layout as it is kept in the lab. */
export interface SavedLayout {
  readonly version: 1;
  readonly name: string;
  /** UTC, ISO 8601. */
  readonly savedAt: string;
  /** The page's own: any JSON. */
  readonly layout: unknown;
}
