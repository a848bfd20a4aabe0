// What a tap tells on the terminal: a line a second of its streams, and what passed at the end; spice-events.ts tells every event.

import { addressText } from '#core/address-text';
import { formatQuantity } from '#core/format-quantity';
import type { SpiceAddress } from '#core/live';
import type { NetworkConditions } from '#core/session';
import type { UserError } from '#core/user-error';
import { formatNetwork } from '#session/network-setting';
import type { ChannelCounts } from '#session/spice/channel-counts';
import type { ClientWish } from '#session/spice/client-wish';
import type { Side } from '#session/spice/direction-reader';
import type { SpiceFrame, SpiceReport, SpiceStream } from '#session/spice/display-streams';
import type { TapEvents } from '#session/spice/tap';
import { plainText } from './plain-text.ts';
import { AskedCodecs } from './spice-asked-codecs.ts';
import { textTable } from './text-table.ts';

/** Streams whose totals are kept; the oldest that ended goes first. */
const MOST_TOLD = 1_000;
/** Channels whose totals are kept, those that ended last. */
const MOST_CHANNELS = 1_000;

interface Running {
  readonly channel: number;
  readonly stream: SpiceStream;
  frames: number;
  bytes: number;
  keys: number;
  newFrames: number;
  newBytes: number;
  firstUs: number;
  lastUs: number;
  report: SpiceReport | null;
  hasEnded: boolean;
}

/** What a tap's terminal tells besides what passes. */
export interface TapReport extends TapEvents {
  listening(host: string, port: number, server: SpiceAddress): void;
  /** What is in force from now on. */
  network(conditions: NetworkConditions): void;
  /** What clients are made to prefer from now on: when there is one that can. */
  wish(wish: ClientWish): void;
  /** Nothing was changed by this line. */
  refusedLine(line: string, why: UserError): void;
  /** Called once a second. */
  tell(): void;
  /** Called when all channels have ended. */
  end(): void;
}

export class TapSummary implements TapReport {
  readonly #streams = new Map<string, Running>();
  readonly #linked = new Set<number>();
  readonly #ended: ChannelCounts[] = [];
  readonly #asked = new AskedCodecs();
  #toldUs = performance.now() * 1e3;
  #roundTripUs: number | null = null;

  onChannel(channel: number, name: string): void {
    this.#linked.add(channel);
    console.error(`channel ${channel}: ${name}`);
  }

  onChannelEnd(channel: number, why: string | null, counts: ChannelCounts): void {
    this.#asked.forget(channel);
    const wasLinked = this.#linked.delete(channel);
    if (wasLinked && this.#ended.push(counts) > MOST_CHANNELS) this.#ended.shift();
    const what = wasLinked ? `channel ${channel} ended` : `connection ${channel} ended before it was a channel`;
    console.error(why === null ? what : `${what}: ${why}`);
  }

  onStream(channel: number, stream: SpiceStream): void {
    const key = `${channel} ${stream.serial}`;
    for (const [other, { hasEnded }] of this.#streams) {
      if (this.#streams.size < MOST_TOLD) break;
      if (hasEnded) this.#streams.delete(other);
    }
    this.#streams.set(key, {
      channel,
      stream,
      frames: 0,
      bytes: 0,
      keys: 0,
      newFrames: 0,
      newBytes: 0,
      firstUs: stream.atUs,
      lastUs: stream.atUs,
      report: null,
      hasEnded: false,
    });
    console.error(`stream ${stream.serial} of channel ${channel}: ${stream.codec} ${stream.width}x${stream.height}`);
    const missed = this.#asked.missedBy(channel, stream.codec);
    if (missed !== null) this.onWish(channel, missed.wish, missed.why);
  }

  onStreamEnd(channel: number, stream: SpiceStream): void {
    const running = this.#streams.get(`${channel} ${stream.serial}`);
    if (running !== undefined) running.hasEnded = true;
  }

  onFrame(channel: number, { stream, bytes, key, lastUs }: SpiceFrame): void {
    const running = this.#streams.get(`${channel} ${stream.serial}`);
    if (running === undefined) return;
    running.frames++;
    running.newFrames++;
    running.bytes += bytes;
    running.newBytes += bytes;
    if (key === true) running.keys++;
    running.lastUs = lastUs;
  }

