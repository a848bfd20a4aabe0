// A stock SPICE desktop for tests: server, tap, client and a moving picture on this machine, with everything that the tap told.

import type { ClientWish } from '#session/spice/client-wish';
import type { Side } from '#session/spice/direction-reader';
import type { SpiceFrame, SpiceReport, SpiceStream } from '#session/spice/display-streams';
import { LatencyJourney } from '#session/spice/latency-journey';
import type { StockSettings } from '#session/spice/stock/stock-session';
import { WatchedStock } from '#session/spice/stock/watched-stock';
import type { TapEvents } from '#session/spice/tap';

const POLL_MS = 20;
/** Nothing of it takes so long on any machine. */
const LIMIT_MS = 60_000;

/** All that a tap told, in the order in which it came. */
export class TapNotes implements TapEvents {
  readonly journey = new LatencyJourney();
  readonly channels: string[] = [];
  readonly ends: (string | null)[] = [];
  readonly streams: { readonly channel: number; readonly stream: SpiceStream }[] = [];
  readonly endedStreams: SpiceStream[] = [];
  readonly frames: { readonly channel: number; readonly frame: SpiceFrame }[] = [];
  readonly reports: SpiceReport[] = [];
  readonly reportsAsked: { readonly windowFrames: number; readonly timeoutMs: number }[] = [];
  readonly roundTrips: { readonly channel: number; readonly us: number }[] = [];
  readonly times: { readonly atUs: number; readonly ms: number }[] = [];
  readonly unread: string[] = [];
  readonly wishes: { readonly wish: ClientWish; readonly refusal: string | null }[] = [];

  onChannel(channel: number, name: string): void {
    this.channels[channel] = name;
  }
  onChannelEnd(_channel: number, why: string | null): void {
    this.ends.push(why);
  }
  onStream(channel: number, stream: SpiceStream): void {
    this.streams.push({ channel, stream });
  }
  onStreamClip(): void {}

  onStreamEnd(_channel: number, stream: SpiceStream): void {
    this.endedStreams.push(stream);
  }
  onFrame(channel: number, frame: SpiceFrame): void {
    this.frames.push({ channel, frame });
    this.journey.frame(frame);
  }
  onReport(_channel: number, report: SpiceReport): void {
    this.reports.push(report);
  }
  onReportsAsked(_channel: number, _stream: SpiceStream, windowFrames: number, timeoutMs: number): void {
    this.reportsAsked.push({ windowFrames, timeoutMs });
  }
  onRoundTrip(channel: number, _atUs: number, us: number): void {
    this.roundTrips.push({ channel, us });
  }
  onMultiMediaTime(_channel: number, atUs: number, ms: number): void {
    this.times.push({ atUs, ms });
  }
  onUnread(_channel: number, side: Side, why: string): void {
    this.unread.push(`${side}: ${why}`);
  }
  onWish(_channel: number, wish: ClientWish, refusal: string | null): void {
    this.wishes.push({ wish, refusal });
  }

  framesOf(codec: string): SpiceFrame[] {
    return this.frames.flatMap(({ frame }) => (frame.stream.codec === codec ? [frame] : []));
  }
}

export class SpiceDesktop {
  readonly notes: TapNotes;
  readonly watched: WatchedStock;

  private constructor(notes: TapNotes, watched: WatchedStock) {
    this.notes = notes;
    this.watched = watched;
  }

  static async start(settings: StockSettings): Promise<SpiceDesktop> {
    const notes = new TapNotes();
    return new SpiceDesktop(notes, await WatchedStock.start(settings, notes, notes.journey));
  }

  /** Waits for a state of the session; fails at once where one of its programs is gone. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const end = performance.now() + LIMIT_MS;
    while (!holds()) {
      const { broken } = this.watched.session;
      if (broken !== null) throw new Error(`${what} did not come about: ${broken}`);
      if (performance.now() > end) throw new Error(`${what} did not come about`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
