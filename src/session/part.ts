// A part of a loopback session: a child process of the agent that it works for. This file is what agents know of parts.

import type { AgentSpice, ControlResult } from '#core/live';
import type { FrameBatch, StepBatch } from '#core/recording';
import type { NetworkConditions, Transport } from '#core/session';
import type { Settings } from '#core/settings';
import type { ClientWish } from './spice/client-wish.ts';

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
  /**
   * Path of a SPICE server's stream device that frames go to: transport, relay and token mean nothing then. Empty for the one that its
   * agent was started beside.
   */
  readonly device?: string | undefined;
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
  readonly spice?: SpiceRelay | undefined;
}

export interface ReceiverSpec {
  readonly part: 'receiver';
  readonly session: string;
  readonly stream: string;
  readonly role: string;
  readonly transport: Transport;
  readonly relay: RelayAddress;
  readonly token: string;
  readonly spice?: SpiceReceiver | undefined;
}

/** A relay that is the tap before a SPICE server. */
export interface SpiceRelay {
  /** What clients are made to prefer. */
  readonly wish: ClientWish;
  /**
   * Who numbers the frames: `tap`, where the server encodes (its rows are `frames`, `encode` where the server's log tells it, and `send`),
   * or `sender`, our encoder in the guest: `passed` tells its frames, and the tap's rows are `receive` and `send` of those.
   */
  readonly numberedBy: 'tap' | 'sender';
  /** The agent's own: null until it puts them in. */
  readonly agent: AgentSpice | null;
}

/** A receiver that is a stock SPICE client, whose log of GStreamer's times is read: `passed` tells it the frames that the tap saw. */
export interface SpiceReceiver {
  /** The agent's own: null until it puts it in. */
  readonly agent: AgentSpice | null;
}

/** Frames in the order in which they passed. All arrays have the same length. */
export interface PassedFrames {
  readonly stream: string;
  readonly frame: readonly number[];
  /** 0 where it is not known. */
  readonly bytes: readonly number[];
  /** When they were captured (of a sender's), or their last byte had passed (of a tap's): microseconds, on the clock of the agent that is told. */
  readonly atUs: readonly number[];
  /** `mjpeg`, `vp8`, `h264`, `vp9`, `h265`; null where it is not known. */
  readonly codec: string | null;
}

export type PartSpec = SenderSpec | RelaySpec | ReceiverSpec;

/** Commands to a running part; each is answered. */
export interface PartCommands {
  /** Sender: new values; null takes a setting back to its default. Values of a setting that it does not know are refused. */
  control: { ask: { changes: Readonly<Record<string, Settings[string] | null>> }; answer: readonly ControlResult[] };
  /** Relay: other conditions from now on. */
  network: { ask: { network: NetworkConditions }; answer: null };
  /**
   * A tap: what the client is to prefer from now on. Answered when a stream of the first codec has begun, or at once where only the
   * compression is another or no client is there; `switchMs` is how long that took, null where nothing had to begin or nothing began:
   * that is known after 8 s, behind a narrow network after as much longer as what was sent before needs, 30 s at the most. Whoever asks
   * again, if for nothing, ends the wait of before. `isOpen`: no stream at all began, one of that codec may come still.
   */
  prefer: { ask: { wish: ClientWish }; answer: { codec: string | null; switchMs: number | null; isOpen: boolean } };
  /**
   * A tap: tells rows of a session from now on, whose frames it numbers from 0 where it numbers them, and does to the line what the session
   * wants: the network, where there is one, after the switch to the first codec, which it would hold up. Answered then, or 8 s later where
   * no stream of that codec begins. Connections of clients stay as they are.
   */
  watch: {
    ask: {
      session: string;
      stream: string;
      network: NetworkConditions;
      wish: ClientWish;
      numberedBy: SpiceRelay['numberedBy'];
    };
    answer: null;
  };
  /** A tap: no rows from now on, no network, and nothing that clients are made to prefer when they come. */
  unwatch: { ask: object; answer: null };
  /** A tap and a stock client: frames that passed before them. */
  passed: { ask: PassedFrames; answer: null };
  /** Sender and receiver: the relay is somewhere else now. */
  connect: { ask: { relay: RelayAddress }; answer: null };
  /** Sender: the next frame is a keyframe. */
  keyframe: { ask: object; answer: null };
  /**
   * Sender, and a tap that numbers the frames (whose next frame it is, no keyframe, and nothing is kept): names the first frame of a recording, about `leadMs` ahead, which becomes a keyframe.
   * With `rewind` a source that has a beginning begins anew with it. With `keep`, every Nth source frame from there on is kept losslessly in that file, within its bound.
   */
  mark: {
    ask: { leadMs: number; rewind: boolean; keep: { path: string; everyFrames: number; maxBytes: number } | null };
    answer: { stream: string; frame: number };
  };
  /** The same: the last frame that was captured; ends what `mark` keeps. */
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
  /**
   * It works from now on; of a relay with its address. Told again whenever the values in force change, or what keeps it from being of use
   * (`note`): of a tap that a client or a server is gone.
   */
  running(state: { actual: Readonly<Record<string, string>>; address: RelayAddress | null; note: string | null }): void;
  /** A sentence for the feed: `the encoder was opened anew for preset=fast, 12 ms`. */
  message(text: string): void;
  /** One value of an indicator of the part's own: of a tap `report.drops`, `report.delay`, `round-trip`. @param timeUs monotonic */
  series?(name: string, unit: string, timeUs: number, value: number): void;
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
   * @throws UserError where the part refuses, is gone, or does not answer in 10 s (`prefer`: 32 s)
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
