// What a scrape or a waiting command asks of a live system: last values, counters, and figures of the last seconds.

import type { FrameBatch, SeriesBatch, StepBatch } from '#core/recording';
import { STEP_OUTCOMES, STEPS } from '#core/recording';
import { PART_ROLES } from '#core/session';
import type { AgentClock, Collector } from '#live/collector-types';
import type { PassedFrame, PresentedFrame } from './live-wire.ts';
import { TimedRing } from './timed-ring.ts';

/** What the figures of the session cover. */
export const WINDOW_S = 5;
/** What came longer ago is no value of now: its process is gone, or its agent can't measure it any more. */
const STALE_MS = 30_000;
/** Frames of a stream whose way is followed: more than half a minute. */
const FRAMES = 2_048;
const CAPTURE = STEPS.indexOf('capture');
const SEND = STEPS.indexOf('send');
const PRESENT = STEPS.indexOf('present');
const OK = STEP_OUTCOMES.indexOf('ok');

/** Capture and presentation of the last frames of one stream, by number; microseconds on the collector's clock. */
interface FrameWays {
  readonly stream: string;
  /** Whether anybody saw the captures: of a stock SPICE desktop the times are those at its tap, and no latency begins there. */
  isCaptured: boolean;
  readonly frame: Int32Array;
  readonly captureUs: Float64Array;
  readonly presentUs: Float64Array;
}

/** By position of the indicator in its agent's list; NaN where none came. */
interface LastValues {
  value: Float64Array;
  /** When it came, milliseconds. */
  atMs: Float64Array;
}

