// Everything that a live chart can draw, by a short id: `guest/cpu.busy` is an indicator of an agent, `frames.size.I` a
// column of the frames, `rate.captured` a rate over a window, `requested.framerate` what was asked for.

import type { LiveState } from '#core/live';
import type { Shape } from '#explore/scene/shapes';
import { RateTrack } from './event-ring.ts';
import { FRAME_EVENTS, STACKED, type FrameColumn, type FrameEvent } from './frame-table.ts';
import type { LiveStore, Requested } from './live-store.ts';
import { MeanTrack } from './mean-track.ts';
import { sessionWay } from './session-way.ts';
import { EMPTY_TRACK, type Track } from '../chart/track.ts';

export interface SeriesKind {
  readonly label: string;
  readonly unit: string;
  readonly draw: 'line' | 'stack' | Shape;
  /** Of the frame types the colour that they have everywhere. */
  readonly color?: string;
  readonly isRequested?: boolean;
}

const STEP_WORDS: Readonly<Partial<Record<FrameColumn, string>>> = {
  receive: 'receive',
  waiting: 'waiting',
  endToEnd: 'end to end',
};

/** Series that every session has, in the order of a list to choose from. */
export const BUILT_IN: ReadonlyMap<string, SeriesKind> = new Map<string, SeriesKind>([
  ['frames.size.I', { label: 'I', unit: 'byte', draw: 'square', color: '--frame-i' }],
  ['frames.size.P', { label: 'P', unit: 'byte', draw: 'circle', color: '--frame-p' }],
  ['frames.size.B', { label: 'B', unit: 'byte', draw: 'triangle', color: '--frame-b' }],
  ['frames.size.other', { label: 'type not known', unit: 'byte', draw: 'diamond' }],
  ['frames.quantizer', { label: 'quantizer', unit: '1', draw: 'line' }],
  ...FRAME_EVENTS.slice(0, 4).map((event): [string, SeriesKind] => [
    `delta.${event}`,
    { label: event, unit: 'ms', draw: 'line' },
  ]),
  ...FRAME_EVENTS.map((event): [string, SeriesKind] => [
    `rate.${event}`,
    { label: event, unit: 'frame/s', draw: 'line' },
  ]),
  ['rate.bits', { label: 'encoded', unit: 'bit/s', draw: 'line' }],
  ...[...STACKED, 'endToEnd' as const].map((step): [string, SeriesKind] => [
    `step.${step}`,
    { label: STEP_WORDS[step] ?? step, unit: 'ms', draw: 'line' },
  ]),
  ...STACKED.map((step): [string, SeriesKind] => [
    `stack.${step}`,
    {
      label: STEP_WORDS[step] ?? step,
      unit: 'ms',
      draw: 'stack',
      ...(step === 'waiting' ? { color: '--boundary' } : {}),
    },
  ]),
  ['requested.framerate', { label: 'asked for', unit: 'frame/s', draw: 'line', isRequested: true }],
  ['requested.bitrate', { label: 'asked for', unit: 'bit/s', draw: 'line', isRequested: true }],
]);

/** What is called otherwise in a SPICE session. */
const SPICE_LABELS: ReadonlyMap<string, string> = new Map([
  ['step.relay', 'tap'],
  ['stack.relay', 'tap'],
  ['step.present', 'wait for its time'],
  ['stack.present', 'wait for its time'],
]);

/** What a series is; null where nobody measures it now. */
export function seriesKind(id: string, state: LiveState | null): SeriesKind | null {
  const builtIn = BUILT_IN.get(id);
  if (builtIn !== undefined) {
    const word = SPICE_LABELS.get(id);
    return word === undefined || sessionWay(state) === 'loopback' ? builtIn : { ...builtIn, label: word };
  }
  const { agent, indicator } = indicatorOf(id);
  const known = state?.agents.find(({ name }) => name === agent)?.indicators.find(({ name }) => name === indicator);
  return known === undefined ? null : { label: `${agent} ${indicator}`, unit: known.unit, draw: 'line' };
}

