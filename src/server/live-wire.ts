// What travels on the WebSocket of a live page, as types: requests as JSON, answers packed by msgpackr. Times are seconds
// on the collector's clock since its start (`LiveState.epoch` is second 0).

import type { FeedMessage, LiveState } from '#core/live';

/** Version of everything in this file. */
export const STREAM_WIRE_VERSION = 1;
export const STREAM_PATH = '/api/v1/stream';

/** What a page wants from now on; each request replaces the one before. */
export interface StreamRequest {
  readonly version: typeof STREAM_WIRE_VERSION;
  /** `agent/indicator`, as `guest/cpu.busy`; nothing else is sent. */
  readonly indicators: readonly string[];
  /** Rows of frames and steps. */
  readonly frames: boolean;
  readonly pictures: boolean;
  /** Seconds of the past to send first, at most what the collector keeps. */
  readonly pastS: number;
}

export type StreamMessage =
  | { readonly type: 'state'; readonly version: typeof STREAM_WIRE_VERSION; readonly state: LiveState }
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
