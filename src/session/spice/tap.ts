// The tap: a TCP proxy between a SPICE client and its server that reads both directions and changes nothing, but for what it is
// told to put in.

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { addressText } from '#core/address-text';
import type { NetworkConditions } from '#core/session';
import { UserError } from '#core/user-error';
import { channelCounts, type ChannelCounts } from './channel-counts.ts';
import { wishProblem, type ClientWish } from './client-wish.ts';
import type { Side } from './direction-reader.ts';
import type { SpiceFrame, SpiceReport, SpiceStream } from './display-streams.ts';
import { isOwnServer } from './own-server.ts';
import { TapLine } from './tap-line.ts';
import { TappedConnection } from './tapped-connection.ts';

/** A session has some ten channels. */
const MOST_CONNECTIONS = 256;

const LISTEN_PROBLEMS: Readonly<Record<string, { readonly what: string; readonly todo: string }>> = {
  EADDRINUSE: { what: "the tap can't listen: another program has this port (EADDRINUSE)", todo: 'Take another port.' },
  EADDRNOTAVAIL: {
    what: "the tap can't listen: this machine has no such address (EADDRNOTAVAIL)",
    todo: 'Take an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.',
  },
  EACCES: {
    what: "the tap can't listen: this port is not for everybody (EACCES)",
    todo: 'Take a port above 1023.',
  },
  ENOTFOUND: {
    what: "the tap can't listen: nobody knows this name (ENOTFOUND)",
    todo: 'Take an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.',
  },
};

export interface TapOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly server: { readonly host: string; readonly port: number };
}

/** What the tap tells; `channel` is the number of the connection, counted from 1. */
export interface TapEvents {
  onChannel(channel: number, name: string): void;
  /** @param counts of all that has passed on it */
  onChannelEnd(channel: number, why: string | null, counts: ChannelCounts): void;
  onStream(channel: number, stream: SpiceStream): void;
  onStreamEnd(channel: number, stream: SpiceStream, atUs: number): void;
  /** @param rectangles that are shown of it from now on; null for all of it */
  onStreamClip(channel: number, stream: SpiceStream, rectangles: number | null, atUs: number): void;
  onFrame(channel: number, frame: SpiceFrame): void;
  onReport(channel: number, report: SpiceReport): void;
  onReportsAsked(channel: number, stream: SpiceStream, windowFrames: number, timeoutMs: number): void;
  onRoundTrip(channel: number, atUs: number, us: number): void;
  onMultiMediaTime(channel: number, atUs: number, ms: number): void;
  /** Forwarded, and not read any more. */
  onUnread(channel: number, side: Side, why: string): void;
  onWish(channel: number, wish: ClientWish, refusal: string | null): void;
}

export class SpiceTap {
  readonly #options: TapOptions;
  readonly #events: TapEvents;
  readonly #line = new TapLine();
  readonly #connections = new Map<number, TappedConnection>();
  #server: Server | null = null;
  #count = 0;
  /** What every display channel asks for, those that come later too. */
  #wish: ClientWish | null = null;

  constructor(options: TapOptions, events: TapEvents) {
    this.#options = options;
    this.#events = events;
  }

  /**
   * @returns the port that it listens on
   * @throws UserError where that can't be had
   */
  async start(): Promise<number> {
    const { listen, server: behind } = this.#options;
    const { host, port } = listen;
    if (await isOwnServer(listen, behind))
      throw new UserError({
        what: 'the tap would be its own server',
        where: addressText(behind),
        todo: `Take another port than ${port}.`,
      });
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    server.maxConnections = MOST_CONNECTIONS;
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new UserError(
        {
          where: addressText(listen),
          ...(LISTEN_PROBLEMS[code ?? ''] ?? { what: `the tap can't listen: ${code ?? message}` }),
        },
        { cause },
      );
    }
    return (server.address() as AddressInfo).port;
  }

  get connections(): readonly TappedConnection[] {
    return [...this.#connections.values()];
  }

  /** What it asks for in the name of every client. */
  get wish(): ClientWish {
    return this.#wish ?? {};
  }

  /** Adds delay, jitter and a limit of the bandwidth to both directions. */
  setNetwork(conditions: NetworkConditions): void {
    this.#line.change(conditions);
  }

  /**
   * Makes the client prefer codecs or a compression: at once where it has a display channel, else when it gets one.
   * @throws UserError where there is no such codec or compression
   */
  prefer(wish: ClientWish): void {
    const problem = wishProblem(wish);
    if (problem !== null) throw new UserError({ what: problem });
    this.#wish = { ...this.#wish, ...wish };
    for (const connection of this.#connections.values()) connection.wish(wish);
  }

  /** Asks for nothing any more: neither of clients that come later, nor where it could not be put in yet. What has been put in stays. */
  preferNothing(): void {
    this.#wish = null;
    for (const connection of this.#connections.values()) connection.forgetWish();
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.values()) connection.close();
    this.#line.close();
    const server = this.#server;
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const number = ++this.#count;
    const events = this.#events;
    const connection = new TappedConnection(number, socket, this.#options.server, this.#line, {
      linked: () => events.onChannel(number, connection.watch.name!),
      ended: (why) => {
        this.#connections.delete(number);
        events.onChannelEnd(number, why, channelCounts(number, connection.watch));
      },
      streamCreated: (stream) => events.onStream(number, stream),
      streamDestroyed: (stream, atUs) => events.onStreamEnd(number, stream, atUs),
      streamClipped: (stream, rectangles, atUs) => events.onStreamClip(number, stream, rectangles, atUs),
      frame: (frame) => events.onFrame(number, frame),
      report: (report) => events.onReport(number, report),
      reportsAsked: (stream, windowFrames, timeoutMs) => events.onReportsAsked(number, stream, windowFrames, timeoutMs),
      roundTrip: (atUs, us) => events.onRoundTrip(number, atUs, us),
      multiMediaTime: (atUs, ms) => events.onMultiMediaTime(number, atUs, ms),
      unread: (side, why) => events.onUnread(number, side, why),
      wished: (wish) => events.onWish(number, wish, null),
      notWished: (wish, why) => events.onWish(number, wish, why),
    });
    this.#connections.set(number, connection);
    if (this.#wish !== null) connection.wish(this.#wish);
  }
}
