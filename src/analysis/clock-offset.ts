// How far another machine's clock is ahead of ours, from round trips: all that the samples allow, and no less. Pure.

/** One round trip: when it left and came back by our clock, when it arrived and left there by the other; microseconds. */
export interface ClockSample {
  readonly sentUs: number;
  readonly remoteReceivedUs: number;
  readonly remoteSentUs: number;
  readonly receivedUs: number;
}

/** The remote clock minus ours is `offsetUs`, and the truth lies within `errorUs` of it. */
export interface ClockEstimate {
  readonly offsetUs: number;
  readonly errorUs: number;
  /** Microseconds that it gains on ours in a second; null while samples tell too little of it. */
  readonly driftPpm: number | null;
}

/** No two clocks run further apart than that: NTP's own limit of a clock's frequency. */
export const MAX_DRIFT = 500e-6;
/** How much a clock's rate may leave a steady one (temperature, NTP at work). */
const WANDER = 10e-6;
/** The drift is told once it is known as well as this. */
const KNOWN_DRIFT = 50e-6;
/** Four times are rounded to whole microseconds. */
const ROUNDING_US = 2;
/** A longer round trip tells nothing of use. */
const MAX_ROUND_TRIP_US = 60e6;
/** Older samples are forgotten. */
const WINDOW_US = 900e6;
/** Kept at most; when they are full, the older half is thinned out: of two neighbours the one of less delay stays. */
const MAX_SAMPLES = 128;
/** So many samples in a row that contradict all before are a step of a clock (a machine that was suspended, or started anew). */
const STEP_SAMPLES = 3;
/** Of the range of rates: what is left is 0.03 µs over the whole window. */
const HALVINGS = 24;

/** What one sample proves: at `timeUs` the offset was between `low` and `high`. */
interface Proof {
  readonly timeUs: number;
  readonly low: number;
  readonly high: number;
}

/** Offsets and rates that agree with every proof, at `timeUs`. */
interface Agreed extends Proof {
  readonly slowest: number;
  readonly fastest: number;
}

/**
 * No packet arrives before it was sent. So each round trip proves that the offset lies between `remoteSent - received` and
 * `remoteReceived - sent`, whatever its two ways took: a delay shows as a wide proof and never as a wrong one. What lies in all
 * of them is the estimate; a line through them (offset and drift) is carried on to later times. Short round trips decide, as in
 * a lowest-delay filter, and half of the shortest ones is what asymmetry could hide.
 */
export class ClockEstimator {
  #proofs: Proof[] = [];
  #agreed: Agreed | null = null;
  /** Those that contradict what was agreed on. */
  #suspects: Proof[] = [];
  #steps = 0;

  /** How often a clock was found to have jumped. */
  get steps(): number {
    return this.#steps;
  }

