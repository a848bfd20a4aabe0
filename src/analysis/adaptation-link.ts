// What reports say about the link: how long frames wait in it, what it carries, what it loses. The sums of the last second are
// kept; the delay without a queue is remembered.

import type { AdaptationFeedback } from './adaptation.ts';
import { median } from './quantile.ts';

/** One report, as far as it is remembered. */
interface Interval {
  readonly us: number;
  /** Smallest delay of its frames without the sender's own time, microseconds; NaN where none came. */
  readonly delayUs: number;
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly bytes: number;
  readonly framesReceived: number;
  readonly framesLost: number;
  readonly framesFull: number;
}

export interface LinkState {
  /** The last second, newest first. */
  readonly intervals: readonly Interval[];
  /** Delay without a queue: the smallest that was seen lately, microseconds; null before the first. */
  readonly baseDelayUs: number | null;
}

/** What follows from it at the moment. Rates are bits a second. */
export interface LinkSeen {
  readonly intervalUs: number;
  /** How long frames wait in the network; NaN where nothing tells. */
  readonly queueUs: number;
  /** From here on it is a queue that must be cut; below the other one it is none. */
  readonly longQueueUs: number;
  readonly noQueueUs: number;
  /** In words; null where there is no sign of congestion. */
  readonly congestion: string | null;
  readonly sentRate: number;
  readonly carriedRate: number;
  /** Share of the packets that were lost lately; 0 where so few were lost that it may be chance. */
  readonly loss: number;
  /** Frames were lost in the last second: what arrived whole is less than what was carried. */
  readonly lossy: boolean;
  /** The link takes less than is sent. */
  readonly falling: boolean;
  /** Time that a frame needs to pass a link of 1 bit/s: bits of a mean frame. */
  readonly frameBits: number;
  /** Smallest delay of the last second, and what its reports mostly say, microseconds; NaN where no frame came. */
  readonly leastDelayUs: number;
  readonly usualDelayUs: number;
  /** The delay goes down by itself: a queue that empties. */
  readonly sinking: boolean;
}

export const NOTHING_SEEN: LinkState = { intervals: [], baseDelayUs: null };

const REMEMBERED_US = 1_000_000;
/** A queue lifts the smallest delay of all frames of this time; a process that waits for a core makes single frames late. */
const QUEUE_WINDOW_US = 300_000;
/** So few frames may all have been unlucky, unless they come very late: by so many times what is a long queue. */
const FEWEST_FRAMES = 3;
const VERY_LONG = 2.5;
const RATE_WINDOW_US = 500_000;
/** The smallest delay may come to be larger by so much: clocks drift (up to 100 ppm between two machines), routes change. */
const RISE_US_PER_S = 100;
/**
 * A frame on a narrow link takes up to one interval to pass without any queue: only what is longer is one. Much longer
 * intervals are not waited for.
 */
const LONG_QUEUE_US = 30_000;
const SHORTEST_LONG_QUEUE_US = 50_000;
const LONGEST_LONG_QUEUE_US = 120_000;
const NO_QUEUE_SHARE = 0.6;
/** Lost by chance: more is not. Where there is a queue it is the full queue sooner. Fewer lost frames say nothing. */
const LOSS_SHARE = 0.1;
const QUEUED_LOSS_SHARE = 0.04;
const FEWEST_LOST = 2;
/** A queue that empties gets so much shorter within the last second. */
const SINKING_US = 40_000;
/** Payload of a datagram: a frame is lost with any of its packets. */
const PACKET_BYTES = 1_150;
/** What arrives below this share of what was sent is less. */
const LESS_SHARE = 0.9;

