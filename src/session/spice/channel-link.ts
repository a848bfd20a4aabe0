// How a channel introduces itself: the link messages of both sides, and what they agree on.

import { COMMON_CAPABILITY, PUBLIC_KEY_BYTES } from './protocol.ts';

/** More capability words are no link message. */
const MOST_WORDS = 64;

export interface SideCapabilities {
  readonly common: readonly number[];
  readonly channel: readonly number[];
}

export interface ClientLink extends SideCapabilities {
  readonly connectionId: number;
  readonly channelType: number;
  readonly channelId: number;
}

export interface ServerLink extends SideCapabilities {
  /** 0 where the server takes the channel. */
  readonly error: number;
}

/** Body of the client's link message; null where it is none. */
export function parseClientLink(body: DataView): ClientLink | null {
  if (body.byteLength < 18) return null;
  const capabilities = capabilitiesAt(body, 6);
  if (capabilities === null) return null;
  return {
    connectionId: body.getUint32(0, true),
    channelType: body.getUint8(4),
    channelId: body.getUint8(5),
    ...capabilities,
  };
}

/** Body of the server's reply; null where it is none. */
export function parseServerLink(body: DataView): ServerLink | null {
  const at = 4 + PUBLIC_KEY_BYTES;
  if (body.byteLength < at + 12) return null;
  const capabilities = capabilitiesAt(body, at);
  return capabilities === null ? null : { error: body.getUint32(0, true), ...capabilities };
}

/** Counts of both kinds and the place of the words, which begins with the body. */
function capabilitiesAt(body: DataView, at: number): SideCapabilities | null {
  const common = body.getUint32(at, true);
  const channel = body.getUint32(at + 4, true);
  const offset = body.getUint32(at + 8, true);
  if (common > MOST_WORDS || channel > MOST_WORDS) return null;
  if (offset + 4 * (common + channel) > body.byteLength) return null;
  const words = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => body.getUint32(from + 4 * i, true));
  return { common: words(offset, common), channel: words(offset + 4 * common, channel) };
}

/** What both sides of a channel have said so far: each direction is read with what the other one said. */
export class ChannelLink {
  client: ClientLink | null = null;
  server: ServerLink | null = null;

  /** Whether messages have the short header of six bytes. Known when both sides have spoken, which is before the first message. */
  get hasMiniHeader(): boolean {
    return this.#both(COMMON_CAPABILITY.miniHeader);
  }

  /** Whether the client says how it signs in before it does. One that does not wait for the server's reply takes it to be of today. */
  get selectsAuth(): boolean {
    const bit = COMMON_CAPABILITY.authSelection;
    return has(this.client?.common, bit) && (this.server === null || has(this.server.common, bit));
  }

  /** Whether the server has a capability of the channel's kind. */
  serverCan(bit: number): boolean {
    return has(this.server?.channel, bit);
  }

  #both(bit: number): boolean {
    return has(this.client?.common, bit) && has(this.server?.common, bit);
  }
}

function has(words: readonly number[] | undefined, bit: number): boolean {
  return ((words?.[bit >> 5] ?? 0) & (1 << (bit & 31))) !== 0;
}
