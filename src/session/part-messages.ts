// What a part's child process and its agent write to each other beside rows: JSON on standard input and on the channel.

import type { RelayAddress } from './part.ts';

/** A line on the child's standard input, after the spec: a command of PartCommands. */
export interface PartRequest {
  readonly id: number;
  readonly command: string;
  readonly ask: unknown;
}

/** A JSON message of the child. */
export type PartMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly ok: false;
      readonly what: string;
      readonly todo?: string | undefined;
    }
  | {
      readonly kind: 'running';
      readonly actual: Readonly<Record<string, string>>;
      readonly address: RelayAddress | null;
      readonly note: string | null;
    }
  /** Rows that follow belong to this stream: relay and receiver learn its name from the sender's packets. */
  | { readonly kind: 'stream'; readonly stream: string }
  | { readonly kind: 'message'; readonly text: string }
  /** Of an indicator of the part's own, at a monotonic time in microseconds. */
  | {
      readonly kind: 'value';
      readonly name: string;
      readonly unit: string;
      readonly timeUs: number;
      readonly value: number;
    }
  /** JPEG in base64. */
  | {
      readonly kind: 'picture';
      readonly frame: number;
      readonly width: number;
      readonly height: number;
      readonly jpeg: string;
    }
  /** The last one. */
  | { readonly kind: 'end'; readonly ok: boolean; readonly reason: string | null };
