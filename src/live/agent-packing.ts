// Messages between agents and collector as bytes. What comes from outside is measured before it is unpacked: a length that
// lies would make msgpackr allocate gigabytes.

import { Packr } from 'msgpackr';
import type { FromAgent, FromCollector } from './agent-wire.ts';

/** Typed arrays keep their types; no records, whose state would be shared by the messages of a connection. */
const packr = new Packr({ useRecords: false, moreTypes: true });

export function packAgentMessage(message: FromAgent | FromCollector): Uint8Array {
  return packr.pack(message);
}

/**
 * The value in a message, of whatever shape.
 * @throws where it is no MessagePack, holds other types than JSON and typed arrays, or is nested too deeply
 */
export function unpackAgentMessage(bytes: Uint8Array): unknown {
  checkPacked(bytes);
  return packr.unpack(bytes);
}

const MAX_DEPTH = 24;
/** Items of all lists and maps of a message together; bulk data is one item. */
const MAX_ITEMS = 200_000;

/** Extension types of msgpackr that we write: `undefined`, and typed arrays. */
const UNDEFINED = 0x00;
const TYPED_ARRAY = 0x74;

/** Of each type of typed array in msgpackr's list, bytes of an element; 64-bit integers and unknown ones are missing. */
const ELEMENT_BYTES = [1, 1, 1, 2, 2, 4, 4, 4, 8] as const;

/** Walks over the structure without making anything: https://github.com/msgpack/msgpack/blob/master/spec.md */
function checkPacked(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let items = 0;
  const skip = (count: number): void => {
    at += count;
    if (at > bytes.length) throw new RangeError('the message ends too early');
  };
  const length = (size: 1 | 2 | 4): number => {
    const from = at;
    skip(size);
    return size === 1 ? view.getUint8(from) : size === 2 ? view.getUint16(from) : view.getUint32(from);
  };
  const extension = (size: number): void => {
    const from = at;
    skip(1 + size);
    const type = view.getUint8(from);
    if (type === UNDEFINED) return;
    const element = type === TYPED_ARRAY && size > 0 ? ELEMENT_BYTES[view.getUint8(from + 1)] : undefined;
    if (element === undefined || (size - 1) % element !== 0) throw new TypeError('the message has a type of its own');
  };
  const list = (count: number, depth: number): void => {
    items += count;
    if (depth >= MAX_DEPTH || items > MAX_ITEMS) throw new RangeError('the message holds too much');
    for (let i = 0; i < count; i++) value(depth + 1);
  };
  const value = (depth: number): void => {
    const code = length(1);
    if (code <= 0x7f || code >= 0xe0) return;
    if (code <= 0x8f) return list(2 * (code & 0x0f), depth);
    if (code <= 0x9f) return list(code & 0x0f, depth);
    if (code <= 0xbf) return skip(code & 0x1f);
    switch (code) {
      case 0xc0: // null
      case 0xc2:
      case 0xc3:
        return;
      case 0xc4:
      case 0xd9:
        return skip(length(1));
      case 0xc5:
      case 0xda:
        return skip(length(2));
      case 0xc6:
      case 0xdb:
        return skip(length(4));
      case 0xc7:
        return extension(length(1));
      case 0xc8:
        return extension(length(2));
      case 0xc9:
        return extension(length(4));
      case 0xcc:
      case 0xd0:
        return skip(1);
      case 0xcd:
      case 0xd1:
        return skip(2);
      case 0xca:
      case 0xce:
      case 0xd2:
        return skip(4);
      case 0xcb:
      case 0xcf:
      case 0xd3:
        return skip(8);
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return extension(1 << (code - 0xd4));
      case 0xdc:
        return list(length(2), depth);
      case 0xdd:
        return list(length(4), depth);
      case 0xde:
        return list(2 * length(2), depth);
      case 0xdf:
        return list(2 * length(4), depth);
      default:
        throw new TypeError('the message is no MessagePack');
    }
  };
  value(0);
  if (at !== bytes.length) throw new RangeError('more follows the message');
}