/** @param frameUs time from frame to frame, microseconds */
export function observeLink(
  state: LinkState,
  feedback: AdaptationFeedback,
  frameUs: number,
): { readonly link: LinkState; readonly seen: LinkSeen } {
  const interval = intervalOf(feedback);
  const intervals = within([interval, ...state.intervals], REMEMBERED_US);
  const risen = (state.baseDelayUs ?? Infinity) + (RISE_US_PER_S * interval.us) / 1e6;
  const known = !Number.isNaN(interval.delayUs);
  const baseDelayUs = known ? Math.min(interval.delayUs, risen) : state.baseDelayUs;
  const longQueueUs = Math.max(SHORTEST_LONG_QUEUE_US, Math.min(LONGEST_LONG_QUEUE_US, LONG_QUEUE_US + frameUs));
  const noQueueUs = NO_QUEUE_SHARE * longQueueUs;
  const queued = within(intervals, QUEUE_WINDOW_US);
  const queueUs = smallestDelay(queued) - (baseDelayUs ?? 0);
  const newest = interval.delayUs - (baseDelayUs ?? 0);
  const enough = sum(queued, 'framesReceived') >= FEWEST_FRAMES;
  const long = queueUs > longQueueUs && (enough || newest > VERY_LONG * longQueueUs);
  const measured = within(intervals, RATE_WINDOW_US);
  const mayLose = queueUs < noQueueUs / 2 ? LOSS_SHARE : QUEUED_LOSS_SHARE;
  const loses = sum(measured, 'framesLost') >= FEWEST_LOST && packetLoss(measured) > mayLose;
  const congestion =
    interval.framesFull > 0
      ? 'the link is full'
      : long
        ? `frames wait ${Math.round(queueUs / 1000)} ms in the network`
        : loses && interval.framesLost > 0
          ? 'frames are lost'
          : null;
  const sentRate = rateOf(measured, 'bytesSent');
  const carriedRate = rateOf(measured, 'bytes');
  return {
    link: { intervals, baseDelayUs },
    seen: {
      intervalUs: interval.us,
      queueUs,
      longQueueUs,
      noQueueUs,
      congestion,
      sentRate,
      carriedRate,
      loss: loses ? Math.max(packetLoss(measured), packetLoss([interval])) : 0,
      lossy: sum(intervals, 'framesLost') > 0,
      falling: interval.framesFull > 0 || loses || carriedRate < LESS_SHARE * sentRate,
      frameBits: (sum(intervals, 'bytesSent') * 8) / Math.max(1, sum(intervals, 'framesSent')),
      leastDelayUs: smallestDelay(intervals),
      usualDelayUs: usualDelay(intervals),
      sinking:
        (intervals.findLast(({ delayUs }) => !Number.isNaN(delayUs))?.delayUs ?? NaN) - smallestDelay(queued) >
        SINKING_US,
    },
  };
}

function intervalOf({ report, beforeUs, bytes, frames, framesFull }: AdaptationFeedback): Interval {
  const { intervalUs, framesReceived, framesLost, minDelayUs } = report;
  const known = framesReceived > 0 && Number.isFinite(minDelayUs);
  return {
    us: Math.max(1, intervalUs),
    delayUs: known ? minDelayUs - (beforeUs ?? 0) : NaN,
    bytesSent: bytes,
    framesSent: frames,
    bytes: report.bytes,
    framesReceived,
    framesLost,
    framesFull,
  };
}

/** The newest that cover a time, one at least. */
function within(intervals: readonly Interval[], us: number): readonly Interval[] {
  let covered = 0;
  const end = intervals.findIndex((each) => (covered += each.us) >= us);
  return end < 0 ? intervals : intervals.slice(0, end + 1);
}

function smallestDelay(intervals: readonly Interval[]): number {
  const smallest = intervals.reduce((least, { delayUs }) => (delayUs < least ? delayUs : least), Infinity);
  return smallest === Infinity ? NaN : smallest;
}

function usualDelay(intervals: readonly Interval[]): number {
  const known = intervals.map(({ delayUs }) => delayUs).filter((us) => !Number.isNaN(us));
  return known.length === 0 ? NaN : median(known);
}

function sum(intervals: readonly Interval[], what: Exclude<keyof Interval, 'delayUs'>): number {
  return intervals.reduce((total, each) => total + each[what], 0);
}

function rateOf(intervals: readonly Interval[], what: 'bytes' | 'bytesSent'): number {
  return (sum(intervals, what) * 8e6) / sum(intervals, 'us');
}

/** From the share of frames that were lost: of n packets all must come. */
function packetLoss(intervals: readonly Interval[]): number {
  const lost = sum(intervals, 'framesLost');
  if (lost === 0) return 0;
  const share = lost / (lost + sum(intervals, 'framesReceived'));
  const packets = Math.max(1, sum(intervals, 'bytesSent') / Math.max(1, sum(intervals, 'framesSent')) / PACKET_BYTES);
  return 1 - (1 - share) ** (1 / packets);
}
