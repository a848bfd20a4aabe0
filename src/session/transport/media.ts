// What travels from the sender by the relay to the receiver, whatever carries it.

import type { ReceiverReport } from '#core/session';

/** How frames are encoded from now on; sent before the first frame that needs it, and again with every keyframe over udp. */
export interface MediaConfig {
  /** Counts up with every change; a frame names the one that it needs. */
  readonly config: number;
  /** FFmpeg's name of the codec: `h264`, `hevc`, `vp8`, `vp9`, `av1`. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Requested frames a second. */
  readonly frameRate: number;
  /** Headers that are not in the stream itself; null where they are. */
  readonly extraData: Uint8Array | null;
}

/** One encoded frame. */
export interface MediaFrame {
  readonly config: number;
  readonly frame: number;
  /** Microseconds, the sender's monotonic clock. */
  readonly captureUs: number;
  readonly key: boolean;
  /** Number of the source frame; -1 for a live capture. */
  readonly sourceFrame: number;
  readonly data: Uint8Array;
}

/** The sender's end, wherever its frames go. Reconnects by itself. */
export interface SenderLink {
  readonly connected: boolean;
  /** Bytes that were given and not sent yet: the sender drops frames before encoding them while this is above its bound. */
  readonly queuedBytes: number;
  config(config: MediaConfig): void;
  /** Bits a second that frames come to; null where that is not known. A lossy transport goes by it where it loses. */
  bitrate(bitsPerSecond: number | null): void;
  /** @returns false where it was not taken: no connection */
  frame(frame: MediaFrame): boolean;
  /** Why frames of a codec (FFmpeg's name) would be of no use there; null where they would. All are where it is left out. */
  refuses?(codec: string): string | null;
  close(): void;
}

/** The sender's end towards a relay. */
export interface RelayLink extends SenderLink {
  /** Somewhere else from now on. */
  connect(relay: { readonly host: string; readonly port: number }): void;
}

export interface SenderLinkEvents {
  /** The receiver can't decode before the next keyframe, or has only just come. */
  onKeyframeWanted(): void;
  onReport(report: ReceiverReport): void;
  /** All bytes of a frame left the queue at that time: the end of step `send`. */
  onSent(frame: number, timeUs: number): void;
  onConnection(connected: boolean, why: string | null): void;
}

/** The receiver's end. Reconnects by itself. */
export interface ReceiverLink {
  readonly connected: boolean;
  wantKeyframe(): void;
  report(report: ReceiverReport): void;
  connect(relay: { readonly host: string; readonly port: number }): void;
  close(): void;
}

export interface ReceiverLinkEvents {
  /** Frames that follow are of this stream; told before its first config. */
  onStream(stream: string): void;
  onConfig(config: MediaConfig): void;
  /** A whole frame; `firstUs` and `lastUs` are when its first and last byte came, on our monotonic clock. */
  onFrame(frame: MediaFrame, firstUs: number, lastUs: number): void;
  /** Frames that will never be whole. */
  onLost(firstFrame: number, count: number): void;
  onConnection(connected: boolean, why: string | null): void;
}
