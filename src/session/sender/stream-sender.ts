// The sender at work: with every tick a picture is captured, encoded and handed to the link, or dropped and counted. What
// changes while it runs is opened beside it and takes over between two ticks.

import type { ReceiverReport } from '#core/session';
import { UserError } from '#core/user-error';
import { EncodeFailure } from '#media/bundled/encode-failure';
import type { EncodeParameters } from '#media/encode-job';
import { monotonicUs } from '#system/clock';
import type { PartChannel } from '../part-channel.ts';
import type { PartCommands } from '../part.ts';
import type { ResolvedSession, SessionSource } from '../session-settings.ts';
import type { SenderLink, SenderLinkEvents } from '../transport/media.ts';
import type { FrameNotes } from './frame-notes.ts';
import { FrameTicks } from './frame-ticks.ts';
import { KeptPictures } from './kept-pictures.ts';
import { openSource, type PictureSource } from './picture-source.ts';
import { StreamEncoder, type EncodedFrame } from './stream-encoder.ts';

/** A timer that fires so much too early is as good as on time, microseconds. */
const EARLY_US = 300;
/** A frame is dropped before it is encoded while more than this waits in the link: so long at the bitrate, or so many frames. */
const QUEUE_S = 0.1;
const QUEUE_FRAMES = 2;
const SMALLEST_QUEUE_BYTES = 16 * 1024;
/** A receiver that asks again and again gets a keyframe so often at most, microseconds. */
const KEYFRAME_PAUSE_US = 250_000;
/** A source must give its first picture in this time, and a new encoder its first frame, milliseconds. */
const FIRST_PICTURE_MS = 3_000;
const FIRST_FRAME_MS = 4_000;
const POLL_MS = 20;
/** How fast the mean size of a frame follows. */
const MEAN_SHARE = 1 / 16;

/** What a change came to. */
export type Changed =
  | { readonly how: 'live' | 'restart'; readonly gapMs: number | null }
  | { readonly error: string; readonly setting: string | null };

export interface SenderCounts {
  /** Mean time of work for a frame since the last report, microseconds; null where there was no frame. */
  readonly workUs: number | null;
  /** From capture to the hand-over to the link, the shortest of the frames that the report is about. */
  readonly beforeUs: number | null;
  readonly bytes: number;
  readonly frames: number;
  readonly framesFull: number;
}

/** Where a sender's frames go. */
export interface SenderEnd {
  /** Name of the stream, of its rows and recordings. */
  readonly stream: string;
  /** Told among the values in force. */
  readonly transport: string;
  connect(events: SenderLinkEvents): SenderLink;
}

export class StreamSender {
  readonly #end: SenderEnd;
  readonly #channel: PartChannel;
  readonly #notes: FrameNotes;
  readonly #link: SenderLink;
  readonly #ticks: FrameTicks;
  #source: PictureSource;
  #encoder: StreamEncoder;
  #config = 0;
  #timer: NodeJS.Timeout | null = null;
  #keyWanted = true;
  #keyAskedUs: number | null = null;
  #lastKeyUs = -Infinity;
  #markedFrame: number | null = null;
  /** The source from its beginning, which the marked frame goes over to. */
  #rewound: PictureSource | null = null;
  #kept: KeptPictures | null = null;
  #lastCaptured = -1;
  #lastOutUs = -1;
  #meanBytes = 0;
  /** Called with the time of the first frame that comes out of a new encoder. */
  #onFirst: ((outUs: number) => void) | null = null;
  #stopped = false;
  #pausedUntilUs = -Infinity;
  /** Since the last report. */
  #workUs = 0;
  #worked = 0;
  #bytes = 0;
  #encoded = 0;
  #full = 0;
  #reportedFrame = -1;

