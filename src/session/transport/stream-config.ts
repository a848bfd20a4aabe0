// How a MediaConfig travels: the length of a JSON object (u16, little-endian), the object, and the headers as they are.

import type { MediaConfig } from './media.ts';
import { PACKET, encodePacket, type Packet } from './packet.ts';

const LENGTH_BYTES = 2;
/** No screen is wider. */
const MAX_SIZE = 16_384;
const MAX_FRAME_RATE = 1_000;
const MAX_NAME_LENGTH = 100;

export interface StreamConfig {
  /** Name of the stream, for the rows of relay and receiver. */
  readonly stream: string;
  readonly media: MediaConfig;
}

export function encodeConfig(
  config: StreamConfig,
  fields: { readonly stream: number; readonly sequence: number },
): Buffer {
  const { extraData, ...media } = config.media;
  const json = Buffer.from(JSON.stringify({ ...media, stream: config.stream, hasExtraData: extraData !== null }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16LE(json.length);
  return encodePacket(PACKET.config, { ...fields, body: Buffer.concat([length, json, extraData ?? Buffer.alloc(0)]) });
}

/** Null where it is none, or beyond what we would decode. */
export function parseConfig(packet: Packet): StreamConfig | null {
  const body = Buffer.from(packet.body);
  if (body.length < LENGTH_BYTES) return null;
  const end = LENGTH_BYTES + body.readUInt16LE(0);
  if (end > body.length) return null;
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8', LENGTH_BYTES, end));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { stream, config, codec, width, height, frameRate, hasExtraData } = value as Record<string, unknown>;
  if (!isName(stream) || !isName(codec) || typeof hasExtraData !== 'boolean') return null;
  if (!isWhole(config, 0, 0xffff_ffff) || !isWhole(width, 1, MAX_SIZE) || !isWhole(height, 1, MAX_SIZE)) return null;
  if (typeof frameRate !== 'number' || !(frameRate > 0 && frameRate <= MAX_FRAME_RATE)) return null;
  const extraData = hasExtraData ? body.subarray(end) : null;
  return { stream, media: { config, codec, width, height, frameRate, extraData } };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_LENGTH;
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
