// Names and numbers of the SPICE protocol, as far as a tap reads it (spice/protocol.h and spice/enums.h of libspice-protocol-dev).
// Everything on the wire is little-endian and packed.

import type { SpiceCodec, SpiceCompression } from '#core/session';

/** `REDQ`, the first four bytes in both directions of every channel. */
export const LINK_MAGIC = 0x51444552;
export const LINK_HEADER_BYTES = 16;
export const MAJOR_VERSION = 2;

export const CHANNEL_NAMES: Readonly<Record<number, string>> = {
  1: 'main',
  2: 'display',
  3: 'inputs',
  4: 'cursor',
  5: 'playback',
  6: 'record',
  9: 'usbredir',
  10: 'port',
  11: 'webdav',
};

/** Bits of the common capabilities. */
export const COMMON_CAPABILITY = { authSelection: 0, authSpice: 1, authSasl: 2, miniHeader: 3 } as const;

/** Of the ticket that follows a client's choice of the mechanism. */
export const AUTH_SPICE = 1;
export const TICKET_BYTES = 128;
export const PUBLIC_KEY_BYTES = 162;

export const MINI_HEADER_BYTES = 6;
export const FULL_HEADER_BYTES = 18;

/** Messages that every channel has, from the server and from the client. */
export const SERVER_COMMON = { ping: 4 } as const;
export const CLIENT_COMMON = { pong: 3 } as const;
export const MAIN_SERVER = { init: 103, multiMediaTime: 106 } as const;
export const DISPLAY_SERVER = {
  mark: 102,
  streamCreate: 122,
  streamData: 123,
  streamClip: 124,
  streamDestroy: 125,
  streamDestroyAll: 126,
  streamDataSized: 316,
  streamActivateReport: 319,
} as const;
/** What follows in a clip: nothing, or a number of rectangles and these. */
export const CLIP = { none: 0, rectangles: 1 } as const;
export const DISPLAY_CLIENT = { streamReport: 102, preferredCompression: 103, preferredVideoCodecs: 105 } as const;

export const VIDEO_CODECS: Readonly<Record<number, SpiceCodec>> = {
  1: 'mjpeg',
  2: 'vp8',
  3: 'h264',
  4: 'vp9',
  5: 'h265',
};

/** Numbers of the preferred compressions (SpiceImageCompression). */
export const COMPRESSIONS: Readonly<Record<SpiceCompression, number>> = {
  off: 1,
  'auto-glz': 2,
  'auto-lz': 3,
  quic: 4,
  glz: 5,
  lz: 6,
  lz4: 7,
};

/** What a codec is called on the wire; null where this protocol has none of that name. */
export function videoCodecNumber(name: string): number | null {
  const entry = Object.entries(VIDEO_CODECS).find(([, codec]) => codec === name);
  return entry === undefined ? null : Number(entry[0]);
}

/** Bits of a display channel's own capabilities. */
export const DISPLAY_CAPABILITY = { preferredCompression: 6, preferredVideoCodecs: 12 } as const;
