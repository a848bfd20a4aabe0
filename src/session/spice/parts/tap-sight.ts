// What the tap sees, told: of a session while it is watched, and what people want to know at any time.

import { UserError } from '#core/user-error';
import type { PartChannel } from '../../part-channel.ts';
import type { PassedFrames } from '../../part.ts';
import type { SpiceFrame, SpiceReport, SpiceStream } from '../display-streams.ts';
import type { ElementRecord } from '../gst-latency.ts';
import { NumberedFrames } from './numbered-frames.ts';
import { PassedFrameMatch } from './passed-frames.ts';

/** Sentences that are remembered, so that each is told once. */
const MOST_SENTENCES = 256;

type Telling =
  | { readonly numberedBy: 'tap'; readonly frames: NumberedFrames }
  | { readonly numberedBy: 'sender'; readonly frames: PassedFrameMatch };

export class TapSight {
  readonly #channel: PartChannel;
  readonly #told = new Set<string>();
  readonly #displays = new Set<number>();
  #codec: string | null = null;
  #hadClient = false;
  #telling: Telling | null = null;

  constructor(channel: PartChannel) {
    this.#channel = channel;
  }

  /** Rows from now on. @param stream of rows that the tap numbers */
  watch(stream: string, numberedBy: Telling['numberedBy']): void {
    this.#told.clear();
    const channel = this.#channel;
    if (numberedBy === 'tap') {
      this.#telling = { numberedBy, frames: new NumberedFrames(stream, channel) };
      return;
    }
    // The tap sends on what comes as it comes: a frame is received and sent at the same time.
    const frames = new PassedFrameMatch((of, frame, firstUs, lastUs) => {
      channel.stream(of);
      channel.step(frame, 'receive', firstUs, lastUs - firstUs, -1, 'ok');
      channel.step(frame, 'send', firstUs, lastUs - firstUs, -1, 'ok');
    });
    this.#telling = { numberedBy, frames };
  }

  unwatch(): void {
    this.#telling = null;
  }

  /** Of the stream that began last: a screen that rests has none for a while. Null where no client had one yet. */
  get codec(): string | null {
    return this.#codec;
  }

  get hasClient(): boolean {
    return this.#displays.size > 0;
  }

  /** Of the client, where none is there: that it is gone, or that none came yet. */
  get withoutClient(): string {
    return this.#hadClient ? 'the SPICE client is gone' : 'no SPICE client has come to the tap yet';
  }

  /** @throws UserError where the tap numbers no frames just now */
  get numbered(): NumberedFrames {
    if (this.#telling?.numberedBy === 'tap') return this.#telling.frames;
    throw new UserError({
      what: 'the tap numbers no frames: ' + (this.#telling === null ? 'no session' : 'the sender does'),
    });
  }

  /** Frames of the sender's; of no use where the tap numbers. */
  passed(frames: PassedFrames, nowUs: number): void {
    if (this.#telling?.numberedBy === 'sender') this.#telling.frames.told(frames, nowUs);
  }

  settle(nowUs: number): void {
    if (this.#telling?.numberedBy === 'sender') this.#telling.frames.settle(nowUs);
  }

  /** A sentence for people, once. @param about where what it says of that is one sentence */
  say(text: string, about = text): void {
    if (this.#told.has(about)) return;
    if (this.#told.size >= MOST_SENTENCES) this.#told.clear();
    this.#told.add(about);
    this.#channel.message(text);
  }

  linked(channel: number, name: string): void {
    if (name !== 'display') return;
    this.#displays.add(channel);
    this.#hadClient = true;
  }

  /** @returns whether the last client has gone with it */
  ended(channel: number): boolean {
    if (!this.#displays.delete(channel) || this.hasClient) return false;
    this.#codec = null;
    return true;
  }

  /** That nobody is there any more, once. @param server that it is gone, in words; null where it is there */
  sayGone(server: string | null): void {
    if (this.#telling === null || this.hasClient) return;
    if (server !== null) this.say(server);
    else if (this.#hadClient) this.say('the SPICE client is gone: no frame comes until one is there again');
  }

  began({ codec }: SpiceStream): void {
    this.#codec = codec;
  }

  frame(frame: SpiceFrame): void {
    if (this.#telling?.numberedBy === 'tap') this.#telling.frames.frame(frame);
    else this.#telling?.frames.seen(frame);
  }

  server(record: ElementRecord): void {
    if (this.#telling?.numberedBy === 'tap') this.#telling.frames.server(record);
  }

  report(channel: number, { stream, frames, drops, lastDelayMs, atUs }: SpiceReport): void {
    if (this.#telling === null) return;
    this.#channel.series('report.drops', 'frame', atUs, drops);
    this.#channel.series('report.delay', 'ms', atUs, lastDelayMs);
    if (drops === 0) return;
    const which = `${stream.codec} stream ${stream.serial} of channel ${channel}`;
    this.say(`the client drops frames of the ${which}: ${drops} of the last ${frames}`, which);
  }

  roundTrip(atUs: number, us: number): void {
    if (this.#telling !== null) this.#channel.series('round-trip', 'ms', atUs, us / 1_000);
  }
}
