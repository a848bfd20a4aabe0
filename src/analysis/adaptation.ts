// How a stream follows its network and its machines: from feedback to encoder settings, one small step at a time. Pure; the
// sender calls it with every report. docs/sessions.md tells the rules in words.

import type { ReceiverReport } from '#core/session';

/** What the sender knows when a report comes. */
export interface AdaptationFeedback {
  readonly report: ReceiverReport;
  /** Mean time in the encoder a frame since the last report, microseconds; null where no frame was encoded. */
  readonly encodeUs: number | null;
  /** The same from capture to the hand-over to the link: it is in the delays of the report, and is no fault of the network. */
  readonly beforeUs: number | null;
  /** Bytes that were handed to the link since the last report. */
  readonly bytes: number;
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

export interface AdaptationState {
  readonly bitrate: number;
  /** Of the frame rate and of each side of the picture: members of SCALES. */
  readonly rateScale: number;
  readonly sizeScale: number;
  /** In the network: the smallest delay that was seen lately, and the smoothed one; null before the first report. */
  readonly baseDelayUs: number | null;
  readonly delayUs: number | null;
  /** So long there has been no sign of congestion, time to spare on the machines, or too little of it: microseconds. */
  readonly calmUs: number;
  readonly spareUs: number;
  readonly busyUs: number;
  /** Until the next step down, so that what was done can have its effect. */
  readonly holdUs: number;
  /** Until the next change of size or frame rate: each costs a keyframe. */
  readonly shapeHoldUs: number;
}

export interface Adaptation {
  readonly state: AdaptationState;
  /** Left out where they stay as they are. */
  readonly bitrate?: number;
  readonly frameRate?: number;
  readonly resolutionScale?: number;
  /** In words, for people; left out where nothing changes. */
  readonly why?: string;
}

const SCALES: readonly number[] = [1, 0.75, 0.5];
/** A queue that is longer, or one that is this long and grows, means that the network is too slow. */
const LONG_QUEUE_US = 80_000;
const SOME_QUEUE_US = 25_000;
const GROWTH_US = 4_000;
/** Share of a new delay in the smoothed one. */
const NEW_SHARE = 0.3;
/** A queue that is shorter is none. */
const NO_QUEUE_US = 15_000;
/** Frames that are lost by chance: more are not. */
const LOSS_SHARE = 0.02;
/** The smallest delay is forgotten by so many microseconds a second: routes and clocks change. */
const FORGET_US_PER_S = 500;
/** Down to this share; where less arrives than is sent to this share of it, and at most two steps at once. */
const DOWN = 0.8;
const ARRIVED_SHARE = 0.85;
const LESS_ARRIVES = 0.9;
const UP = 1.08;
const HOLD_US = 800_000;
const CALM_US = 2_000_000;
/** Between two steps up. */
const PROBE_US = 1_000_000;
/** A stream that uses less of its bitrate proves nothing about the network. */
const USED_SHARE = 0.5;
/** Steps of size and frame rate. */
const SHAPE_HOLD_US = 5_000_000;
const SHAPE_CALM_US = 10_000_000;
/** Bits a pixel below which a smaller picture looks better, and above which the next larger one does. */
const FEW_BITS = 0.018;
const ENOUGH_BITS = 0.045;
/** Share of a frame interval that encoder or decoder may take, and from which on they are not done in time. */
const SPARE_SHARE = 0.5;
const BUSY_SHARE = 0.9;
/** So long must they be too slow. */
const BUSY_US = 1_000_000;

export function startAdaptation(bounds: AdaptationBounds): AdaptationState {
  return {
    bitrate: bounds.maxBitrate,
    rateScale: 1,
    sizeScale: 1,
    baseDelayUs: null,
    delayUs: null,
    calmUs: 0,
    spareUs: 0,
    busyUs: 0,
    holdUs: 0,
    shapeHoldUs: 0,
  };
}

/** One step: what is seen in a report, and what follows from it. */
export function adapt(state: AdaptationState, feedback: AdaptationFeedback, bounds: AdaptationBounds): Adaptation {
  const seen = observe(state, feedback, bounds);
  const congestion = congestionOf(seen, state, feedback);
  const bitrate = nextBitrate(seen, congestion, feedback, bounds);
  const shape = nextShape({ ...seen, bitrate: bitrate.bitrate }, bounds);
  const next = { ...seen, ...bitrate, ...shape.state };
  const why = [bitrate.bitrate === state.bitrate ? null : (congestion ?? 'the network is calm'), shape.why];
  return {
    state: next,
    ...(next.bitrate === state.bitrate ? {} : { bitrate: next.bitrate }),
    ...(next.rateScale === state.rateScale ? {} : { frameRate: bounds.frameRate * next.rateScale }),
    ...(next.sizeScale === state.sizeScale ? {} : { resolutionScale: next.sizeScale }),
    ...(why.every((each) => each === null) ? {} : { why: why.filter((each) => each !== null).join('; ') }),
  };
}

/** The counters after this report. */
function observe(
  state: AdaptationState,
  { report, encodeUs, beforeUs }: AdaptationFeedback,
  bounds: AdaptationBounds,
): AdaptationState {
  const { intervalUs } = report;
  const heard = report.framesReceived > 0 && beforeUs !== null && Number.isFinite(report.meanDelayUs);
  const inNetwork = report.meanDelayUs - (beforeUs ?? 0);
  const smoothed = (state.delayUs ?? inNetwork) + NEW_SHARE * (inNetwork - (state.delayUs ?? inNetwork));
  const forgotten = (state.baseDelayUs ?? Infinity) + (FORGET_US_PER_S * intervalUs) / 1e6;
  const slowest = Math.max(encodeUs ?? 0, Number.isFinite(report.decodeUs) ? report.decodeUs : 0);
  const frameUs = 1e6 / (bounds.frameRate * state.rateScale);
  return {
    ...state,
    bitrate: Math.min(state.bitrate, bounds.maxBitrate),
    baseDelayUs: heard ? Math.min(inNetwork, forgotten) : state.baseDelayUs,
    delayUs: heard ? smoothed : state.delayUs,
    busyUs: slowest > BUSY_SHARE * frameUs ? state.busyUs + intervalUs : 0,
    spareUs: slowest < SPARE_SHARE * frameUs ? state.spareUs + intervalUs : 0,
    holdUs: Math.max(0, state.holdUs - intervalUs),
    shapeHoldUs: Math.max(0, state.shapeHoldUs - intervalUs),
  };
}

/** In words; null where there is none. */
function congestionOf(
  seen: AdaptationState,
  before: AdaptationState,
  { report, framesFull }: AdaptationFeedback,
): string | null {
  const { framesReceived, framesLost } = report;
  if (framesLost > LOSS_SHARE * (framesReceived + framesLost)) return 'frames are lost';
  if (framesFull > 0) return 'the link is full';
  if (framesReceived === 0) return null;
  const queue = queueUs(seen);
  if (queue > LONG_QUEUE_US) return `frames wait ${Math.round(queue / 1000)} ms in the network`;
  const growth = (seen.delayUs ?? 0) - (before.delayUs ?? seen.delayUs ?? 0);
  return queue > SOME_QUEUE_US && growth > GROWTH_US ? 'the delay rises' : null;
}

function queueUs(state: AdaptationState): number {
  return state.baseDelayUs === null || state.delayUs === null ? 0 : state.delayUs - state.baseDelayUs;
}

function nextBitrate(
  seen: AdaptationState,
  congestion: string | null,
  { report, bytes }: AdaptationFeedback,
  bounds: AdaptationBounds,
): Pick<AdaptationState, 'bitrate' | 'calmUs' | 'holdUs'> {
  const { bitrate, holdUs } = seen;
  const arrived = (report.bytes * 8e6) / report.intervalUs;
  if (congestion !== null) {
    if (holdUs > 0) return { bitrate, calmUs: 0, holdUs };
    const less = report.bytes < LESS_ARRIVES * bytes;
    const wanted = Math.min(bitrate * DOWN, less ? Math.max(bitrate * DOWN ** 2, arrived * ARRIVED_SHARE) : Infinity);
    const lower = Math.round(Math.max(bounds.minBitrate, Math.min(wanted, bitrate * (1 - bounds.smallestStep))));
    return { bitrate: Math.min(bitrate, lower), calmUs: 0, holdUs: HOLD_US };
  }
  if (queueUs(seen) > NO_QUEUE_US) return { bitrate, calmUs: 0, holdUs };
  const calmUs = seen.calmUs + report.intervalUs;
  const ready = calmUs >= CALM_US && bitrate < bounds.maxBitrate && arrived > USED_SHARE * bitrate;
  if (!ready) return { bitrate, calmUs, holdUs };
  const higher = Math.round(Math.min(bounds.maxBitrate, bitrate * Math.max(UP, 1 + bounds.smallestStep)));
  // A large step is a risk: it is waited for as much longer.
  const pauseUs = PROBE_US * Math.max(1, bounds.smallestStep / (UP - 1));
  return { bitrate: higher, calmUs: CALM_US - pauseUs, holdUs };
}

/** Frame rate and size: for machines that are too slow, and for bitrates that are too low for so many pixels. */
function nextShape(
  seen: AdaptationState,
  bounds: AdaptationBounds,
): {
  state: Pick<AdaptationState, 'rateScale' | 'sizeScale' | 'shapeHoldUs' | 'busyUs' | 'spareUs'>;
  why: string | null;
} {
  const { rateScale, sizeScale, shapeHoldUs, busyUs, spareUs } = seen;
  const same = { rateScale, sizeScale, shapeHoldUs, busyUs, spareUs };
  if (shapeHoldUs > 0) return { state: same, why: null };
  const changed = (what: Partial<typeof same>, why: string) => ({
    state: { ...same, busyUs: 0, spareUs: 0, shapeHoldUs: SHAPE_HOLD_US, ...what },
    why,
  });
  if (busyUs >= BUSY_US) {
    const slow = 'encoding or decoding takes longer than a frame lasts';
    if (smaller(rateScale) !== null) return changed({ rateScale: smaller(rateScale)! }, slow);
    if (smaller(sizeScale) !== null) return changed({ sizeScale: smaller(sizeScale)! }, slow);
    return { state: same, why: null };
  }
  const bitsAt = (scale: number) => seen.bitrate / (bounds.pixels * scale ** 2 * bounds.frameRate * rateScale);
  const down = smaller(sizeScale);
  if (down !== null && bitsAt(sizeScale) < FEW_BITS && seen.bitrate < bounds.maxBitrate)
    return changed({ sizeScale: down }, 'a smaller picture looks better at this bitrate');
  if (spareUs < SHAPE_CALM_US) return { state: same, why: null };
  const up = larger(sizeScale);
  if (up !== null && (bitsAt(up) > ENOUGH_BITS || seen.bitrate === bounds.maxBitrate))
    return changed({ sizeScale: up }, 'there is room for a larger picture');
  const faster = larger(rateScale);
  return faster === null ? { state: same, why: null } : changed({ rateScale: faster }, 'there is time for more frames');
}

function smaller(scale: number): number | null {
  return SCALES[SCALES.indexOf(scale) + 1] ?? null;
}

function larger(scale: number): number | null {
  return SCALES[SCALES.indexOf(scale) - 1] ?? null;
}
