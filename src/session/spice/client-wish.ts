// What a tap asks the server for in the name of the client: the video codecs and the compression that it prefers.

import { COMPRESSIONS, DISPLAY_CLIENT, MINI_HEADER_BYTES, videoCodecNumber } from './protocol.ts';

export type Compression = keyof typeof COMPRESSIONS;

/** Codecs in a message at the most. */
const MOST_CODECS = 8;

export interface ClientWish {
  /** In the order of preference. */
  readonly codecs?: readonly string[] | undefined;
  readonly compression?: Compression | undefined;
}

/** Codecs as a person lists them, the best first: `h264,vp8`. */
export function codecsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((codec) => codec !== '');
}

/** Why this can't be asked for; null where it can. */
export function wishProblem({ codecs, compression }: ClientWish): string | null {
  if (codecs !== undefined) {
    if (codecs.length === 0 || codecs.length > MOST_CODECS)
      return `between 1 and ${MOST_CODECS} codecs can be preferred`;
    const unknown = codecs.find((codec) => videoCodecNumber(codec) === null);
    const twice = codecs.find((codec, place) => codecs.indexOf(codec) < place);
    if (unknown !== undefined) return `SPICE has no video codec \`${unknown}\`: mjpeg, vp8, h264, vp9, h265`;
    if (twice !== undefined) return `${twice} is named twice`;
  }
  if (compression !== undefined && !Object.hasOwn(COMPRESSIONS, compression))
    return `SPICE has no compression \`${compression as string}\`: ${Object.keys(COMPRESSIONS).join(', ')}`;
  return null;
}

/** The messages with their short heads, as they go into the client's display channel between two of its own. */
export function wishMessages({ codecs, compression }: ClientWish): Uint8Array {
  const parts: Uint8Array[] = [];
  if (compression !== undefined) parts.push(message(DISPLAY_CLIENT.preferredCompression, [COMPRESSIONS[compression]]));
  if (codecs !== undefined) {
    const numbers = codecs.map((codec) => videoCodecNumber(codec)!);
    parts.push(message(DISPLAY_CLIENT.preferredVideoCodecs, [numbers.length, ...numbers]));
  }
  return Buffer.concat(parts);
}

function message(type: number, body: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(MINI_HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type, true);
  view.setUint32(2, body.length, true);
  bytes.set(body, MINI_HEADER_BYTES);
  return bytes;
}
