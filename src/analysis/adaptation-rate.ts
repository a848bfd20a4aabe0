// The bitrate: down to what the link demonstrably carries and a little less until its queue is empty, up again while there is
// none: slowly about the rate at which it was last full, fast elsewhere.

import type { AdaptationBounds } from './adaptation.ts';
import type { LinkSeen, LinkState } from './adaptation-link.ts';

export interface RateState {
  /** Bits a second. */
  readonly bitrate: number;
  /** Where it is going up to: taken over in steps that are worth it. */
  readonly goal: number;
  /** What the link carried when it was last full; null where it never was, or is wider now. */
  readonly linkRate: number | null;
  /** So long the queue has been waited for to empty, microseconds; null where there is none. */
  readonly drainUs: number | null;
  /** Until the next step down. */
  readonly holdUs: number;
  /** So long there has been no sign of congestion. */
  readonly calmUs: number;
}

/** While a queue empties, this share of what the link carries is sent: less for a long one, so that it takes about a second. */
const DRAIN_US = 800_000;
const LARGEST_DRAIN_SHARE = 0.85;
const SMALLEST_DRAIN_SHARE = 0.4;
/** Once it is empty. */
const FILL_SHARE = 0.92;
/** No step down goes below this share: what is measured may still be what was. */
const LARGEST_CUT = 0.4;
/** A sign of congestion is worth so much at least. */
const SMALLEST_CUT = 0.95;
const HOLD_US = 300_000;
/**
 * Where frames are lost nothing is decoded before the next keyframe, which is large: what is sent before it only fills the queue
 * that it must pass. So nothing is sent for as long as the queue is, within these bounds.
 */
const SHORTEST_PAUSE_US = 250_000;
const LONGEST_PAUSE_US = 400_000;
/** After it: until reports tell of what came later. */
const HOLD_AFTER_PAUSE_US = 300_000;
/** A delay that stays for so long, though all that is sent arrives, is no queue of ours. */
const NOT_OURS_US = 2_000_000;
const CALM_US = 500_000;
/** Growth a second about the rate at which the link was full, and elsewhere. */
const SLOW_GROWTH = 0.06;
const FAST_GROWTH = 0.5;
const NEAR_BELOW = 0.85;
const NEAR_ABOVE = 1.15;
/** A frame that passes in less than this share of the time that the link used to need for it: the link is wider now. */
const WIDER_SHARE = 0.25;
const SMALLEST_UP = 0.08;
/** A stream that uses less of its bitrate proves nothing about the network. */
const USED_SHARE = 0.6;

interface NextRate {
  readonly state: RateState & Pick<LinkState, 'baseDelayUs'>;
  readonly pauseUs?: number;
  readonly why: string | null;
}

/** The bitrate after what was seen. */
export function nextRate(state: RateState & LinkState, seen: LinkSeen, bounds: AdaptationBounds): NextRate {
  const { baseDelayUs, linkRate } = state;
  const bitrate = Math.min(state.bitrate, bounds.maxBitrate);
  const holdUs = Math.max(0, state.holdUs - seen.intervalUs);
  const drainUs = state.drainUs === null ? null : state.drainUs + seen.intervalUs;
  const now = {
    bitrate,
    goal: Math.min(state.goal, bounds.maxBitrate),
    linkRate,
    drainUs,
    holdUs,
    calmUs: 0,
    baseDelayUs,
  };
  if (seen.congestion !== null) return congested(now, seen, bounds, seen.congestion);
  if (drainUs !== null) return drained(now, seen, bounds);
  return calm({ ...now, calmUs: state.calmUs + seen.intervalUs }, seen, bounds);
}

