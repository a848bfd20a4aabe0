// Sessions: what a cell's run is (a whole encode, a command, or a stream), and the words of a stream.

export const SESSION_KINDS = ['encode', 'loopback', 'spice', 'command'] as const;
export type SessionKind = (typeof SESSION_KINDS)[number];

/** What streams in a live system, by its setting `session`: our own parts, or a SPICE remote desktop. */
export const LIVE_KINDS = ['loopback', 'spice'] as const;
export type LiveKind = (typeof LIVE_KINDS)[number];

/** What a stock SPICE server can be asked for: codecs of its video streams, compressions of its still pictures. */
export const SPICE_CODECS = ['mjpeg', 'vp8', 'h264', 'vp9', 'h265'] as const;
export type SpiceCodec = (typeof SPICE_CODECS)[number];
export const SPICE_COMPRESSIONS = ['off', 'auto-glz', 'auto-lz', 'quic', 'glz', 'lz', 'lz4'] as const;
export type SpiceCompression = (typeof SPICE_COMPRESSIONS)[number];

/**
 * The processes of a session: captures and encodes; forwards; decodes and presents. Of a SPICE desktop: our encoder in the guest (where
 * the guest's agent has a stream device), the tap before the server, and who watches the stock client (where that tells its times).
 */
export const SESSION_PARTS = ['sender', 'relay', 'receiver'] as const;
export type SessionPart = (typeof SESSION_PARTS)[number];

/** Whose agent runs which part. */
export const PART_ROLES: Readonly<Record<SessionPart, string>> = {
  sender: 'guest',
  relay: 'server',
  receiver: 'client',
};

/** Sources of a stream that are devices and displays: `x11::0`, `v4l2:/dev/video0`, `kms:/dev/dri/card0`. */
export const LIVE_SOURCES = ['x11', 'v4l2', 'kms'] as const;
export type LiveSource = (typeof LIVE_SOURCES)[number];

/** What a source captures; null for a file or `lavfi:GRAPH`. */
export function liveSourceOf(source: string): LiveSource | null {
  return LIVE_SOURCES.find((kind) => source.startsWith(`${kind}:`)) ?? null;
}

export const TRANSPORTS = ['tcp', 'udp'] as const;
/** `tcp` loses nothing and may stall; `udp` may lose, and asks for a keyframe then. */
export type Transport = (typeof TRANSPORTS)[number];

/** What the relay does to what it forwards. */
export interface NetworkConditions {
  /** Added to every packet, milliseconds. */
  readonly delayMs: number;
  /** Standard deviation of what is added besides, milliseconds; packets keep their order. */
  readonly jitterMs: number;
  /** Share of the packets that are lost, 0 to 1; only where the transport may lose. */
  readonly loss: number;
  /** Limit of the bandwidth over time: from `atS` seconds on (0 the first) so many bits a second; empty for none. */
  readonly rate: readonly { readonly atS: number; readonly bitsPerSecond: number }[];
  /** What may wait before the limit, milliseconds at its rate; what does not fit is lost (udp) or held back (tcp). */
  readonly queueMs: number;
}

/** What the receiver tells the sender about a piece of the stream: the feedback that adaptation works on. */
export interface ReceiverReport {
  /** Time that it covers, microseconds. */
  readonly intervalUs: number;
  /** Highest frame that came. */
  readonly frame: number;
  readonly framesReceived: number;
  readonly framesLost: number;
  readonly framesPresented: number;
  readonly bytes: number;
  /**
   * From capture to arrival, smallest and mean of the interval, microseconds: receiver's clock minus sender's clock, so that
   * only its changes mean something.
   */
  readonly minDelayUs: number;
  readonly meanDelayUs: number;
  /** Mean time that decoding took, microseconds. */
  readonly decodeUs: number;
}
