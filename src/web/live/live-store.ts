// All that a live page knows: rows in typed arrays that charts read as they draw, and the state that the rest of the page shows.

import { signal } from '@preact/signals';
import type { FeedMessage, LiveState } from '#core/live';
import { withLiveChanges } from '#core/live-changes';
import { PART_ROLES, SESSION_PARTS } from '#core/session';
import { formatSettingValue, type SettingValue } from '#core/settings';
import type { StreamMessage } from '#server/live-wire';
import { CollectorClock } from './collector-clock.ts';
import { FrameTable } from './frame-table.ts';
import { SampleRing } from './sample-ring.ts';
import { sessionWay } from './session-way.ts';
import { StepLine } from './step-line.ts';

export type Picture = Extract<StreamMessage, { type: 'picture' }>;

/** Settings whose requested value is drawn over what is measured. */
const REQUESTED = ['framerate', 'bitrate'] as const;
export type Requested = (typeof REQUESTED)[number];

/** Behind a new row, what is drawn may change by it. */
const REACH_S = 0.6;
/** Between two samples of what is measured rarely. */
const LONGEST_LINE_S = 5;
/** Lines of the feed that are kept; the collector keeps no more either. */
const MOST_FEED = 500;

export class LiveStore {
  readonly state = signal<LiveState | null>(null);
  readonly feed = signal<readonly FeedMessage[]>([]);
  readonly picture = signal<Picture | null>(null);
  /** Of the rows that the page asked for only every so many come. */
  readonly thinned = signal(1);
  readonly frames: FrameTable;
  readonly series = new Map<string, SampleRing>();
  readonly requested: Readonly<Record<Requested, StepLine>> = { framerate: new StepLine(), bitrate: new StepLine() };
  readonly clock = new CollectorClock();
  /** The state in the server's own order. */
  #told: LiveState | null = null;
  /** Seconds of the newest row that came. */
  newestS = -Infinity;
  /** Times of rows from there on have changed since somebody asked last. */
  #touchedFrom = Infinity;
  readonly #mostRows: number | undefined;

  /** @param mostRows samples of a series and frames that are kept; a replay keeps all */
  constructor(mostRows?: number) {
    this.#mostRows = mostRows;
    this.frames = new FrameTable(mostRows);
  }

