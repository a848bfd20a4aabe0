// A part of a loopback session: a child process of the agent that it works for. This file is what agents know of parts.

import type { ControlResult } from '#core/live';
import type { FrameBatch, StepBatch } from '#core/recording';
import type { NetworkConditions, Transport } from '#core/session';
import type { Settings } from '#core/settings';

/** Where the relay is reached; the token keeps strangers out of it. */
export interface RelayAddress {
  readonly host: string;
  readonly port: number;
}

export interface SenderSpec {
  readonly part: 'sender';
  readonly session: string;
  /** Of its rows: `video`, `video 2` … */
  readonly stream: string;
  readonly role: string;
  /** As the operator wrote them, `source` included: a file, `lavfi:GRAPH`, `x11:DISPLAY`, `v4l2:DEVICE`, `kms:DEVICE`. */
  readonly settings: Settings;
  readonly transport: Transport;
  readonly relay: RelayAddress;
  readonly token: string;
}

export interface RelaySpec {
  readonly part: 'relay';
  readonly session: string;
  readonly stream: string;
  readonly role: string;
  /** Address to listen on; port 0 takes a free one (the same number for TCP and UDP). */
  readonly listen: RelayAddress;
  readonly network: NetworkConditions;
  readonly token: string;
}

export interface ReceiverSpec {
  readonly part: 'receiver';
  readonly session: string;
  readonly stream: string;
  readonly role: string;
  readonly transport: Transport;
  readonly relay: RelayAddress;
  readonly token: string;
}

export type PartSpec = SenderSpec | RelaySpec | ReceiverSpec;

/** Commands to a running part; each is answered. */
export interface PartCommands {
  /** Sender: new values; null takes a setting back to its default. Values of a setting that it does not know are refused. */
  control: { ask: { changes: Readonly<Record<string, Settings[string] | null>> }; answer: readonly ControlResult[] };
  /** Relay: other conditions from now on. */
  network: { ask: { network: NetworkConditions }; answer: null };
  /** Sender and receiver: the relay is somewhere else now. */
  connect: { ask: { relay: RelayAddress }; answer: null };
  /** Sender: the next frame is a keyframe. */
  keyframe: { ask: object; answer: null };
  /**
   * Sender: names the first frame of a recording, about `leadMs` ahead, which becomes a keyframe.
   * With `rewind` a source that has a beginning begins anew with it. With `keep`, every Nth source frame from there on is kept losslessly in that file, within its bound.
   */
  mark: {
    ask: { leadMs: number; rewind: boolean; keep: { path: string; everyFrames: number; maxBytes: number } | null };
    answer: { stream: string; frame: number };
  };
  /** Sender: the last frame that was captured; ends what `mark` keeps. */
  unmark: { ask: object; answer: { stream: string; frame: number } };
  /** Receiver: keeps what it receives from that frame on in a file, up to its bound. */
  keep: { ask: { path: string; fromFrame: number; stream: string; maxBytes: number }; answer: null };
  /** Receiver: ends the file: frames and bytes in it, and whether the bound cut it off. */
  unkeep: { ask: object; answer: { frames: number; bytes: number; cut: boolean } };
  /** Receiver: a small picture of what it presents, at most so often; 0 ends it. */
  pictures: { ask: { everyMs: number; width: number }; answer: null };
  /** All: end in good order. */
  stop: { ask: object; answer: null };
}

/** What a part tells without being asked. */
export interface PartSink {
  frames(batch: FrameBatch): void;
  steps(batch: StepBatch): void;
  /** It works from now on; of a relay with its address. Told again whenever the values in force change. */
  running(state: { actual: Readonly<Record<string, string>>; address: RelayAddress | null }): void;
  /** A sentence for the feed: `the encoder was opened anew for preset=fast, 12 ms`. */
  message(text: string): void;
  /** JPEG of what is presented. */
  picture(picture: { frame: number; width: number; height: number; jpeg: Uint8Array }): void;
}

export interface PartEnd {
  readonly ok: boolean;
  /** Why it ended badly, for people; null where it was told to stop. */
  readonly reason: string | null;
}

export interface RunningPart {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Always resolves. */
  readonly result: Promise<PartEnd>;
  /**
   * @throws UserError where the part refuses, is gone, or does not answer in 10 s
   */
  command<Name extends keyof PartCommands>(
    name: Name,
    ask: PartCommands[Name]['ask'],
  ): Promise<PartCommands[Name]['answer']>;
  /** Kills it at once. */
  kill(): void;
}

/**
 * pts of a part's `frames` rows are the frame's capture time, microseconds on the sender's monotonic clock (time base
 * 1/1,000,000). Frames are numbered by the ticks of the requested rate from the stream's start: a tick whose frame was never
 * captured has a number too, and a step `capture` with the outcome `late`.
 */
export const SESSION_TIME_BASE = [1, 1_000_000] as const;
