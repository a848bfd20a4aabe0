// What GStreamer tells of a stock server and client, joined to the frames that the tap saw between them: how long each was encoded,
// decoded, and waited to be shown. The tracer names no frames, so they are joined by order and time: what lies between is told.

import { quantileSorted, sortedSample } from '#analysis/quantile';
import type { SpiceFrame } from './display-streams.ts';
import type { ElementRecord } from './gst-latency.ts';
import { PairInOrder, type PairLimits } from './pair-in-order.ts';

/** Clocks of one machine, seen through two programs' logs. */
const SLACK_US = 3_000;
/** From the encoder to the tap; from the tap to the decoder, a slow network and a full queue included; from there to the queue. */
const SEND: PairLimits = { slackUs: SLACK_US, longestUs: 2e6 };
const RECEIVE: PairLimits = { slackUs: SLACK_US, longestUs: 5e6 };
const SHOW: PairLimits = { slackUs: SLACK_US, longestUs: 1e6 };
/** Times kept of a codec and a step for its quantiles; the oldest go. */
const MOST_TIMES = 16_384;

/** A step of a frame in somebody else's program. `queue` is the decoded picture's wait for its time. */
export type GstStep = 'encode' | 'decode' | 'queue';

/** What is joined of a frame: its codec, and its first and last byte at the tap. */
export interface JourneyFrame extends Pick<SpiceFrame, 'firstUs' | 'lastUs'> {
  readonly stream: Pick<SpiceFrame['stream'], 'codec'>;
}

/** @param gapUs between this step and the frame's last one that was seen: large or scattered where they were joined wrongly */
export type OnGstStep<Frame> = (
  frame: Frame,
  step: GstStep,
  startUs: number,
  durationUs: number,
  gapUs: number,
) => void;

export interface StepTimes {
  readonly codec: string;
  readonly step: GstStep;
  /** Frames that have it, of all of this codec. */
  readonly joined: number;
  readonly frames: number;
  /** Microseconds. */
  readonly median: number;
  readonly p95: number;
  /** What lay between it and the frame as the tap saw it (of `queue`: its decoding). */
  readonly gapMedian: number;
  readonly gapP95: number;
}

export class LatencyJourney<Frame extends JourneyFrame = SpiceFrame> {
  readonly #onStep: OnGstStep<Frame>;
  readonly #encoded: PairInOrder<ElementRecord, Frame>;
  readonly #decoded = new Map<string, PairInOrder<Frame, ElementRecord>>();
  readonly #shown: PairInOrder<Frame, ElementRecord>;
  readonly #frames = new Map<string, number>();
  readonly #times = new Map<
    string,
    { readonly codec: string; readonly step: GstStep; times: number[]; gaps: number[]; joined: number }
  >();

  constructor(onStep: OnGstStep<Frame> = () => {}) {
    this.#onStep = onStep;
    this.#encoded = new PairInOrder(SEND, (record, frame, gapUs) => this.#step(frame, 'encode', record, gapUs));
    this.#shown = new PairInOrder(SHOW, (frame, record, gapUs) => this.#step(frame, 'queue', record, gapUs));
  }

  /** A frame passed the tap. */
  frame(frame: Frame): void {
    const { codec } = frame.stream;
    this.#frames.set(codec, (this.#frames.get(codec) ?? 0) + 1);
    this.#encoded.second(frame, frame.firstUs);
    this.#decoderOf(codec).first(frame, frame.lastUs);
  }

  /** An element of the server's. Its encoders are all called `encoder`. */
  server(record: ElementRecord): void {
    if (record.element === 'encoder') this.#encoded.first(record, record.endUs);
  }

  /** An element of the client's, of its decoders and of the queue behind them. */
  client(record: ElementRecord): void {
    const startUs = record.endUs - record.durationUs;
    if (record.element === 'vqueue') this.#shown.second(record, startUs);
    else {
      const codec = decodedBy(record.element);
      if (codec !== null) this.#decoderOf(codec).second(record, startUs);
    }
  }

  /** By codec, in the order in which the steps were first seen. */
  times(): readonly StepTimes[] {
    return [...this.#times.values()].map(({ codec, step, times, gaps, joined }) => {
      const [sorted, sortedGaps] = [sortedSample(times), sortedSample(gaps)];
      return {
        codec,
        step,
        joined,
        frames: this.#frames.get(codec) ?? 0,
        median: quantileSorted(sorted, 0.5),
        p95: quantileSorted(sorted, 0.95),
        gapMedian: quantileSorted(sortedGaps, 0.5),
        gapP95: quantileSorted(sortedGaps, 0.95),
      };
    });
  }

  #decoderOf(codec: string): PairInOrder<Frame, ElementRecord> {
    let decoder = this.#decoded.get(codec);
    if (decoder === undefined) {
      decoder = new PairInOrder(RECEIVE, (frame, record, gapUs) => {
        this.#step(frame, 'decode', record, gapUs);
        this.#shown.first(frame, record.endUs);
      });
      this.#decoded.set(codec, decoder);
    }
    return decoder;
  }

  #step(frame: Frame, step: GstStep, { endUs, durationUs }: ElementRecord, gapUs: number): void {
    const { codec } = frame.stream;
    const key = `${codec} ${step}`;
    let kept = this.#times.get(key);
    if (kept === undefined) this.#times.set(key, (kept = { codec, step, times: [], gaps: [], joined: 0 }));
    const place = kept.joined++ % MOST_TIMES;
    kept.times[place] = durationUs;
    kept.gaps[place] = gapUs;
    this.#onStep(frame, step, endUs - durationUs, durationUs, gapUs);
  }
}

/** What GStreamer's decoders are called: `vp8dec0`, `avdec_h264-0`, `jpegdec0`, `vaapih265dec0`. Null for anything else. */
function decodedBy(element: string): string | null {
  if (!/dec(_|\d|-|$)/.test(element) || element.includes('bin')) return null;
  const codec = /vp8|vp9|h264|h265|jpeg/.exec(element)?.[0] ?? null;
  return codec === 'jpeg' ? 'mjpeg' : codec;
}
