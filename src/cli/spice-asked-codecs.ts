// Whether a server that was asked for a codec then streams it: one that lacks it says nothing, and goes on with another.

import type { ClientWish } from '#session/spice/client-wish';

export class AskedCodecs {
  /** By channel; until the first stream after it. */
  readonly #asked = new Map<number, readonly string[]>();

  put(channel: number, { codecs }: ClientWish): void {
    if (codecs !== undefined) this.#asked.set(channel, codecs);
  }

  forget(channel: number): void {
    this.#asked.delete(channel);
  }

  /** What was asked for, and what came in its place; null where the stream is the one that was asked for first, or nothing was. */
  missedBy(channel: number, codec: string): { readonly wish: ClientWish; readonly why: string } | null {
    const codecs = this.#asked.get(channel);
    this.#asked.delete(channel);
    if (codecs === undefined || codecs[0] === codec) return null;
    return { wish: { codecs }, why: `the server goes on with ${codec}` };
  }
}
