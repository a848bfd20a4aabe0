// Bytes of a SPICE channel as both sides write them, for tests: links, tickets and messages with short heads.

/** A message with its short head. */
export function message(type: number, body: Uint8Array | readonly number[]): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16LE(type, 0);
  head.writeUInt32LE(body.length, 2);
  return Buffer.concat([head, Buffer.from(body as Uint8Array)]);
}

/** A message with the long head: serial, type, size, sub list. */
export function longMessage(serial: number, type: number, body: Uint8Array | readonly number[]): Buffer {
  const head = Buffer.alloc(18);
  head.writeBigUInt64LE(BigInt(serial), 0);
  head.writeUInt16LE(type, 8);
  head.writeUInt32LE(body.length, 10);
  return Buffer.concat([head, Buffer.from(body as Uint8Array)]);
}

export interface LinkOptions {
  readonly channelType: number;
  /** Common capabilities of each side: bits. */
  readonly client?: number;
  readonly server?: number;
  /** Of the display channel at the server. */
  readonly serverChannel?: number;
}

/** Bits 0, 1 and 3: says how it signs in, by a ticket, and takes short heads. */
export const USUAL = 0b1011;

/** What the client sends before its first message. */
export function clientOpening({ channelType, client = USUAL }: LinkOptions): Buffer {
  const body = Buffer.alloc(22);
  body.writeUInt32LE(7, 0);
  body.writeUInt8(channelType, 4);
  body.writeUInt32LE(1, 6);
  body.writeUInt32LE(18, 14);
  body.writeUInt32LE(client, 18);
  const mechanism = Buffer.alloc((client & 1) === 1 ? 4 : 0, 0);
  if (mechanism.length > 0) mechanism.writeUInt32LE(1, 0);
  return Buffer.concat([linkHeader(body.length), body, mechanism, Buffer.alloc(128, 0xaa)]);
}

/** What the server sends before its first message. */
export function serverOpening({ server = USUAL, serverChannel = 0 }: LinkOptions): Buffer {
  const body = Buffer.alloc(178 + 8);
  body.writeUInt32LE(1, 166);
  body.writeUInt32LE(1, 170);
  body.writeUInt32LE(178, 174);
  body.writeUInt32LE(server, 178);
  body.writeUInt32LE(serverChannel, 182);
  return Buffer.concat([linkHeader(body.length), body, Buffer.alloc(4)]);
}

function linkHeader(size: number): Buffer {
  const header = Buffer.from('REDQ\0\0\0\0\0\0\0\0\0\0\0\0');
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(2, 8);
  header.writeUInt32LE(size, 12);
  return header;
}

/** STREAM_CREATE. */
export function streamCreate(stream: number, codec: number, width: number, height: number): Buffer {
  const body = Buffer.alloc(51);
  body.writeUInt32LE(stream, 4);
  body.writeUInt8(codec, 9);
  body.writeUInt32LE(width, 18);
  body.writeUInt32LE(height, 22);
  body.writeUInt32LE(width, 26);
  body.writeUInt32LE(height, 30);
  return message(122, body);
}

/** STREAM_DATA. */
export function streamData(stream: number, mmTime: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(stream, 0);
  head.writeUInt32LE(mmTime, 4);
  head.writeUInt32LE(data.length, 8);
  return message(123, Buffer.concat([head, data]));
}

/** STREAM_DATA_SIZED. */
export function streamDataSized(
  stream: number,
  mmTime: number,
  width: number,
  height: number,
  data: Uint8Array,
): Buffer {
  const head = Buffer.alloc(36);
  head.writeUInt32LE(stream, 0);
  head.writeUInt32LE(mmTime, 4);
  head.writeUInt32LE(width, 8);
  head.writeUInt32LE(height, 12);
  head.writeUInt32LE(data.length, 32);
  return message(316, Buffer.concat([head, data]));
}
