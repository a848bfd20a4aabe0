// Metrics of a stream: computed from its frame journeys and series, on one clock. docs/metrics.md says what each means.

import type { Metrics } from '#core/metric';
import { STEP_OUTCOMES } from '#core/recording';
import { addKeyframes, addSizes, addTimes, MetricList, sum, type Add } from './frame-metrics.ts';
import { findFreezes, isFreeze } from './freezes.ts';
import { endsOf, joinJourneys, type Ends, type Journeys } from './journeys.ts';
import { mean, sortedSample } from './quantile.ts';
import { addHostOthers, addRoleMeans, isClientTold, knownMeans } from './role-means.ts';

/** Rows of one step in one role; all arrays have the same length. Times are microseconds on the reference clock. */
export interface JourneySteps {
  readonly role: string;
  /** A name of STEPS. */
  readonly step: string;
  /** Position of its stream in `streams`, and number of the frame in it. */
  readonly stream: Uint16Array;
  readonly frame: Int32Array;
  readonly startUs: Float64Array;
  /** NaN where it is not known. */
  readonly durationUs: Float64Array;
  readonly busyUs: Float64Array;
  /** Code in STEP_OUTCOMES. */
  readonly outcome: Uint8Array;
}

/** What metrics of a stream are computed from. */
export interface SessionColumns {
  readonly streams: readonly string[];
  /** Seconds that were recorded. */
  readonly durationS: number;
  /** When it ended, microseconds on the reference clock; NaN where that is not known. */
  readonly endUs: number;
  /** Frames a second that were asked for; NaN where nobody asked. */
  readonly requestedRate: number;
  /** Encoded frames. */
  readonly frames: {
    readonly stream: Uint16Array;
    readonly frame: Int32Array;
    /** Capture time, reference clock; NaN where nobody saw it: of a stock SPICE server's frames. */
    readonly captureUs: Float64Array;
    readonly type: Uint8Array;
    readonly key: Uint8Array;
    readonly bytes: Int32Array;
    readonly quantizer: Float32Array;
  };
  readonly steps: readonly JourneySteps[];
  /** Bound of the error of each agent's clock, microseconds, by role. */
  readonly clockErrorUs: ReadonlyMap<string, number>;
  /** Time-weighted means of indicators, by `role/indicator`. */
  readonly means: ReadonlyMap<string, { readonly value: number; readonly unit: string }>;
  /** Roles whose part of the session ran on the guest's machine, the guest's own among them; none where that is not known. */
  readonly rolesOnGuest: readonly string[];
  /** False where only frames that went through were told (records of other tools): of drops nothing is known then. */
  readonly dropsTold: boolean;
}

/** Where a frame of our own parts can be dropped, by the role that tells it: told even where none was, if it told of that step. */
const USUAL_ENDS: readonly (readonly [role: string, end: string])[] = [
  ['guest', 'capture late'],
  ['guest', 'encode full'],
  ['guest', 'encode dropped'],
  ['guest', 'send dropped'],
  ['server', 'send lost'],
  ['client', 'receive lost'],
  ['client', 'decode waiting'],
  ['client', 'decode full'],
  ['client', 'decode failed'],
  ['client', 'present late'],
];

/** Computes every metric that the columns allow. */
export function sessionMetrics(columns: SessionColumns): Metrics {
  const { metrics, add } = new MetricList();
  const journeys = joinJourneys(columns);
  const ends = endsOf(columns.steps);
  if (columns.streams.length > 0) add('stream.time', columns.durationS, 's', null);
  addRates(add, columns, journeys, ends);
  addLatency(add, columns, journeys, ends);
  addGaps(add, columns, journeys, ends);
  addPresentation(add, columns, journeys);
  addStepTimes(add, columns, journeys, ends);

  const { frames, durationS } = columns;
  const streams = new Set(frames.stream).size;
  const bytes = sum(frames.bytes);
  // Where no frame was recorded nothing is known of the stream: that is no bitrate of 0.
  if (frames.frame.length > 0) {
    add('frames', frames.frame.length, 'frame', null);
    add('bytes', bytes, 'byte', null);
    add('bitrate', (bytes * 8) / durationS, 'bit/s', null);
  }
  addKeyframes(add, { ...frames, streams });
  addSizes(add, { ...frames, streams });
  add('quantizer', mean(frames.quantizer), '1', 'lower');
  if (columns.streams.length > 0) add('stream.restarts', columns.streams.length - 1, '1', 'lower');
  addHostOthers(add, columns);
  addRoleMeans(add, columns.means);
  return metrics;
}

/**
 * What frames came to, and where the others ended. Without a word of the receiver nothing is known of that; of a stock SPICE client's
 * log it is known what was decoded and presented, that it was none where the log has none, and nothing else.
 */
