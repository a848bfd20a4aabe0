// What `encodelab spice tap --json` tells: every event as a line of JSON on standard output. Times are monotonic microseconds.

import { addressText } from '#core/address-text';
import type { SpiceAddress } from '#core/live';
import type { NetworkConditions } from '#core/session';
import type { UserError } from '#core/user-error';
import { formatNetwork } from '#session/network-setting';
import type { ClientWish } from '#session/spice/client-wish';
import { AskedCodecs } from './spice-asked-codecs.ts';
import type { TapReport } from './spice-report.ts';

export function jsonReport(): TapReport {
  const linked = new Set<number>();
  const asked = new AskedCodecs();
  const onWish = (channel: number, wish: ClientWish, refusal: string | null) => {
    if (refusal === null) asked.put(channel, wish);
    print('prefer', { channel, ...wish, refusal });
  };
  return {
    listening: (host: string, port: number, server: SpiceAddress) => {
      print('listening', { host, port, server });
      console.error(`listening on ${addressText({ host, port })}`);
    },
    network: (conditions: NetworkConditions) => print('network', { network: formatNetwork(conditions) }),
    wish: ({ codecs, compression }) => print('wish', { codecs: codecs ?? null, compression: compression ?? null }),
    refusedLine: (line: string, { problems }: UserError) => print('refused', { line, problems }),
    tell: () => undefined,
    end: () => undefined,
    onChannel: (channel, name) => {
      linked.add(channel);
      print('channel', { channel, name });
    },
    onChannelEnd: (channel, why, counts) => {
      asked.forget(channel);
      const wasLinked = linked.delete(channel);
      if (wasLinked) print('messages', counts);
      print(wasLinked ? 'channel-end' : 'connection-end', { channel, why });
    },
    onStream: (channel, { serial, ...stream }) => {
      print('stream', { channel, stream: serial, ...stream });
      const missed = asked.missedBy(channel, stream.codec);
      if (missed !== null) onWish(channel, missed.wish, missed.why);
    },
    onStreamEnd: (channel, { serial }, atUs) => print('stream-end', { channel, stream: serial, atUs }),
    onStreamClip: (channel, { serial }, rectangles, atUs) =>
      print('stream-clip', { channel, stream: serial, rectangles, atUs }),
    onFrame: (channel, frame) =>
      print('frame', { channel, ...frame, stream: frame.stream.serial, codec: frame.stream.codec }),
    onReport: (channel, report) => print('report', { channel, ...report, stream: report.stream.serial }),
    onReportsAsked: (channel, stream, windowFrames, timeoutMs) =>
      print('reports-asked', { channel, stream: stream.serial, windowFrames, timeoutMs }),
    onRoundTrip: (channel, atUs, us) => print('round-trip', { channel, atUs, us }),
    onMultiMediaTime: (channel, atUs, ms) => print('multimedia-time', { channel, atUs, ms }),
    onUnread: (channel, side, why) => print('unread', { channel, side, why }),
    onWish,
  };
}

function print(event: string, facts: object): void {
  console.log(JSON.stringify({ event, ...facts }));
}