  /** Samples that can't be are ignored: times that are no numbers, that run backwards, a negative delay. */
  add(sample: ClockSample): void {
    const proof = proofOf(sample);
    const last = this.#suspects.at(-1) ?? this.#proofs.at(-1);
    if (proof === null || (last !== undefined && proof.timeUs < last.timeUs)) return;
    this.#proofs.push(proof);
    const agreed = agreement(this.#proofs);
    if (agreed !== null) {
      this.#agreed = agreed;
      this.#suspects = [];
      this.#forget(proof.timeUs);
      return;
    }
    this.#proofs.pop();
    this.#suspects.push(proof);
    if (this.#suspects.length >= STEP_SAMPLES) this.#restart();
  }

  /** @returns null before the first sample */
  estimate(nowUs: number): ClockEstimate | null {
    const agreed = this.#agreed;
    if (agreed === null) return null;
    let { low, high } = carried(agreed, nowUs);
    // Either the samples before or these are wrong; until it is known the truth may be with both.
    for (const suspect of this.#suspects) {
      const possible = carried({ ...suspect, slowest: -MAX_DRIFT, fastest: MAX_DRIFT }, nowUs);
      low = Math.min(low, possible.low);
      high = Math.max(high, possible.high);
    }
    const known = (agreed.fastest - agreed.slowest) / 2 <= KNOWN_DRIFT;
    const drift = (agreed.fastest + agreed.slowest) / 2;
    return { offsetUs: (low + high) / 2, errorUs: (high - low) / 2, driftPpm: known ? drift * 1e6 : null };
  }

  /** Keeps as much of the past as agrees with the samples that contradicted the whole of it. */
  #restart(): void {
    let past = this.#proofs;
    for (;;) {
      past = past.slice(Math.ceil(past.length / 2));
      const proofs = [...past, ...this.#suspects];
      const agreed = agreement(proofs);
      if (agreed !== null) {
        this.#proofs = proofs;
        this.#agreed = agreed;
        this.#suspects = [];
        this.#steps++;
        return;
      }
      if (past.length === 0) break;
    }
    // They don't even agree with each other: the oldest goes, and the next one may settle it.
    this.#suspects.shift();
  }

  #forget(nowUs: number): void {
    const proofs = this.#proofs;
    if (proofs[0]!.timeUs < nowUs - WINDOW_US) proofs.shift();
    if (proofs.length < MAX_SAMPLES) return;
    const older = proofs.splice(0, MAX_SAMPLES / 2);
    const kept: Proof[] = [];
    for (let i = 0; i < older.length; i += 2) {
      const [first, second] = [older[i]!, older[i + 1]!];
      kept.push(first.high - first.low < second.high - second.low ? first : second);
    }
    proofs.unshift(...kept);
  }
}

function proofOf({ sentUs, remoteReceivedUs, remoteSentUs, receivedUs }: ClockSample): Proof | null {
  const roundTripUs = receivedUs - sentUs;
  const thereUs = remoteSentUs - remoteReceivedUs;
  // Written so that a NaN fails.
  if (!(roundTripUs >= 0 && roundTripUs <= MAX_ROUND_TRIP_US && thereUs >= 0)) return null;
  if (!Number.isFinite(remoteSentUs) || !Number.isFinite(receivedUs)) return null;
  // Both were proved a little earlier than `receivedUs`: the clocks may have run apart since.
  const slackUs = ROUNDING_US / 2 + MAX_DRIFT * roundTripUs;
  const low = remoteSentUs - receivedUs - slackUs;
  const high = remoteReceivedUs - sentUs + slackUs;
  return low <= high ? { timeUs: receivedUs, low, high } : null;
}

function carried({ timeUs, low, high, slowest, fastest }: Agreed, nowUs: number): { low: number; high: number } {
  const passed = nowUs - timeUs;
  const wander = WANDER * Math.abs(passed);
  return {
    low: low + Math.min(slowest * passed, fastest * passed) - wander,
    high: high + Math.max(slowest * passed, fastest * passed) + wander,
  };
}

/**
 * All pairs of offset and rate that agree with every proof, at the time of the last one. For one rate the offset has a lowest
 * and a highest value; the room between them is a concave function of the rate, and both grow with it: so the slowest rate that
 * leaves room has the lowest offset, and the fastest the highest.
 * @returns null where no offset agrees with all
 */
function agreement(proofs: readonly Proof[]): Agreed | null {
  const timeUs = proofs.at(-1)!.timeUs;
  let [below, above] = [-MAX_DRIFT, MAX_DRIFT];
  let inside = 0;
  let range = rangeAt(proofs, timeUs, inside);
  for (let i = 0; range.high < range.low; i++) {
    if (i === HALVINGS || range.slope === 0) return null;
    if (range.slope > 0) below = inside;
    else above = inside;
    inside = (below + above) / 2;
    range = rangeAt(proofs, timeUs, inside);
  }
  const slowest = edge(proofs, timeUs, inside, -MAX_DRIFT);
  const fastest = edge(proofs, timeUs, inside, MAX_DRIFT);
  return {
    timeUs,
    slowest,
    fastest,
    low: rangeAt(proofs, timeUs, slowest).low,
    high: rangeAt(proofs, timeUs, fastest).high,
  };
}

/** The outermost rate on the way from one that leaves room to `limit`: never too near, at most a little too far. */
function edge(proofs: readonly Proof[], timeUs: number, inside: number, limit: number): number {
  const leavesRoom = (rate: number) => {
    const { low, high } = rangeAt(proofs, timeUs, rate);
    return low <= high;
  };
  if (leavesRoom(limit)) return limit;
  let [near, far] = [inside, limit];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (near + far) / 2;
    if (leavesRoom(middle)) near = middle;
    else far = middle;
  }
  return far;
}

/** Offsets at that time if the clock gained at that rate; `slope` is how the room between them changes with the rate. */
function rangeAt(proofs: readonly Proof[], timeUs: number, rate: number): { low: number; high: number; slope: number } {
  let low = -Infinity;
  let high = Infinity;
  let lowAge = 0;
  let highAge = 0;
  for (const proof of proofs) {
    const age = timeUs - proof.timeUs;
    const least = proof.low + (rate - WANDER) * age;
    const most = proof.high + (rate + WANDER) * age;
    if (least > low) {
      low = least;
      lowAge = age;
    }
    if (most < high) {
      high = most;
      highAge = age;
    }
  }
  return { low, high, slope: highAge - lowAge };
}
