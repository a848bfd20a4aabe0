// What became of each frame of a stream: its steps of all machines, brought together.

import { STEP_OUTCOMES, STEPS } from '#core/recording';
import { roleOfFrames } from './frame-teller.ts';
import type { SessionColumns } from './session-metrics.ts';

/** The way of a frame. What stands first in it ends a journey where several machines tell that it ended. */
const WAY = [
  'guest capture',
  'guest decode',
  'guest scale',
  'guest upload',
  'guest encode',
  'guest download',
  'guest send',
  'server encode',
  'server receive',
  'server send',
  'client receive',
  'client decode',
  'client present',
];

const RELAY_ROLE = 'server';
const SENDER_ROLE = 'guest';

/** Which role does what in a stream. */
export interface Ends {
  /** Encodes and sends: the guest, or a stock SPICE server. */
  readonly sender: string;
  /** Stands between the two ends; null where the sender does: the tap before a stock server tells what that sends. */
  readonly relay: string | null;
  /** Whether a role is neither of them. */
  readonly isReceiver: (role: string) => boolean;
}

export function endsOf(steps: SessionColumns['steps']): Ends {
  const sender = roleOfFrames(new Set(steps.map(({ role, step }) => `${role} ${step}`)));
  return {
    sender,
    relay: sender === RELAY_ROLE ? null : RELAY_ROLE,
    isReceiver: (role) => role !== SENDER_ROLE && role !== RELAY_ROLE,
  };
}

/** By frame, in no order; times are microseconds on the reference clock, NaN where they are not known. */
export interface Journeys {
  readonly count: number;
  readonly stream: Uint16Array;
  readonly captureUs: Float64Array;
  /** Handed over to the sender's link; of a stock SPICE server: its first byte at the tap. */
  readonly handedUs: Float64Array;
  readonly receivedUs: Float64Array;
  /** Times at the relay: its first byte there, and its last byte away from it. */
  readonly relayedFromUs: Float64Array;
  readonly relayedToUs: Float64Array;
  /** 1 where it was presented. */
  readonly presented: Uint8Array;
  readonly presentUs: Float64Array;
  /** Frames whose journey ended at a place, by `encode full`: step and outcome. */
  readonly ends: ReadonlyMap<string, number>;
  /** Frames of which nobody told what became. */
  readonly untold: number;
}

/** One journey for each frame that any step or encoded frame names. */
export function joinJourneys({ frames, steps }: SessionColumns): Journeys {
  const places = new Places();
  const rows = steps.map(({ stream, frame }) => places.of(stream, frame));
  const ofFrames = places.of(frames.stream, frames.frame);
  const count = places.count;
  const { relay } = endsOf(steps);
  const unknown = () => new Float64Array(count).fill(NaN);
  const captureUs = unknown();
  const times: WantedTimes = {
    handedUs: unknown(),
    receivedUs: unknown(),
    relayedFromUs: unknown(),
    relayedToUs: unknown(),
    presentUs: unknown(),
  };
  const presented = new Uint8Array(count);
  const endRank = new Uint8Array(count).fill(STILL_GOING);
  const endStep = new Uint8Array(count);
  const endOutcome = new Uint8Array(count);

  for (let row = 0; row < ofFrames.length; row++) captureUs[ofFrames[row]!] = frames.captureUs[row]!;
  for (const [group, { role, step, startUs, durationUs, outcome }] of steps.entries()) {
    const rank = rankOf(role, step);
    const code = (STEPS as readonly string[]).indexOf(step);
    const startTimes = step === 'capture' ? captureUs : null;
    const wantedTimes = wantedTimesOf(role, step, times, relay);
    const own = rows[group]!;
    for (let row = 0; row < own.length; row++) {
      const place = own[row]!;
      if (outcome[row] !== 0) {
        if (rank >= endRank[place]!) continue;
        endRank[place] = rank;
        endStep[place] = code;
        endOutcome[place] = outcome[row]!;
        continue;
      }
      if (startTimes !== null && !Number.isNaN(startUs[row]!)) startTimes[place] = startUs[row]!;
      if (wantedTimes !== null)
        wantedTimes.column[place] =
          startUs[row]! + (wantedTimes.atStart || Number.isNaN(durationUs[row]!) ? 0 : durationUs[row]!);
      if (step === 'present') presented[place] = 1;
    }
  }

  const ends = new Map<string, number>();
  let untold = 0;
  for (let place = 0; place < count; place++) {
    if (presented[place] === 1) continue;
    if (endRank[place] === STILL_GOING) untold++;
    else {
      const name = `${STEPS[endStep[place]!]!} ${STEP_OUTCOMES[endOutcome[place]!]!}`;
      ends.set(name, (ends.get(name) ?? 0) + 1);
    }
  }
  return {
    count,
    stream: Uint16Array.from(places.streams),
    captureUs,
    ...times,
    presented,
    ends,
    untold,
  };
}

const STILL_GOING = 255;

/** Counts the frames of all streams, each once. */
class Places {
  readonly #byStream: Map<number, number>[] = [];
  /** The stream of each. */
  readonly streams: number[] = [];

  get count(): number {
    return this.streams.length;
  }

  of(stream: Uint16Array, frame: Int32Array): Int32Array {
    const places = new Int32Array(frame.length);
    for (let row = 0; row < frame.length; row++) {
      const known = (this.#byStream[stream[row]!] ??= new Map<number, number>());
      let place = known.get(frame[row]!);
      if (place === undefined) {
        place = this.streams.push(stream[row]!) - 1;
        known.set(frame[row]!, place);
      }
      places[row] = place;
    }
    return places;
  }
}

function rankOf(role: string, step: string): number {
  const rank = WAY.indexOf(`${role} ${step}`);
  return rank < 0 ? WAY.length : rank;
}

type WantedTimes = Pick<Journeys, 'handedUs' | 'receivedUs' | 'relayedFromUs' | 'relayedToUs' | 'presentUs'>;

/** The column that a time of this step goes into, its start or its end; null where nothing is computed from it. */
function wantedTimesOf(
  role: string,
  step: string,
  times: WantedTimes,
  relay: string | null,
): { readonly column: Float64Array; readonly atStart: boolean } | null {
  const isRelay = role === relay;
  if (step === 'present') return { column: times.presentUs, atStart: false };
  if (step === 'send') return { column: isRelay ? times.relayedToUs : times.handedUs, atStart: !isRelay };
  if (step === 'receive') return { column: isRelay ? times.relayedFromUs : times.receivedUs, atStart: isRelay };
  return null;
}
