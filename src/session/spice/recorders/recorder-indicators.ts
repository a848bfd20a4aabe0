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

/** Kinds of facts that are frames, with the recorder that tells them. A process that tells two of them counts each frame once: by the first. */
const FRAMES = [
  ['guest frame', 'frame'],
  ['server frame', 'stream_channel_data'],
  ['client frame', 'frames_info'],
  ['decoded frame', 'frames_stats'],
] as const;

/** Of one connection. */
export class RecorderIndicators {
  readonly #put: PutValue;
  readonly #frames: RecorderFact['kind'] | null;
  readonly #tellsKeys: boolean;
  readonly #tellsDrops: boolean;
  #sinceUs: number;
  #count = 0;
  #keys = 0;
  #drops = 0;
  /** NaN where the size of a frame was not told. */
  #bytes = 0;
  #fpsWanted = NaN;

  /** @param recorders those that the process has: what they can't tell is absent, and what they did not tell is none */
  constructor(recorders: readonly string[], nowUs: number, put: PutValue) {
    this.#put = put;
    this.#frames = FRAMES.find(([, recorder]) => recorders.includes(recorder))?.[0] ?? null;
    this.#tellsKeys = this.#frames !== null && this.#frames !== 'server frame';
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
    if (this.#frames !== null) {
      this.#put('frame.rate', null, this.#count * perSecond);
      this.#put('bitrate', null, this.#bytes * 8 * perSecond);
    }
    if (this.#tellsKeys) this.#put('keyframe.rate', null, this.#keys * perSecond);
    if (this.#tellsDrops) this.#put('drop.rate', null, this.#drops * perSecond);
    this.#put('frame.rate.wanted', null, this.#fpsWanted);
    this.#sinceUs = nowUs;
    this.#count = this.#keys = this.#drops = this.#bytes = 0;
  }

  #frame(kind: RecorderFact['kind'], atUs: number, bytes: number | null, key: boolean): void {
    if (kind !== this.#frames) return;
    this.#count++;
    if (key) this.#keys++;
    this.#bytes += bytes ?? NaN;
    this.#put('frame.bytes', atUs, bytes ?? NaN);
  }

  /** A duration below zero is of a clock that was set: nobody knows it. */
  #span(quantity: RecorderQuantity, atUs: number, us: number | null): void {
    this.#put(quantity, atUs, us === null || us < 0 ? NaN : us / 1000);
  }
}