/** An agent's name has no slash. */
export function indicatorOf(id: string): { agent: string; indicator: string } {
  const cut = id.indexOf('/');
  return { agent: id.slice(0, cut), indicator: id.slice(cut + 1) };
}

export const isIndicator = (id: string) => id.includes('/');

/** A series as a chart draws it. */
export interface DrawnSource {
  readonly track: Track;
  /** Computes what is in view, before it is drawn. */
  prepare(from: number, to: number, nowS: number, windowS: number): void;
}

const asItIs = () => {};

/**
 * Where the values of a series come from.
 * @param meanOverS seconds over which an indicator is averaged; null as it was measured
 */
export function sourceOf(id: string, store: LiveStore, meanOverS: number | null = null): DrawnSource {
  if (isIndicator(id)) {
    if (meanOverS === null) return { track: store.ring(id), prepare: asItIs };
    const mean = new MeanTrack();
    return { track: mean, prepare: (from, to) => mean.compute(store.ring(id), from, to, meanOverS) };
  }
  const [kind, name, type] = id.split('.');
  switch (kind) {
    case 'frames':
      return { track: store.frames.track(frameColumn(name!, type)), prepare: asItIs };
    case 'step':
      return { track: store.frames.track(name as FrameColumn), prepare: asItIs };
    case 'stack':
      return { track: store.frames.stacked(name as (typeof STACKED)[number]), prepare: asItIs };
    case 'delta':
      return { track: store.frames.events[name as FrameEvent], prepare: asItIs };
    case 'rate':
      return rateSource(name!, store);
    case 'requested': {
      const line = store.requested[name as Requested];
      return { track: line, prepare: (_from, _to, nowS) => line.span(beginning(store), nowS) };
    }
    default:
      return { track: EMPTY_TRACK, prepare: asItIs };
  }
}

function frameColumn(name: string, type: string | undefined): FrameColumn {
  if (name === 'quantizer') return 'quantizer';
  return type === 'I' || type === 'P' || type === 'B' ? `size${type}` : 'sizeOther';
}

/** Rows of the last batch may be on their way still: without them a rate would fall at its end for nothing. */
const SETTLED_S = 0.35;

function rateSource(name: string, store: LiveStore): DrawnSource {
  const rate = new RateTrack();
  if (name !== 'bits')
    return {
      track: rate,
      prepare: (from, to, nowS, windowS) =>
        rate.compute(
          store.frames.events[name as FrameEvent],
          from,
          Math.min(to, nowS - SETTLED_S),
          windowS,
          // That no frame was lost is known as soon as there are frames.
          beginning(store),
        ),
    };
  const sizes = store.frames.track('size');
  const bits = new BitsTrack(rate);
  return {
    track: bits,
    prepare: (from, to, nowS, windowS) => {
      rate.compute(sizes, from, Math.min(to, nowS - SETTLED_S), windowS, beginning(store), sizes.values);
      bits.inBits();
    },
  };
}

/** Of the first frame that is known; Infinity without any. Those of a stock SPICE server nobody captured. */
function beginning({ frames }: LiveStore): number {
  const { captured, encoded } = frames.events;
  const first = captured.length > 0 ? captured : encoded;
  return first.length === 0 ? Infinity : first.times[0]!;
}

/** Bytes a second as bits a second. */
class BitsTrack implements Track {
  readonly #bytes: RateTrack;

  constructor(bytes: RateTrack) {
    this.#bytes = bytes;
  }

  get times(): Float64Array {
    return this.#bytes.times;
  }
  get values(): Float64Array {
    return this.#bytes.values;
  }
  get length(): number {
    return this.#bytes.length;
  }

  inBits(): void {
    for (let i = 0; i < this.#bytes.length; i++) this.#bytes.values[i]! *= 8;
  }
}
