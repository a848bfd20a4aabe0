// Boxes that tell a player which keys it needs, by DRM system (ISO/IEC 23001-7, section 8.1).

/** W3C, "cenc" Initialization Data Format: the box that every key system may read. */
export const COMMON_SYSTEM = '1077efecc0b24d02ace33c1e52e2fb4b';
export const WIDEVINE_SYSTEM = 'edef8ba979d64acea3c827dcd51d21ed';
export const PLAYREADY_SYSTEM = '9a04f07998404286ab92e65be0885f95';

const PSSH_TYPE = 0x70737368;
/** Tags of Widevine's message (protobuf): `key_ids` = 2 with a length, `protection_scheme` = 9 as a number. */
const WIDEVINE_KEY_ID = 0x12;
const WIDEVINE_SCHEME = 0x48;

/** Version 1: the ids stand in the box itself. */
export function commonPssh(keyIds: readonly string[]): Buffer {
  return pssh(COMMON_SYSTEM, 1, Buffer.concat([uint32(keyIds.length), ...keyIds.map(fromHex), uint32(0)]));
}

export function widevinePssh(keyIds: readonly string[], scheme: 'cenc' | 'cbcs'): Buffer {
  const ids = keyIds.map((id) => Buffer.concat([Buffer.from([WIDEVINE_KEY_ID, id.length / 2]), fromHex(id)]));
  const data = Buffer.concat([...ids, Buffer.from([WIDEVINE_SCHEME]), varint(Buffer.from(scheme).readUInt32BE())]);
  return pssh(WIDEVINE_SYSTEM, 0, Buffer.concat([uint32(data.length), data]));
}

/** The system that a box is for, 32 hex digits; null where that is no such box, and nothing else. */
export function psshSystem(box: Uint8Array): string | null {
  const bytes = Buffer.from(box.buffer, box.byteOffset, box.byteLength);
  if (bytes.length < 32 || bytes.readUInt32BE(0) !== bytes.length || bytes.readUInt32BE(4) !== PSSH_TYPE) return null;
  return bytes.toString('hex', 12, 28);
}

function pssh(system: string, version: number, content: Buffer): Buffer {
  const body = Buffer.concat([uint32(PSSH_TYPE), Buffer.from([version, 0, 0, 0]), fromHex(system), content]);
  return Buffer.concat([uint32(body.length + 4), body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}

function fromHex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