  onReport(channel: number, report: SpiceReport): void {
    const running = this.#streams.get(`${channel} ${report.stream.serial}`);
    if (running !== undefined) running.report = report;
  }

  onStreamClip(): void {}

  onReportsAsked(): void {}

  onMultiMediaTime(): void {}

  onRoundTrip(_channel: number, _atUs: number, us: number): void {
    this.#roundTripUs = us;
  }

  onUnread(channel: number, side: Side, why: string): void {
    console.error(`channel ${channel}: forwarded without being read: ${why} (${side})`);
  }

  onWish(channel: number, wish: ClientWish, refusal: string | null): void {
    if (refusal === null) this.#asked.put(channel, wish);
    const what = wishText(wish);
    console.error(`channel ${channel}: ${refusal === null ? `prefers ${what}` : `can't prefer ${what}: ${refusal}`}`);
  }

  listening(host: string, port: number, server: SpiceAddress): void {
    console.error(`listening on ${addressText({ host, port })}, the server is ${addressText(server)}; Ctrl-C ends it`);
  }

  network(conditions: NetworkConditions): void {
    console.error(`network: ${formatNetwork(conditions)}`);
  }

  wish(wish: ClientWish): void {
    console.error(`clients are made to prefer ${wishText(wish)}`);
  }

  refusedLine(_line: string, why: UserError): void {
    console.error(plainText(why.message));
  }

  /** One line for each stream that is alive. */
  tell(): void {
    const nowUs = performance.now() * 1e3;
    const seconds = (nowUs - this.#toldUs) / 1e6;
    this.#toldUs = nowUs;
    for (const running of this.#streams.values()) {
      const { stream, newFrames, newBytes, keys, frames, report, hasEnded, channel } = running;
      running.newFrames = 0;
      running.newBytes = 0;
      if (hasEnded && newFrames === 0) continue;
      const parts = [
        `stream ${channel}.${stream.serial}`,
        stream.codec,
        formatQuantity(newFrames / seconds, 'frame/s'),
        formatQuantity((newBytes * 8) / seconds, 'bit/s'),
        `${keys} of ${frames} keyframes`,
      ];
      if (report !== null) parts.push(`client: ${report.drops} dropped, ${report.lastDelayMs} ms early`);
      if (this.#roundTripUs !== null) parts.push(`round trip ${formatQuantity(this.#roundTripUs, 'us')}`);
      console.error(parts.join('  '));
    }
  }

  /** Totals of the streams and of the channels. */
  end(): void {
    const rows = [...this.#streams.values()].map(({ channel, stream, frames, bytes, keys, firstUs, lastUs }) => [
      `${channel}.${stream.serial}`,
      stream.codec,
      `${stream.width}x${stream.height}`,
      String(frames),
      String(keys),
      formatQuantity(bytes, 'byte'),
      lastUs > firstUs ? formatQuantity((frames * 1e6) / (lastUs - firstUs), 'frame/s') : '',
    ]);
    if (rows.length > 0)
      console.error(
        textTable(
          ['stream', 'codec', 'size', 'frames', 'keyframes', 'bytes', 'rate'].map((title, i) => ({
            title,
            align: i > 2 ? 'right' : 'left',
          })),
          rows,
        ),
      );
    const channels = this.#ended.toSorted((one, other) => one.channel - other.channel);
    const counted = channels.flatMap(({ channel, name, messages }) =>
      messages.map(({ side, count, bytes }) => [
        String(channel),
        name,
        `from the ${side}`,
        String(count),
        formatQuantity(bytes, 'byte'),
      ]),
    );
    if (counted.length > 0)
      console.error(
        textTable(
          ['channel', 'kind', 'messages', 'count', 'bytes'].map((title, i) => ({
            title,
            align: i > 2 ? 'right' : 'left',
          })),
          counted,
        ),
      );
  }
}

function wishText({ codecs, compression }: ClientWish): string {
  return [codecs?.join(', '), compression].filter((part) => part !== undefined).join('; ');
}