function addRates(add: Add, columns: SessionColumns, journeys: Journeys, { relay, isReceiver }: Ends): void {
  const { durationS, steps, frames } = columns;
  const rate = (name: string, count: number) => add(`stream.rate ${name}`, count / durationS, 'frame/s', 'higher');
  add('stream.rate requested', columns.requestedRate, 'frame/s', null);
  const captures = steps.filter(({ step }) => step === 'capture');
  if (captures.length > 0) rate('captured', countOk(captures));
  if (frames.frame.length > 0) rate('encoded', frames.frame.length);
  const received = steps.filter(({ role, step }) => isReceiver(role) && step === 'receive');
  const isOurs = received.length > 0 || !columns.dropsTold;
  const shown = steps.filter(({ role, step }) => isReceiver(role) && (isOurs || step === 'present'));
  // A log that has no word of a frame says that none was decoded; one with decodes alone calls what follows them by another name.
  const isNoneShown = steps.every(({ role }) => !isReceiver(role)) && isClientTold(columns);
  if ((shown.length === 0 && !isNoneShown) || journeys.count === 0) return;
  const presented = sum(journeys.presented);
  // Of a stream that had no frame nothing was received at any rate.
  if (frames.frame.length > 0) {
    if (isOurs) rate('received', countOk(received));
    rate('presented', presented);
    add('stream.frames presented', presented, 'frame', null);
  }

  const share = (name: string, count: number) => add(name, count / journeys.count, '1', 'lower');
  if (columns.dropsTold) share('stream.drops', journeys.count - presented);
  const ours = steps.filter(({ role }) => (isReceiver(role) ? isOurs : relay !== null));
  const told = new Set(columns.dropsTold ? ours.map(({ role, step }) => `${role} ${step}`) : []);
  const ends = new Map(journeys.ends);
  for (const [role, end] of USUAL_ENDS) {
    const count = ends.get(end) ?? (told.has(`${role} ${end.split(' ')[0]}`) ? 0 : NaN);
    share(`drops.${end}`, count);
    ends.delete(end);
  }
  for (const [end, count] of ends) share(`drops.${end}`, count);
  share('drops.untold', journeys.untold);
}

function countOk(steps: readonly JourneySteps[]): number {
  let count = 0;
  for (const { outcome } of steps) for (const code of outcome) if (code === 0) count++;
  return count;
}

function addLatency(
  add: Add,
  { clockErrorUs }: SessionColumns,
  { captureUs, presentUs }: Journeys,
  { sender }: Ends,
): void {
  const latencyUs = presentUs.map((us, place) => us - captureUs[place]!);
  if (latencyUs.every(Number.isNaN)) return;
  addTimes(add, 'latency', latencyUs, [0.5, 0.95, 0.99, 1]);
  const errorUs = (clockErrorUs.get(sender) ?? NaN) + (clockErrorUs.get('client') ?? NaN);
  add('latency.error', errorUs / 1000, 'ms', 'lower');
}

/**
 * How evenly frames came to the relay or the tap, each by its first byte. After the last one it is known only that the gap was no
 * shorter than what was left: it counts where that is a freeze and more than every other, for a stream that died has one.
 */
function addGaps(
  add: Add,
  { endUs }: SessionColumns,
  { stream, handedUs, relayedFromUs }: Journeys,
  { relay }: Ends,
): void {
  const atUs = relay === null ? handedUs : relayedFromUs;
  const places = [...atUs.keys()].filter((place) => !Number.isNaN(atUs[place]!));
  places.sort((a, b) => atUs[a]! - atUs[b]!);
  const gapsUs = places.slice(1).map((place, i) => {
    const before = places[i]!;
    return stream[before] === stream[place] ? atUs[place]! - atUs[before]! : NaN;
  });
  const last = places.at(-1);
  const leftUs = last === undefined ? NaN : endUs - atUs[last]!;
  const longestUs = gapsUs.reduce((most, us) => (us > most ? us : most), 0);
  if (leftUs > longestUs && isFreeze(leftUs, mean(sortedSample(gapsUs)))) gapsUs.push(leftUs);
  addTimes(add, 'frame.gap', gapsUs, [0.5, 0.95, 0.99, 1]);
}