  /** The samples of `agent/indicator`; empty until some came. */
  ring(id: string): SampleRing {
    let ring = this.series.get(id);
    if (ring === undefined) this.series.set(id, (ring = new SampleRing(this.#mostRows)));
    return ring;
  }

  /** @param localS the page's own time, seconds */
  take(message: StreamMessage, localS: number): void {
    switch (message.type) {
      case 'state':
        return this.#takeState(message.state, localS);
      case 'changes':
        // The server sends all of it first.
        if (this.#told === null) return;
        return this.#takeState({ ...withLiveChanges(this.#told, message), feed: this.feed.peek() }, localS);
      case 'series':
        return this.#takeSeries(message);
      case 'frames':
        this.#touch(this.frames.takeFrames(message));
        return this.#heard(message.captureS);
      case 'steps':
        this.#touch(this.frames.takeSteps(message));
        return this.#heard(message.startS);
      case 'feed':
        this.feed.value = joined(message.cleared ? [] : this.feed.peek(), message.messages);
        return;
      case 'picture':
        this.picture.value = message;
        return;
      case 'thinned':
        this.thinned.value = message.every;
    }
  }

  /**
   * Since it was asked last.
   * @returns seconds: rows from there on are new or other ones; Infinity for none
   */
  takeTouched(): number {
    const touched = this.#touchedFrom;
    this.#touchedFrom = Infinity;
    return touched;
  }

  /** Forgets all rows; what comes from now on is drawn. */
  clear(): void {
    for (const ring of this.series.values()) ring.clear();
    this.frames.clear();
    for (const line of Object.values(this.requested)) line.clear();
    this.#touch(-Infinity);
  }

  #takeState(state: LiveState, localS: number): void {
    this.#told = state;
    const before = this.state.peek();
    if (before !== null && before.epoch !== state.epoch) {
      // A collector that was started anew counts its seconds from another moment: old rows have no place on its axis.
      this.clear();
      this.frames.forget();
      this.clock.forget();
      this.newestS = -Infinity;
    }
    this.clock.hear(state.nowS, localS);
    this.state.value = inOrder(state);
    const errorS = clockErrorS(state);
    if (errorS !== null) this.frames.clockErrorS = errorS;
    if (state.session !== null) this.frames.way = sessionWay(state);
    this.#touch(this.frames.settle(state.nowS));
    this.feed.value = joined([], state.feed);
    for (const name of REQUESTED) {
      const line = this.requested[name];
      if (line.length === 0)
        for (const change of state.session?.changes ?? [])
          if (change.name === name && change.how !== 'refused') line.set(change.timeS, numberOf(change.requested));
      const asked = state.session?.running === true ? numberOf(state.session.settings[name]) : NaN;
      line.set(state.nowS, asked);
    }
  }

  #takeSeries({ agent, indicator, timeS, value }: Extract<StreamMessage, { type: 'series' }>): void {
    const ring = this.ring(`${agent}/${indicator}`);
    // The line to a sample begins at the one before it, also of what is measured once in a second.
    const beforeS = ring.length === 0 ? Infinity : ring.times[ring.length - 1]!;
    if (timeS.length > 0 && timeS[0]! - beforeS < LONGEST_LINE_S) this.#touch(beforeS);
    for (let i = 0; i < timeS.length; i++) ring.push(timeS[i]!, value[i]!);
    for (const time of timeS) this.#touch(time);
    this.#heard(timeS);
  }

  /** What is computed from rows reaches back a little: a rate that had not settled, the line to the point before. */
  #touch(time: number): void {
    if (time - REACH_S < this.#touchedFrom) this.#touchedFrom = time - REACH_S;
  }

  #heard(timeS: Float64Array): void {
    for (const time of timeS) if (time > this.newestS) this.newestS = time;
  }
}

/**
 * Bound of the error of a time between two machines: those of the two clocks that are known worst.
 * @returns seconds; null where no clock is known
 */
export function clockErrorS({ agents }: LiveState): number | null {
  const errors = agents.flatMap(({ clock }) => (clock === null ? [] : [clock.errorUs])).toSorted((a, b) => b - a);
  return errors.length === 0 ? null : ((errors[0] ?? 0) + (errors[1] ?? 0)) / 1e6;
}

function joined(before: readonly FeedMessage[], more: readonly FeedMessage[]): readonly FeedMessage[] {
  const known = new Set(before.map(({ id }) => id));
  const all = [...before, ...more.filter(({ id }) => !known.has(id))];
  return all.slice(-MOST_FEED);
}

/** As the stream goes: from the guest over the server to the client; others after them, as they came. */
function inOrder(state: LiveState): LiveState {
  const agents = state.agents.toSorted((a, b) => place(ROLES, a.role) - place(ROLES, b.role));
  if (state.session === null) return { ...state, agents };
  const parts = state.session.parts.toSorted((a, b) => place(SESSION_PARTS, a.part) - place(SESSION_PARTS, b.part));
  return { ...state, agents, session: { ...state.session, parts } };
}

const ROLES = SESSION_PARTS.map((part) => PART_ROLES[part]);

function place(order: readonly string[], name: string): number {
  const at = order.indexOf(name);
  return at === -1 ? order.length : at;
}

/** `4M` is 4,000,000; NaN where it is no number. */
export function numberOf(value: SettingValue | undefined): number {
  if (typeof value === 'number') return value;
  const [, digits, factor] =
    /^\s*(\d+(?:\.\d+)?)\s*([kKMG]?)(?:bit\/s|bps)?\s*$/.exec(value === undefined ? '' : formatSettingValue(value)) ??
    [];
  if (digits === undefined) return NaN;
  return Number(digits) * ({ k: 1e3, K: 1e3, M: 1e6, G: 1e9 }[factor!] ?? 1);
}
