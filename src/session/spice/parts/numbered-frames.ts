// Frames of a stock server, numbered by the tap: one sequence over all streams of all display channels, in order of arrival.

import { FRAME_TYPES } from '#core/recording';
import type { PartChannel } from '../../part-channel.ts';
import type { SpiceFrame } from '../display-streams.ts';
import type { ElementRecord } from '../gst-latency.ts';
import { LatencyJourney } from '../latency-journey.ts';

/** The present rate is that of the last frames, as long as they are not older, microseconds. */
const RATE_FRAMES = 32;
const STALE_US = 1e6;
const TYPES = {
  unknown: FRAME_TYPES.indexOf('unknown'),
  key: FRAME_TYPES.indexOf('I'),
  other: FRAME_TYPES.indexOf('P'),
};

/** Where rows go. */
export type TapRows = Pick<PartChannel, 'stream' | 'frame' | 'step'>;

export class NumberedFrames {
  readonly #stream: string;
  readonly #rows: TapRows;
  readonly #numbers = new WeakMap<SpiceFrame, number>();
  readonly #journey: LatencyJourney;
  /** When the last frames came, by number. */
  readonly #cameUs = new Float64Array(RATE_FRAMES);
  #next = 0;

  /** @param stream name of the rows' stream */
  constructor(stream: string, rows: TapRows) {
    this.#stream = stream;
    this.#rows = rows;
    this.#journey = new LatencyJourney((frame, step, startUs, durationUs) => {
      if (step !== 'encode') return;
      rows.step(this.#numbers.get(frame)!, 'encode', Math.round(startUs), Math.round(durationUs), -1, 'ok');
    });
  }

  frame(frame: SpiceFrame): void {
    const { key, bytes, firstUs, lastUs } = frame;
    const number = this.#next++;
    this.#cameUs[number % RATE_FRAMES] = firstUs;
    this.#numbers.set(frame, number);
    this.#rows.stream(this.#stream);
    const type = key === null ? TYPES.unknown : key ? TYPES.key : TYPES.other;
    this.#rows.frame(number, -1, firstUs, type, key === true, bytes, NaN);
    this.#rows.step(number, 'send', firstUs, lastUs - firstUs, -1, 'ok');
    this.#journey.frame(frame);
  }

  /** An element of the server's log. */
  server(record: ElementRecord): void {
    this.#rows.stream(this.#stream);
    this.#journey.server(record);
  }

  /** The frame that comes about `leadMs` from now at the present rate, the next one where none comes now. */
  ahead(leadMs: number, nowUs: number): { readonly stream: string; readonly frame: number } {
    const known = Math.min(this.#next, RATE_FRAMES);
    const lastUs = this.#cameUs[(this.#next - 1) % RATE_FRAMES]!;
    const firstUs = this.#cameUs[(this.#next - known) % RATE_FRAMES]!;
    const isGoing = known > 1 && nowUs - lastUs < STALE_US && lastUs > firstUs;
    const lead = isGoing ? Math.round((leadMs * 1_000 * (known - 1)) / (lastUs - firstUs)) : 0;
    return { stream: this.#stream, frame: this.#next + lead };
  }

  /** The last one that came; -1 where none did. */
  get last(): { readonly stream: string; readonly frame: number } {
    return { stream: this.#stream, frame: this.#next - 1 };
  }
}