/** How evenly pictures came. */
function addPresentation(add: Add, { endUs }: SessionColumns, { stream, captureUs, presentUs }: Journeys): void {
  const places = [...presentUs.keys()].filter((place) => !Number.isNaN(presentUs[place]!));
  places.sort((a, b) => presentUs[a]! - presentUs[b]!);
  if (places.length < 2) return;
  const { count, totalUs, longestUs } = findFreezes(
    places.map((place) => presentUs[place]!),
    endUs,
  );
  add('freezes', count, '1', 'lower');
  add('freeze.time', totalUs / 1e6, 's', 'lower');
  add('freeze.longest', longestUs / 1e6, 's', 'lower');

  // How much the spacing of two frames changed on the way: D of RFC 3550, 6.4.1, its mean instead of a running estimate.
  const changesUs = places.slice(1).map((place, i) => {
    const before = places[i]!;
    if (stream[before] !== stream[place]) return NaN;
    return Math.abs(presentUs[place]! - presentUs[before]! - (captureUs[place]! - captureUs[before]!));
  });
  addTimes(add, 'jitter', changesUs, [0.95]);
}

function addStepTimes(add: Add, { steps }: SessionColumns, journeys: Journeys, { sender, isReceiver }: Ends): void {
  const isSender = (role: string) => role === sender;
  const addOf = (
    name: string,
    isRole: (role: string) => boolean,
    column: 'busyUs' | 'durationUs',
    points: number[],
  ) => {
    const [step] = name.split('.');
    addTimes(add, name, timesOf(steps, step!, isRole, column), points);
  };
  addOf('capture.time', isSender, 'busyUs', [0.5, 0.95, 0.99]);
  addOf('scale.time', isSender, 'busyUs', [0.5, 0.95]);
  addOf('encode.time', isSender, 'busyUs', [0.5, 0.95, 0.99, 1]);
  addOf('encode.delay', isSender, 'durationUs', [0.5, 0.95, 0.99]);
  addOf('send.time', isSender, 'durationUs', [0.5, 0.95, 0.99]);
  addTimes(add, 'network.time', between(journeys.handedUs, journeys.receivedUs), [0.5, 0.95, 0.99]);
  addTimes(add, 'relay.time', between(journeys.relayedFromUs, journeys.relayedToUs), [0.5, 0.95, 0.99]);
  addOf('decode.time', isReceiver, 'busyUs', [0.5, 0.95, 0.99]);
  addOf('present.time', isReceiver, 'durationUs', [0.5, 0.95, 0.99]);
}

/** Of frames that went through; where the one time is not known the other stands for it. */
function timesOf(
  steps: readonly JourneySteps[],
  step: string,
  isRole: (role: string) => boolean,
  column: 'busyUs' | 'durationUs',
): Float64Array {
  const other = column === 'busyUs' ? 'durationUs' : 'busyUs';
  const times: number[] = [];
  for (const one of steps) {
    if (one.step !== step || !isRole(one.role)) continue;
    for (let row = 0; row < one.outcome.length; row++) {
      const us = one[column][row]!;
      if (one.outcome[row] === 0) times.push(Number.isNaN(us) ? one[other][row]! : us);
    }
  }
  return Float64Array.from(times);
}

function between(fromUs: Float64Array, toUs: Float64Array): Float64Array {
  return toUs.map((us, place) => us - fromUs[place]!);
}

/** Names of all metrics that a stream can have, in their order. */
export function sessionMetricNames(): string[] {
  const whole = ['guest capture', 'guest scale', 'guest encode', 'guest send', 'server receive', 'server send']
    .concat(['client receive', 'client decode', 'client present'])
    .map((place) => sampleSteps(place, 0, [0, 1, 2]));
  const ways = whole.map(({ role, step }) => `${role} ${step}`);
  const dropped = ways.flatMap((place, i) =>
    STEP_OUTCOMES.flatMap((outcome, code) =>
      outcome === 'ok' ? [] : [sampleSteps(place, code, [100 * (i + 1) + code])],
    ),
  );
  const number = Int32Array.of(0, 1, 2);
  const ones = new Uint8Array(3).fill(1);
  return Object.keys(
    sessionMetrics({
      streams: ['video'],
      durationS: 1,
      endUs: 3,
      requestedRate: 1,
      frames: {
        stream: new Uint16Array(3),
        frame: number,
        captureUs: Float64Array.from(number),
        type: Uint8Array.of(1, 2, 3),
        key: ones,
        bytes: number,
        quantizer: new Float32Array(3),
      },
      steps: [...whole, ...dropped],
      clockErrorUs: new Map([
        ['guest', 1],
        ['client', 1],
      ]),
      means: knownMeans(),
      rolesOnGuest: ['guest'],
      dropsTold: true,
    }),
  );
}

function sampleSteps(place: string, outcome: number, frames: number[]): JourneySteps {
  const [role, step] = place.split(' ') as [string, string];
  const times = Float64Array.from(frames);
  return {
    role,
    step,
    stream: new Uint16Array(frames.length),
    frame: Int32Array.from(frames),
    startUs: times,
    durationUs: times,
    busyUs: times,
    outcome: new Uint8Array(frames.length).fill(outcome),
  };
}
