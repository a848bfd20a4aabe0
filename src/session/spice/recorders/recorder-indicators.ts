// What a patched SPICE process tells of itself as indicators: a value for each frame, and rates once a second.

import type { Indicator } from '#core/indicator';
import type { RecorderFact } from './recorder-facts.ts';

/** Between two values of a rate at least, microseconds. */
const RATE_US = 1_000_000;

/** Below `recorders.` */
const QUANTITIES = {
  'frame.bytes': { unit: 'byte', description: 'size of each frame' },
  'frame.rate': { unit: 'frame/s', description: 'frames that it told of' },
  'frame.rate.wanted': { unit: 'frame/s', description: 'frame rate that was asked for' },
  'keyframe.rate': { unit: 'frame/s', description: 'keyframes among them' },
  bitrate: { unit: 'bit/s', description: 'of those frames' },
  'sleep.time': { unit: 'ms', description: 'of each frame: from its turn until it is captured' },
  'capture.time': { unit: 'ms', description: 'of each frame: its capture' },
  'encode.time': { unit: 'ms', description: 'of each frame: its encoding; with the capture where that is not told' },
  'send.time': { unit: 'ms', description: 'of each frame: until it is sent' },
  'decode.time': { unit: 'ms', description: 'of each frame: from when it came until it is decoded, waits included' },
  'queue.frames': { unit: 'frame', description: 'frames that wait for the decoder when one is decoded' },
  'queue.time': { unit: 'ms', description: 'of each frame: how long it was in the queue' },
  'drop.rate': { unit: 'frame/s', description: 'frames that were dropped' },
} as const;
export type RecorderQuantity = keyof typeof QUANTITIES;

/** Takes a value and its time on the process's clock; null: now. */
type PutValue = (quantity: RecorderQuantity, atUs: number | null, value: number) => void;

/**
 * @param source the process, for the description
 * @param member where several processes are listened to: its position, `recorders.frame.rate[1]`
 */
export function recorderIndicator(quantity: RecorderQuantity, source: string, member: number | null): Indicator {
  const { unit, description } = QUANTITIES[quantity];
  const name = `recorders.${quantity}${member === null ? '' : `[${member}]`}`;
  return { name, unit, description: `${source}: ${description}` };
}

/**
 * Kinds of facts that are frames, with the recorder that tells them. A process that tells two of them counts each frame once: by the first
 * that it does tell, for one may name recorders that say nothing.
 */
const FRAMES = [
  ['guest frame', 'frame'],
  ['server frame', 'stream_channel_data'],
  ['client frame', 'frames_info'],
  ['decoded frame', 'frames_stats'],
] as const;
type FrameKind = (typeof FRAMES)[number][0];

interface FrameCount {
  frames: number;
  keys: number;
  bytes: number;
}

const NO_FRAMES: FrameCount = { frames: 0, keys: 0, bytes: 0 };

/** Of one connection. */
export class RecorderIndicators {
  readonly #put: PutValue;
  /** Those that the process may tell, the first one first. */
  readonly #kinds: readonly FrameKind[];
  readonly #tellsDrops: boolean;
  /** Since the last rates; of each kind that was ever told. */
  readonly #counts = new Map<FrameKind, FrameCount>();
  #sinceUs: number;
  #drops = 0;
  /** NaN where the size of a frame was not told. */
  #fpsWanted = NaN;

  /** @param recorders those that the process has: what they can't tell is absent, and what they did not tell is none */
  constructor(recorders: readonly string[], nowUs: number, put: PutValue) {
    this.#put = put;
    this.#kinds = FRAMES.flatMap(([kind, recorder]) => (recorders.includes(recorder) ? [kind] : []));
    this.#tellsDrops = recorders.includes('frames_dropped');
    this.#sinceUs = nowUs;
  }

  take(fact: RecorderFact): void {
    switch (fact.kind) {
      case 'guest frame': {
        const { frame } = fact;
        this.#span('sleep.time', frame.sentUs, frame.sleepUs);
        this.#span('capture.time', frame.sentUs, frame.captureUs);
        this.#span('encode.time', frame.sentUs, frame.encodeUs);
        this.#span('send.time', frame.sentUs, frame.sendUs);
        return this.#frame(fact.kind, frame.sentUs, frame.bytes, frame.key);
      }
      case 'server frame':
        return this.#frame(fact.kind, fact.atUs, fact.bytes, false);
      case 'client frame':
        return this.#frame(fact.kind, fact.atUs, fact.bytes, fact.key);
      case 'decoded frame':
        this.#span('decode.time', fact.atUs, fact.decodeUs);
        this.#put('queue.frames', fact.atUs, fact.queue);
        return this.#frame(fact.kind, fact.atUs, fact.bytes, fact.key);
      case 'frame left queue':
        return this.#span('queue.time', fact.atUs, fact.afterUs);
      case 'frames dropped':
        this.#drops += fact.count;
        return;
      case 'frame rate asked':
        this.#fpsWanted = fact.fps;
        return;
      case 'message':
      case 'process':
    }
  }

  /** To be called often: tells the rates where a second has passed. */
  tick(nowUs: number): void {
    const sinceUs = nowUs - this.#sinceUs;
    if (sinceUs < RATE_US) return;
    const perSecond = 1e6 / sinceUs;
    const kind = this.#counted;
    if (kind !== null) {
      const { frames, keys, bytes } = this.#counts.get(kind) ?? NO_FRAMES;
      this.#put('frame.rate', null, frames * perSecond);
      this.#put('bitrate', null, bytes * 8 * perSecond);
      if (kind !== 'server frame') this.#put('keyframe.rate', null, keys * perSecond);
    }
    if (this.#tellsDrops) this.#put('drop.rate', null, this.#drops * perSecond);
    this.#put('frame.rate.wanted', null, this.#fpsWanted);
    this.#sinceUs = nowUs;
    this.#drops = 0;
    for (const told of this.#counts.keys()) this.#counts.set(told, { ...NO_FRAMES });
  }

  /** The kind whose frames are the process's; null where it tells of none. */
  get #counted(): FrameKind | null {
    return this.#kinds.find((kind) => this.#counts.has(kind)) ?? this.#kinds[0] ?? null;
  }

  #frame(kind: FrameKind, atUs: number, bytes: number | null, key: boolean): void {
    if (!this.#kinds.includes(kind)) return;
    const before = this.#counts.get(kind) ?? NO_FRAMES;
    this.#counts.set(kind, {
      frames: before.frames + 1,
      keys: before.keys + (key ? 1 : 0),
      bytes: before.bytes + (bytes ?? NaN),
    });
    if (kind === this.#counted) this.#put('frame.bytes', atUs, bytes ?? NaN);
  }

  /** A duration below zero is of a clock that was set: nobody knows it. */
  #span(quantity: RecorderQuantity, atUs: number, us: number | null): void {
    this.#put(quantity, atUs, us === null || us < 0 ? NaN : us / 1000);
  }
}
