// What passed on a channel, of either side: told when it ends.

import type { ChannelWatch } from './channel-watch.ts';
import type { Side } from './direction-reader.ts';

export interface ChannelCounts {
  readonly channel: number;
  readonly name: string;
  /** Bytes with the heads of the messages. */
  readonly messages: readonly { readonly side: Side; readonly count: number; readonly bytes: number }[];
}

export function channelCounts(channel: number, watch: ChannelWatch): ChannelCounts {
  const messages = (['client', 'server'] as const).map((side) => ({
    side,
    count: watch.counts(side).reduce((sum, { count }) => sum + count, 0),
    bytes: watch.counts(side).reduce((sum, { bytes }) => sum + bytes, 0),
  }));
  return { channel, name: watch.name ?? 'unknown', messages };
}
