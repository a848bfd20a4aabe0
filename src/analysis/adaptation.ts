// How a stream follows its network and its machines: from feedback to encoder settings, one small step at a time. Pure; the
// sender calls it with every report. docs/sessions.md tells the rules in words.

import type { ReceiverReport } from '#core/session';
import { nextRate, type RateState } from './adaptation-rate.ts';
import { nextShape, type ShapeState } from './adaptation-shape.ts';
import { NOTHING_SEEN, observeLink, type LinkState } from './adaptation-link.ts';

/** What the sender knows when a report comes. */
export interface AdaptationFeedback {
  readonly report: ReceiverReport;
  /** Mean time that the sender worked for a frame since the last report, microseconds; null where no frame was encoded. */
  readonly workUs: number | null;
  /**
   * From capture to the hand-over to the link, the shortest of the frames that the report is about, microseconds: it is in the
   * delays of the report, and is no fault of the network. Null where none of them is known.
   */
  readonly beforeUs: number | null;
  /** What was handed to the link since the last report. */
  readonly bytes: number;
  readonly frames: number;
  /** Frames since the last report that were not encoded because the link's queue was full. */
  readonly framesFull: number;
}

/** Nothing goes beyond what the user asked for. */
export interface AdaptationBounds {
  /** Bits a second. */
  readonly maxBitrate: number;
  readonly minBitrate: number;
  /** Frames a second. */
  readonly frameRate: number;
  /** Pixels of a picture in full size. */
  readonly pixels: number;
  /** Changes of the bitrate that are smaller are not worth it: a share. Where the encoder must be opened anew, a large one. */
  readonly smallestStep: number;
}

/** All that is remembered from report to report. */
export interface AdaptationState extends LinkState, RateState, ShapeState {}

export interface Adaptation {
  readonly state: AdaptationState;
  /** Left out where they stay as they are. */
  readonly bitrate?: number;
  readonly frameRate?: number;
  readonly resolutionScale?: number;
  /** Nothing is to be sent for so long, microseconds; then a keyframe. */
  readonly pauseUs?: number;
  /** In words, for people; left out where nothing changes. */
  readonly why?: string;
}

export function startAdaptation(bounds: AdaptationBounds): AdaptationState {
  return {
    ...NOTHING_SEEN,
    bitrate: bounds.maxBitrate,
    goal: bounds.maxBitrate,
    linkRate: null,
    drainUs: null,
    holdUs: 0,
    calmUs: 0,
    rateScale: 1,
    sizeScale: 1,
    spareUs: 0,
    busyUs: 0,
    shapeHoldUs: 0,
  };
}

/** One step: what is seen in a report, and what follows from it. */
export function adapt(state: AdaptationState, feedback: AdaptationFeedback, bounds: AdaptationBounds): Adaptation {
  const frameUs = 1e6 / (bounds.frameRate * state.rateScale);
  const { link, seen } = observeLink(state, feedback, frameUs);
  const rate = nextRate({ ...state, ...link }, seen, bounds);
  const shape = nextShape({ ...state, bitrate: rate.state.bitrate }, feedback, bounds);
  const next = { ...state, ...link, ...rate.state, ...shape.state };
  const why = [rate.why, shape.why].filter((each) => each !== null);
  return {
    state: next,
    ...(next.bitrate === state.bitrate ? {} : { bitrate: next.bitrate }),
    ...(next.rateScale === state.rateScale ? {} : { frameRate: bounds.frameRate * next.rateScale }),
    ...(next.sizeScale === state.sizeScale ? {} : { resolutionScale: next.sizeScale }),
    ...(rate.pauseUs === undefined ? {} : { pauseUs: rate.pauseUs }),
    ...(why.length === 0 ? {} : { why: why.join('; ') }),
  };
}