  constructor(
    end: SenderEnd,
    channel: PartChannel,
    source: PictureSource,
    encoder: StreamEncoder,
    notes: FrameNotes,
    onReport: (report: ReceiverReport) => void,
  ) {
    this.#end = end;
    this.#channel = channel;
    this.#source = source;
    this.#encoder = encoder;
    this.#notes = notes;
    this.#ticks = new FrameTicks(encoder.parameters.frameRate, 0, monotonicUs());
    this.#link = end.connect({
      onKeyframeWanted: () => (this.#keyAskedUs ??= monotonicUs()),
      onReport,
      onSent: (frame, timeUs) => this.#sent(frame, timeUs),
      onConnection: (connected, why) => this.#connection(connected, why),
    });
    this.#tellConfig();
    this.#arm();
  }

  get source(): PictureSource {
    return this.#source;
  }

  /** Values in force, by the names of the settings. */
  actual(session: ResolvedSession): Record<string, string> {
    const { width, height, frameRate, pixelFormat, encoder } = this.#encoder.parameters;
    const { source } = session;
    return {
      source: 'path' in source ? source.path : `${source.kind}:${source.device}`,
      encoder,
      resolution: `${width}x${height}`,
      framerate: frameRate.den === 1 ? String(frameRate.num) : `${frameRate.num}/${frameRate.den}`,
      pix_fmt: pixelFormat,
      ...this.#encoder.actual(),
      transport: this.#end.transport,
      adapt: session.adapt ? 'on' : 'off',
    };
  }

  /** What was counted since it was asked the last time, and what is known of the frames that a report is about. */
  takeCounts({ frame, framesReceived }: ReceiverReport): SenderCounts {
    const counts = {
      workUs: this.#worked === 0 ? null : this.#workUs / this.#worked,
      beforeUs: framesReceived === 0 ? null : this.#notes.shortestBeforeUs(this.#reportedFrame, frame),
      bytes: this.#bytes,
      frames: this.#encoded,
      framesFull: this.#full,
    };
    this.#workUs = this.#worked = this.#bytes = this.#encoded = this.#full = 0;
    this.#reportedFrame = frame;
    return counts;
  }

  /** Sends nothing for a time, microseconds, and a keyframe after it. */
  pause(us: number): void {
    this.#pausedUntilUs = monotonicUs() + us;
    this.#keyWanted = true;
  }

  /**
   * Goes over to other parameters, and to another source where one is given: live where the encoder takes them, else with a
   * new one that is opened while the old one works on. Nothing changes where that fails. One at a time.
   */
  async change(parameters: EncodeParameters, source: PictureSource | null = null): Promise<Changed> {
    if (source === null && this.#encoder.changeLive(parameters)) {
      this.#link.bitrate(parameters.bitrate);
      return { how: 'live', gapMs: null };
    }
    // While nobody wants a stream no frame is missed.
    const sinceUs = this.#link.connected || this.#lastOutUs < 0 ? null : monotonicUs();
    const opened = await StreamEncoder.open(parameters, (source ?? this.#source).picture, this.#notes);
    if ('error' in opened) return opened;
    const useless = this.#link.refuses?.(opened.encoder.codec) ?? null;
    if (this.#stopped || useless !== null) {
      opened.encoder.close();
      return useless === null
        ? { error: 'the session was stopped', setting: null }
        : { error: useless, setting: 'encoder' };
    }
    this.#encoder.flush(this.#onEncoded);
    this.#encoder.close();
    const beforeUs = sinceUs ?? this.#lastOutUs;
    this.#encoder = opened.encoder;
    if (source !== null) {
      this.#rewound?.close();
      this.#rewound = null;
      this.#source.close();
      this.#source = source;
    }
    this.#config++;
    this.#keyWanted = true;
    this.#ticks.setRate(parameters.frameRate);
    this.#tellConfig();
    this.#arm();
    const firstUs = await this.#firstFrame();
    return { how: 'restart', gapMs: firstUs === null || beforeUs < 0 ? null : (firstUs - beforeUs) / 1000 };
  }

  /** Why an encoder could not be opened with these; null where it could. What is at work goes on. */
  async wouldRefuse(parameters: EncodeParameters): Promise<string | null> {
    const opened = await StreamEncoder.open(parameters, this.#source.picture, this.#notes);
    if ('error' in opened) return opened.error;
    opened.encoder.flush(() => undefined);
    opened.encoder.close();
    return null;
  }

  keyframe(): void {
    this.#keyWanted = true;
  }

  async mark({ leadMs, keep, rewind }: PartCommands['mark']['ask']): Promise<PartCommands['mark']['answer']> {
    this.#rewound?.close();
    this.#rewound = rewind ? this.#source.again() : null;
    const before = this.#kept;
    this.#kept = null;
    await before?.close();
    if (keep !== null) this.#kept = await KeptPictures.open(this.#end.stream, keep);
    const frame = this.#ticks.frameAt(monotonicUs() + leadMs * 1000);
    this.#kept?.begin(frame);
    this.#markedFrame = frame;
    return { stream: this.#end.stream, frame };
  }

  async unmark(): Promise<PartCommands['unmark']['answer']> {
    const frame = this.#lastCaptured;
    const kept = this.#kept;
    this.#kept = null;
    this.#markedFrame = null;
    await kept?.close();
    return { stream: this.#end.stream, frame };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#kept?.close();
    this.#link.close();
    this.#encoder.flush(() => undefined);
    this.#encoder.close();
    this.#rewound?.close();
    this.#source.close();
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const waitMs = (this.#ticks.dueUs - monotonicUs()) / 1000;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, waitMs));
  }

  #tick(): void {
    const nowUs = monotonicUs();
    if (this.#ticks.dueUs - nowUs <= EARLY_US) {
      for (; this.#ticks.isLate(nowUs); this.#ticks.advance())
        this.#channel.step(this.#ticks.frame, 'capture', this.#ticks.dueUs, -1, -1, 'late');
      try {
        this.#take(this.#ticks.frame, this.#ticks.dueUs);
      } catch (error) {
        if (!(error instanceof EncodeFailure)) throw error;
        this.#channel.end(false, error.message);
      }
      this.#ticks.advance();
    }
    this.#arm();
  }

  #take(frame: number, dueUs: number): void {
    if (this.#rewound !== null && this.#markedFrame !== null && frame >= this.#markedFrame) {
      this.#source.close();
      this.#source = this.#rewound;
      this.#rewound = null;
    }
    const source = this.#source;
    const beganUs = monotonicUs();
    if (!source.capture(dueUs)) {
      this.#channel.step(frame, 'capture', dueUs, -1, -1, 'late');
      return;
    }
    const capturedUs = monotonicUs();
    const { captureUs, sourceFrame } = source;
    this.#channel.step(frame, 'capture', captureUs, capturedUs - captureUs, capturedUs - beganUs, 'ok');
    this.#lastCaptured = frame;
    const paused = capturedUs < this.#pausedUntilUs;
    const room = this.#link.connected && this.#link.queuedBytes <= this.#queueBound();
    if (!room || paused) {
      // Nothing that comes later needs it: it was never encoded.
      if (this.#link.connected && !paused) this.#full++;
      this.#channel.step(frame, 'encode', capturedUs, -1, -1, this.#link.connected ? 'full' : 'dropped');
      return;
    }
    this.#notes.begin(frame, captureUs, sourceFrame);
    const picture = this.#encoder.bring(source.picture);
    const { scaleStartUs, scaleUs } = this.#encoder;
    if (scaleUs >= 0) this.#channel.step(frame, 'scale', scaleStartUs, scaleUs, scaleUs, 'ok');
    this.#encoder.encode(picture, frame, this.#keyIsDue(frame, capturedUs), this.#onEncoded);
    this.#workUs += monotonicUs() - beganUs;
    this.#worked++;
    this.#kept?.offer(frame, sourceFrame, captureUs, source.picture, picture);
  }

  #keyIsDue(frame: number, nowUs: number): boolean {
    const asked = this.#keyAskedUs !== null && nowUs - this.#lastKeyUs >= KEYFRAME_PAUSE_US;
    const marked = this.#markedFrame !== null && frame >= this.#markedFrame;
    if (!asked && !marked && !this.#keyWanted) return false;
    this.#keyWanted = false;
    this.#keyAskedUs = null;
    if (marked) this.#markedFrame = null;
    this.#lastKeyUs = nowUs;
    return true;
  }

  #queueBound(): number {
    const { bitrate } = this.#encoder.parameters;
    return Math.max(SMALLEST_QUEUE_BYTES, ((bitrate ?? 0) / 8) * QUEUE_S, QUEUE_FRAMES * this.#meanBytes);
  }

  readonly #onEncoded = ({ frame, key, data, type, quantizer, outUs }: EncodedFrame): void => {
    const notes = this.#notes;
    if (!notes.has(frame)) return;
    const startUs = notes.encodeUs(frame);
    const busyUs = notes.busyUs(frame);
    const captureUs = notes.captureUs(frame);
    const sourceFrame = notes.sourceFrame(frame);
    this.#encoded++;
    this.#meanBytes += (data.length - this.#meanBytes) * MEAN_SHARE;
    this.#lastOutUs = outUs;
    this.#channel.step(frame, 'encode', startUs, outUs - startUs, busyUs, 'ok');
    this.#channel.frame(frame, sourceFrame, captureUs, type, key, data.length, quantizer);
    const handedUs = monotonicUs();
    this.#bytes += data.length;
    notes.sendFrom(frame, handedUs);
    if (!this.#link.frame({ config: this.#config, frame, captureUs, key, sourceFrame, data })) {
      notes.sent(frame);
      this.#keyWanted = true;
      this.#channel.step(frame, 'send', handedUs, -1, -1, 'dropped');
    }
    this.#onFirst?.(outUs);
    this.#onFirst = null;
  };

  /** When the first frame came out of a new encoder; null where none came in time: it holds them back, or nobody is connected. */
  #firstFrame(): Promise<number | null> {
    if (!this.#link.connected) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#onFirst = null;
        resolve(null);
      }, FIRST_FRAME_MS);
      this.#onFirst = (outUs) => {
        clearTimeout(timer);
        resolve(outUs);
      };
    });
  }

  #sent(frame: number, timeUs: number): void {
    const startUs = this.#notes.sent(frame);
    if (!Number.isNaN(startUs)) this.#channel.step(frame, 'send', startUs, timeUs - startUs, -1, 'ok');
  }

  #connection(connected: boolean, why: string | null): void {
    if (connected) this.#keyWanted = true;
    else this.#notes.loseUnsent((frame, startUs) => this.#channel.step(frame, 'send', startUs, -1, -1, 'lost'));
    if (why !== null) this.#channel.message(why);
  }

  #tellConfig(): void {
    const { parameters, extraData, codec } = this.#encoder;
    const { width, height, frameRate } = parameters;
    this.#link.bitrate(parameters.bitrate);
    this.#link.config({
      config: this.#config,
      codec,
      width,
      height,
      frameRate: frameRate.num / frameRate.den,
      extraData,
    });
  }
}

/**
 * Opens a source and waits for its first picture.
 * @throws UserError where there is none
 */
export async function openFirst(wanted: SessionSource): Promise<PictureSource> {
  const source = await openSource(wanted);
  try {
    for (let waitedMs = 0; !source.begin(); waitedMs += POLL_MS) {
      if (waitedMs >= FIRST_PICTURE_MS) throw new EncodeFailure(`no picture came in ${FIRST_PICTURE_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return source;
  } catch (error) {
    source.close();
    if (!(error instanceof EncodeFailure)) throw error;
    throw new UserError({
      what: error.message,
      where: 'path' in wanted ? wanted.path : `${wanted.kind}:${wanted.device}`,
    });
  }
}