function congested(now: NextRate['state'], seen: LinkSeen, bounds: AdaptationBounds, why: string): NextRate {
  const { bitrate, drainUs } = now;
  // While its queue is long the link is busy: what arrives is what it carries, but where frames arrive that are not whole.
  const known = drainUs !== null || now.linkRate === null ? Infinity : now.linkRate;
  const linkRate = seen.lossy ? now.linkRate : Math.min(seen.carriedRate, known);
  const same = { ...now, linkRate, drainUs: drainUs ?? 0, goal: bitrate };
  if (now.holdUs > 0) return { state: same, why: null };
  if (drainUs !== null && !seen.falling) return notOurs(same, seen);
  const queueUs = Number.isNaN(seen.queueUs) ? seen.longQueueUs : seen.queueUs;
  const share = Math.max(SMALLEST_DRAIN_SHARE, Math.min(LARGEST_DRAIN_SHARE, 1 - queueUs / DRAIN_US));
  const unlost = Math.min(bitrate, seen.sentRate) * (1 - seen.loss);
  const fits = share * (seen.loss > 0 ? Math.max(seen.carriedRate, unlost) : seen.carriedRate);
  const lower = Math.max(
    bitrate * LARGEST_CUT,
    Math.min(fits, bitrate * Math.min(SMALLEST_CUT, 1 - bounds.smallestStep)),
  );
  const next = Math.min(bitrate, Math.round(Math.max(bounds.minBitrate, lower)));
  const state = { ...same, bitrate: next, goal: next };
  const said = next === bitrate ? null : why;
  if (seen.loss === 0) return { state: { ...state, holdUs: HOLD_US }, why: said };
  const pauseUs = Math.max(SHORTEST_PAUSE_US, Math.min(LONGEST_PAUSE_US, queueUs));
  // What fits is only known by trying.
  return {
    state: { ...state, linkRate: null, holdUs: pauseUs + HOLD_AFTER_PAUSE_US },
    pauseUs,
    why: said,
  };
}

/** The queue is waited for to empty. */
function drained(now: NextRate['state'], seen: LinkSeen, bounds: AdaptationBounds): NextRate {
  if (Number.isNaN(seen.queueUs) || seen.queueUs > seen.noQueueUs) return notOurs(now, seen);
  return refilled(now, bounds);
}

/** A delay that stays is the usual one from now on; of the link it says nothing. */
function notOurs(now: NextRate['state'], seen: LinkSeen): NextRate {
  const ours = (now.drainUs ?? 0) < NOT_OURS_US || seen.falling || seen.sinking || Number.isNaN(seen.leastDelayUs);
  if (ours) return { state: now, why: null };
  return { state: { ...now, baseDelayUs: seen.leastDelayUs, linkRate: null, drainUs: null }, why: null };
}

function refilled(now: NextRate['state'], bounds: AdaptationBounds): NextRate {
  const filled = Math.round(Math.min(bounds.maxBitrate, FILL_SHARE * (now.linkRate ?? 0)));
  const worth = filled >= now.bitrate * (1 + bounds.smallestStep);
  const bitrate = worth ? filled : now.bitrate;
  return {
    state: { ...now, bitrate, goal: Math.max(bitrate, filled), drainUs: null },
    why: worth ? 'the queue is empty' : null,
  };
}

function calm(now: NextRate['state'], seen: LinkSeen, bounds: AdaptationBounds): NextRate {
  const { bitrate, calmUs } = now;
  if (Number.isNaN(seen.queueUs) || seen.queueUs > seen.noQueueUs) return { state: { ...now, calmUs: 0 }, why: null };
  const linkRate = isWider(now, seen) ? null : now.linkRate;
  const ready = calmUs >= CALM_US && bitrate < bounds.maxBitrate && seen.sentRate > USED_SHARE * bitrate;
  if (!ready) return { state: { ...now, linkRate }, why: null };
  const near = linkRate !== null && bitrate > NEAR_BELOW * linkRate && bitrate < NEAR_ABOVE * linkRate;
  const growth = near ? SLOW_GROWTH : FAST_GROWTH * (1 - seen.queueUs / seen.longQueueUs);
  const goal = Math.min(bounds.maxBitrate, Math.max(now.goal, bitrate) * (1 + (growth * seen.intervalUs) / 1e6));
  const worth = Math.max(SMALLEST_UP, bounds.smallestStep);
  const taken = goal === bounds.maxBitrate || goal >= bitrate * (1 + worth);
  const state = { ...now, linkRate, goal, bitrate: taken ? Math.round(goal) : bitrate };
  return { state, why: taken ? 'the network is calm' : null };
}

function isWider({ linkRate, calmUs, baseDelayUs }: NextRate['state'], seen: LinkSeen): boolean {
  if (linkRate === null || calmUs < CALM_US) return false;
  return seen.usualDelayUs - (baseDelayUs ?? 0) < (WIDER_SHARE * seen.frameBits * 1e6) / linkRate;
}
