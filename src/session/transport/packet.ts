// One packet: what travels on TCP (behind a length) and on UDP (a datagram) alike. Whatever a stranger sends, parsing it gives a
// packet within the bounds below or nothing. docs/network.md has the layout as a table.

/** Of the layout; a packet of another version is no packet. */
export const PACKET_VERSION = 1;
const MAGIC = 0x4c45;
/** Bytes before the body. */
export const HEADER_BYTES = 48;
/** Of a packet that carries a piece of a frame, header included: a datagram passes any network unbroken. */
export const MAX_DATAGRAM_BYTES = 1200;
export const STREAM_PACKET_BYTES = 4096;
/** Of any packet: the headers of a codec go in one piece. */
export const MAX_PACKET_BYTES = 16 * 1024;
/** Of one frame: an 8K keyframe has less than half of it. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** Pieces of one frame. */
const MAX_FRAGMENTS = Math.ceil(MAX_FRAME_BYTES / (MAX_DATAGRAM_BYTES - HEADER_BYTES));

export const PACKET = {
  /** First of each connection, JSON Hello. */
  hello: 1,
  /** The relay's answer. */
  welcome: 2,
  /** The relay's other answer; the body is a sentence. */
  refuse: 3,
  /** Both ways, so that silence means death. */
  alive: 4,
  /** The last of a connection. */
  bye: 5,
  /** The relay to a sender over TCP: what it may send (Credit). */
  credit: 6,
  /** JSON StreamConfig. */
  config: 7,
  /** A piece of a frame. */
  frame: 8,
  /** From the receiver, repeated until a keyframe comes; `sequence` counts wishes. */
  keyframe: 9,
  /** From the receiver, JSON ReceiverReport. */
  report: 10,
} as const;
export type PacketKind = (typeof PACKET)[keyof typeof PACKET];
const KINDS: ReadonlySet<number> = new Set(Object.values(PACKET));

const FLAG_KEY = 1;

/** The fields of the header; those of a frame are zero in other packets. */
export interface Packet {
  readonly kind: PacketKind;
  /** Of this sender: another number is another stream. */
  readonly stream: number;
  /** Counts the stream's packets from 0; wraps at 2^32. */
  readonly sequence: number;
  readonly frame: number;
  /** Microseconds, the sender's monotonic clock. */
  readonly captureUs: number;
  readonly fragment: number;
  readonly fragments: number;
  readonly key: boolean;
  /** Number of the config that the frame needs. */
  readonly config: number;
  readonly sourceFrame: number;
  /** Bit k is set where frame - 1 - k was sent: what tells a lost frame from one that never was. */
  readonly sentBefore: number;
  readonly body: Uint8Array;
}

const NO_BODY = new Uint8Array(0);
const EMPTY: Omit<Packet, 'kind'> = {
  stream: 0,
  sequence: 0,
  frame: 0,
  captureUs: 0,
  fragment: 0,
  fragments: 0,
  key: false,
  config: 0,
  sourceFrame: 0,
  sentBefore: 0,
  body: NO_BODY,
};

/** A packet with a body of its own memory. */
export function encodePacket(kind: PacketKind, fields: Partial<Omit<Packet, 'kind'>> = {}): Buffer {
  const packet = { kind, ...EMPTY, ...fields };
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + packet.body.length);
  writeHeader(bytes, 0, packet);
  bytes.set(packet.body, HEADER_BYTES);
  return bytes;
}

export function encodeJson(kind: PacketKind, value: object, fields: Partial<Omit<Packet, 'kind'>> = {}): Buffer {
  return encodePacket(kind, { ...fields, body: Buffer.from(JSON.stringify(value)) });
}

export function writeHeader(bytes: Buffer, at: number, packet: Packet): void {
  bytes.writeUInt16LE(MAGIC, at);
  bytes[at + 2] = PACKET_VERSION;
  bytes[at + 3] = packet.kind;
  bytes.writeUInt32LE(packet.stream, at + 4);
  bytes.writeUInt32LE(packet.sequence, at + 8);
  bytes.writeInt32LE(packet.frame, at + 12);
  bytes.writeDoubleLE(packet.captureUs, at + 16);
  bytes.writeUInt16LE(packet.fragment, at + 24);
  bytes.writeUInt16LE(packet.fragments, at + 26);
  bytes.writeUInt32LE(packet.key ? FLAG_KEY : 0, at + 28);
  bytes.writeUInt32LE(packet.config, at + 32);
  bytes.writeInt32LE(packet.sourceFrame, at + 36);
  bytes.writeUInt32LE(packet.sentBefore, at + 40);
  bytes.writeUInt32LE(packet.body.length, at + 44);
}

/** Null where the bytes are no packet of ours. The body is a view of them. */
export function parsePacket(bytes: Buffer): Packet | null {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_PACKET_BYTES) return null;
  const kind = bytes[3]!;
  if (bytes.readUInt16LE(0) !== MAGIC || bytes[2] !== PACKET_VERSION || !KINDS.has(kind)) return null;
  if (bytes.readUInt32LE(44) !== bytes.length - HEADER_BYTES) return null;
  const packet: Packet = {
    kind: kind as PacketKind,
    stream: bytes.readUInt32LE(4),
    sequence: bytes.readUInt32LE(8),
    frame: bytes.readInt32LE(12),
    captureUs: bytes.readDoubleLE(16),
    fragment: bytes.readUInt16LE(24),
    fragments: bytes.readUInt16LE(26),
    key: (bytes.readUInt32LE(28) & FLAG_KEY) !== 0,
    config: bytes.readUInt32LE(32),
    sourceFrame: bytes.readInt32LE(36),
    sentBefore: bytes.readUInt32LE(40),
    body: bytes.subarray(HEADER_BYTES),
  };
  return packet.kind === PACKET.frame && !isFrame(packet) ? null : packet;
}

function isFrame(packet: Packet): boolean {
  return (
    packet.frame >= 0 &&
    packet.fragments > 0 &&
    packet.fragments <= MAX_FRAGMENTS &&
    packet.fragment < packet.fragments &&
    Number.isSafeInteger(packet.captureUs) &&
    packet.body.length > 0
  );
}

/** A JSON body; null where it is none. */
export function parseJson(packet: Packet): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(packet.body).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Whether `a` comes after `b`, both counted modulo 2^32. */
export function sequenceAfter(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}
