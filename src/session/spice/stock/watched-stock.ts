// A stock session with the tap in it and both logs of GStreamer read: all that can be known of it without a patch.

import { monotonicUs } from '#system/clock';
import { GstLatencyLog } from '../gst-latency.ts';
import type { LatencyJourney } from '../latency-journey.ts';
import { SpiceTap, type TapEvents } from '../tap.ts';
import { StockSession, type StockSettings } from './stock-session.ts';

/** How often the logs are read, milliseconds. */
const READ_MS = 100;

export class WatchedStock {
  readonly session: StockSession;
  readonly tap: SpiceTap;
  /** Where the tap listens, on 127.0.0.1. */
  readonly port: number;
  readonly #logs: readonly GstLatencyLog[];
  readonly #timer: NodeJS.Timeout;

  private constructor(session: StockSession, tap: SpiceTap, port: number, journey: LatencyJourney) {
    this.session = session;
    this.tap = tap;
    this.port = port;
    const { logs } = session;
    this.#logs =
      logs === null
        ? []
        : [
            new GstLatencyLog(logs.server, monotonicUs, (record) => journey.server(record)),
            new GstLatencyLog(logs.client, monotonicUs, (record) => journey.client(record)),
          ];
    this.#timer = setInterval(() => this.readLogs(), READ_MS);
  }

  /**
   * Starts the server and the tap; the client and the picture follow by `session`.
   * @param journey gets the frames from `events`, and the elements' times from here
   * @throws UserError where a program is missing or does not get ready
   */
  static async start(settings: StockSettings, events: TapEvents, journey: LatencyJourney): Promise<WatchedStock> {
    const session = await StockSession.start(settings);
    const server = { host: '127.0.0.1', port: session.port };
    const tap = new SpiceTap({ listen: { host: '127.0.0.1', port: 0 }, server }, events);
    try {
      return new WatchedStock(session, tap, await tap.start(), journey);
    } catch (error) {
      await session.end();
      throw error;
    }
  }

  /** How far off the times of server and client may be, microseconds. */
  get clockErrorUs(): number {
    return Math.max(...this.#logs.map((log) => log.clockErrorUs));
  }

  readLogs(): void {
    for (const log of this.#logs) log.read();
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    for (const log of this.#logs) log.finish();
    await this.tap.close();
    await this.session.end();
  }
}