export class LiveFigures {
  readonly #collector: Collector;
  #unlisten: (() => void) | null = null;
  readonly #last = new Map<string, LastValues>();
  readonly rows = { series: 0, frames: 0, steps: 0 };
  framesEncoded = 0;
  framesPresented = 0;
  bytesEncoded = 0;
  /** Frames that were dropped, by `role/step/outcome`. */
  readonly dropped = new Map<string, number>();
  readonly #encoded = new TimedRing();
  readonly #presented = new TimedRing();
  readonly #latency = new TimedRing();
  #ways: FrameWays | null = null;
  #newest: PresentedFrame | null = null;
  #passed: PassedFrame | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  /** Begins to listen, with the first who asks: counters count from then on. */
  watch(): this {
    this.#unlisten ??= this.#collector.listen(
      {
        series: (agent, batch) => this.#addSeries(agent, batch),
        frames: (_agent, batch, clock) => this.#addFrames(batch, clock),
        steps: (_agent, batch, clock) => this.#addSteps(batch, clock),
        picture: () => undefined,
        feed: () => undefined,
        changed: () => undefined,
      },
      WINDOW_S,
    );
    return this;
  }

  close(): void {
    this.#unlisten?.();
    this.#unlisten = null;
  }

  /** The last value of an indicator, by its position in the agent's list; NaN where none came lately. */
  last(agent: string, indicator: number): number {
    const last = this.#last.get(agent);
    const atMs = last?.atMs[indicator];
    return atMs !== undefined && performance.now() - atMs <= STALE_MS ? last!.value[indicator]! : NaN;
  }

  /** Frames that were encoded and presented, and bits that were encoded, in a second of the last ones. */
  rates(nowUs: number): { readonly encoded: number; readonly presented: number; readonly bitrate: number } {
    const sinceUs = nowUs - WINDOW_S * 1e6;
    const sizes = this.#encoded.since(sinceUs);
    return {
      encoded: sizes.length / WINDOW_S,
      presented: this.#presented.since(sinceUs).length / WINDOW_S,
      bitrate: (sizes.reduce((sum, bytes) => sum + bytes, 0) * 8) / WINDOW_S,
    };
  }

  /** Latencies from capture to presentation in the last seconds, microseconds, ascending. */
  latenciesUs(nowUs: number): Float64Array {
    return Float64Array.from(this.#latency.since(nowUs - WINDOW_S * 1e6)).toSorted();
  }

  /**
   * Waits until a frame is presented that was captured after a moment.
   * @param sinceS seconds on the collector's clock
   * @returns null where none was within that time
   */
  async presentedSince(sinceS: number, waitMs: number): Promise<PresentedFrame | null> {
    const endMs = performance.now() + waitMs;
    while (this.#newest === null || this.#newest.captureS <= sinceS) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return null;
      await this.#nextFrame(leftMs);
    }
    return this.#newest;
  }

  /**
   * Waits until a frame passes a relay, or the tap of a SPICE desktop, after a moment.
   * @param sinceS seconds on the collector's clock
   * @returns null where none did within that time
   */
  async passedSince(sinceS: number, waitMs: number): Promise<PassedFrame | null> {
    const endMs = performance.now() + waitMs;
    while (this.#passed === null || this.#passed.sentS <= sinceS) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return null;
      await this.#nextFrame(leftMs);
    }
    return this.#passed;
  }

  #nextFrame(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, limitMs);
      this.#waiting.add(end);
    });
  }

  #addSeries(agent: string, { indicator, value }: SeriesBatch): void {
    this.rows.series += indicator.length;
    let last = this.#last.get(agent);
    if (last === undefined) this.#last.set(agent, (last = { value: noValues(64), atMs: noValues(64) }));
    const nowMs = performance.now();
    for (let row = 0; row < indicator.length; row++) {
      const position = indicator[row]!;
      if (position >= last.value.length) {
        last.value = widened(last.value, position);
        last.atMs = widened(last.atMs, position);
      }
      last.value[position] = value[row]!;
      last.atMs[position] = nowMs;
    }
  }

  #addFrames(batch: FrameBatch, clock: AgentClock | null): void {
    const rows = batch.frame.length;
    this.rows.frames += rows;
    this.framesEncoded += rows;
    for (let row = 0; row < rows; row++) this.bytesEncoded += batch.bytes[row]!;
    if (clock === null) return;
    const tickUs = (batch.timeBase[0] * 1e6) / batch.timeBase[1];
    for (let row = 0; row < rows; row++) {
      const captureUs = batch.pts[row]! * tickUs - clock.offsetUs;
      this.#encoded.add(captureUs, batch.bytes[row]!);
      this.#captured(batch.stream, batch.frame[row]!, captureUs);
    }
  }

  #addSteps(batch: StepBatch, clock: AgentClock | null): void {
    this.rows.steps += batch.frame.length;
    for (let row = 0; row < batch.frame.length; row++) {
      const step = batch.step[row]!;
      if (batch.outcome[row] !== OK) {
        const place = `${batch.role}/${STEPS[step] ?? step}/${STEP_OUTCOMES[batch.outcome[row]!] ?? 'dropped'}`;
        this.dropped.set(place, (this.dropped.get(place) ?? 0) + 1);
        continue;
      }
      if (step !== CAPTURE && step !== SEND && step !== PRESENT) continue;
      if (step === PRESENT) this.framesPresented++;
      if (clock === null) continue;
      const startUs = batch.startUs[row]! - clock.offsetUs;
      if (step === CAPTURE) {
        this.#captured(batch.stream, batch.frame[row]!, startUs);
        if (this.#ways?.stream === batch.stream) this.#ways.isCaptured = true;
      } else if (step === SEND) this.#wasSent(batch, row, startUs);
      else this.#wasPresented(batch.stream, batch.frame[row]!, startUs + Math.max(0, batch.durationUs[row]!));
    }
  }

  /** Where in the ring a frame stands; null for one that is older than what stands there. */
  #place(stream: string, frame: number): { readonly ways: FrameWays; readonly at: number } | null {
    if (this.#ways?.stream !== stream) this.#ways = emptyWays(stream);
    const ways = this.#ways;
    const at = frame % FRAMES;
    if (ways.frame[at]! > frame) return null;
    if (ways.frame[at] !== frame) {
      ways.frame[at] = frame;
      ways.captureUs[at] = NaN;
      ways.presentUs[at] = NaN;
    }
    return { ways, at };
  }

  #captured(stream: string, frame: number, captureUs: number): void {
    const place = this.#place(stream, frame);
    if (place === null || !Number.isNaN(place.ways.captureUs[place.at]!)) return;
    place.ways.captureUs[place.at] = captureUs;
    this.#whole(place.ways, place.at);
  }

  /** By the relay: what a sender sent is still on its way. */
  #wasSent({ role, stream, frame }: StepBatch, row: number, startUs: number): void {
    if (role === PART_ROLES.sender) return;
    const sentS = (startUs - this.#collector.epochUs) / 1e6;
    if (this.#passed !== null && this.#passed.sentS >= sentS) return;
    this.#passed = { stream, frame: frame[row]!, sentS };
    for (const tell of this.#waiting) tell();
  }

  #wasPresented(stream: string, frame: number, presentUs: number): void {
    this.#presented.add(presentUs, 1);
    const place = this.#place(stream, frame);
    if (place === null) return;
    place.ways.presentUs[place.at] = presentUs;
    this.#whole(place.ways, place.at);
  }

  /** Capture and presentation come from two agents, in any order. */
  #whole({ stream, isCaptured, frame, captureUs, presentUs }: FrameWays, at: number): void {
    const latencyUs = presentUs[at]! - captureUs[at]!;
    if (Number.isNaN(latencyUs)) return;
    if (isCaptured) this.#latency.add(presentUs[at]!, latencyUs);
    const captureS = (captureUs[at]! - this.#collector.epochUs) / 1e6;
    if (this.#newest !== null && this.#newest.captureS >= captureS) return;
    this.#newest = { stream, frame: frame[at]!, captureS };
    for (const tell of this.#waiting) tell();
  }
}

function noValues(length: number): Float64Array {
  return new Float64Array(length).fill(NaN);
}

function widened(values: Float64Array, position: number): Float64Array {
  const wider = noValues(2 * (position + 1));
  wider.set(values);
  return wider;
}

function emptyWays(stream: string): FrameWays {
  return {
    stream,
    isCaptured: false,
    frame: new Int32Array(FRAMES).fill(-1),
    captureUs: new Float64Array(FRAMES),
    presentUs: new Float64Array(FRAMES),
  };
}
