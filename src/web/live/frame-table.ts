// The last frames of the session, a row each: what they weigh, and what each step of their journey took. Rows lie in one
// piece in typed arrays; what is told late or twice finds its row.

import { FRAME_TYPES, STEPS, STEP_OUTCOMES } from '#core/recording';
import type { StreamMessage } from '#server/live-wire';
import { EventRing } from './event-ring.ts';
import { beginOf, FRAME_WAYS, partWay, WAY_PIECES, WAY_STEPS, type WayStep } from './frame-way.ts';
import { LossTimes } from './loss-times.ts';
import type { SessionWay } from './session-way.ts';
import { ColumnTrack, grown, type Column } from './table-column.ts';
import type { Track } from '../chart/track.ts';

type FramesMessage = Extract<StreamMessage, { type: 'frames' }>;
type StepsMessage = Extract<StreamMessage, { type: 'steps' }>;

/** What charts draw of each frame: bytes by type, milliseconds by step. */
export const FRAME_COLUMNS = [
  'sizeI',
  'sizeP',
  'sizeB',
  'sizeOther',
  'size',
  'quantizer',
  ...WAY_PIECES,
  'endToEnd',
] as const;
export type FrameColumn = (typeof FRAME_COLUMNS)[number];

/** The order in which the times of a frame are stacked; the top of the stack is its end-to-end latency, where all of its way is told. */
export const STACKED = WAY_PIECES satisfies readonly FrameColumn[];

export const FRAME_EVENTS = ['captured', 'encoded', 'received', 'presented', 'dropped'] as const;
export type FrameEvent = (typeof FRAME_EVENTS)[number];

/** Five minutes of 100 frames a second, twice. */
const USUAL_MOST_ROWS = 65_536;
const FIRST_ROWS = 2_048;
/** A gap of numbers that is longer is no gap: the sender has begun to count anew. */
const MAX_GAP = 10_000;
/** What is known of a clock may change by less while a frame is told of. */
const SAME_CAPTURE_S = 1;
/** Frames that were lost at one time stand so far apart. */
const LEAST_APART_S = 1e-6;
const SAME_BURST_S = 1e-3;
const OK = STEP_OUTCOMES.indexOf('ok');
/** So long after it was captured and presented a frame's rows are waited for. */
const COMPLETE_WITHIN_S = 1;
/** Frames that wait for rows; more of them are shown as they are. */
const MOST_INCOMPLETE = 1_024;
/** A frame that took longer was put together from rows of two frames. */
const MOST_LATENCY_S = 60;
/** How wrong two clocks may be together where nobody has told. */
const USUAL_CLOCK_ERROR_S = 1;

/** Where the frames of a stream have their rows. */
interface StreamRows {
  /** Sequence number of its frame 0. */
  base: number;
  /** Tells its rows from those of others. */
  owner: number;
}

export class FrameTable {
  /** Rows in use. */
  length = 0;
  /** Seconds at which each frame was captured (of a stock SPICE server: came to the tap); where that is not known, that of the frame before. */
  times = new Float64Array(FIRST_ROWS);
  readonly events: Readonly<Record<FrameEvent, EventRing>>;
  /** Frames that ended on their way, by `role step: outcome`. */
  readonly lost: LossTimes;
  /** How wrong the time between two machines may be, seconds: a latency below zero by more is none. */
  clockErrorS = USUAL_CLOCK_ERROR_S;
  /** What is told of the frames that come. */
  way: SessionWay = 'loopback';

  readonly #most: number;
  readonly #columns = new Map<FrameColumn, Float64Array<ArrayBuffer>>();
  readonly #stack = new Map<FrameColumn, Float64Array<ArrayBuffer>>();
  readonly #starts = new Map<WayStep, Float64Array<ArrayBuffer>>();
  readonly #ends = new Map<WayStep, Float64Array<ArrayBuffer>>();
  /** Steps that anybody has told of. */
  readonly #told = new Set<WayStep>();
  /** By slot: code of the outcome and one, 0 where nothing was told. */
  readonly #outcomes = new Map<WayStep, Uint8Array<ArrayBuffer>>();
  #frames = new Int32Array(FIRST_ROWS);
  #captures = new Float64Array(FIRST_ROWS);
  /** By row: whose frame it is. */
  #owners = new Int32Array(FIRST_ROWS);
  /** Sequence number of row 0. A stream's frames are numbered on from the last of the stream before. */
  #first = 0;
  readonly #streams = new Map<string, StreamRows>();
  #newestOwner = 0;
  /** Sequence numbers of frames that were presented and whose rows are not all here. */
  readonly #incomplete = new Set<number>();
  readonly #ms = new Float64Array(WAY_PIECES.length);
  readonly #startOf: (slot: WayStep) => number;
  readonly #endOf: (slot: WayStep) => number;
  #derived = 0;
  #lastLostS = -Infinity;

  constructor(most = USUAL_MOST_ROWS) {
    this.#most = Math.max(4, most);
    this.events = Object.fromEntries(FRAME_EVENTS.map((name) => [name, new EventRing(most)])) as Record<
      FrameEvent,
      EventRing
    >;
    for (const column of FRAME_COLUMNS) this.#columns.set(column, new Float64Array(FIRST_ROWS).fill(NaN));
    for (const column of STACKED) this.#stack.set(column, new Float64Array(FIRST_ROWS).fill(NaN));
    this.lost = new LossTimes(most);
    this.#startOf = (slot) => this.#starts.get(slot)![this.#derived]!;
    this.#endOf = (slot) => this.#ends.get(slot)![this.#derived]!;
    for (const slot of WAY_STEPS) {
      this.#starts.set(slot, new Float64Array(FIRST_ROWS).fill(NaN));
      this.#ends.set(slot, new Float64Array(FIRST_ROWS).fill(NaN));
      this.#outcomes.set(slot, new Uint8Array(FIRST_ROWS));
    }
    this.#captures.fill(NaN);
  }

  /** A column as charts draw it. */
  track(column: FrameColumn): Track {
    return new ColumnTrack(this, () => this.#columns.get(column)!);
  }

  /** The same, on top of the steps before it in STACKED. */
  stacked(column: (typeof STACKED)[number]): Track {
    return new ColumnTrack(this, () => this.#stack.get(column)!);
  }

  /** Number in its stream of the frame of a row. */
  frameOf(row: number): number {
    return this.#frames[row]!;
  }

  /** @returns seconds: frames from there on have changed */
  takeFrames(message: FramesMessage): number {
    let least = Infinity;
    const { captureS, frameType, bytes, quantizer } = message;
    for (let i = 0; i < message.frame.length; i++) {
      const row = this.#capturedRow(message.stream, message.frame[i]!, captureS[i]!);
      if (row < 0) continue;
      this.#setCapture(row, captureS[i]!);
      // Of a stock server's frames nothing else is told by all.
      if (this.way === 'stock' && Number.isNaN(this.#columns.get('size')![row]!))
        this.events.encoded.push(captureS[i]!);
      this.#columns.get(sizeColumn(frameType[i]!))![row] = bytes[i]!;
      this.#columns.get('size')![row] = bytes[i]!;
      this.#columns.get('quantizer')![row] = quantizer[i]!;
      // Without a known clock until now, its latency may be told from here on.
      this.#derive(row);
      least = Math.min(least, this.times[row]!);
    }
    return Math.min(least, this.settle());
  }

  /** @returns seconds: frames from there on have changed */
  takeSteps(message: StepsMessage): number {
    let least = Infinity;
    const { role, step, startS, durationMs, outcome } = message;
    for (let i = 0; i < message.frame.length; i++) {
      const name = STEPS[step[i]!];
      const slot = `${role} ${name}` as WayStep;
      const outcomes = this.#outcomes.get(slot);
      if (outcomes === undefined) continue;
      const row =
        slot === 'guest capture'
          ? this.#capturedRow(message.stream, message.frame[i]!, startS[i]!)
          : this.#row(message.stream, message.frame[i]!);
      if (row < 0) continue;
      const isNew = outcomes[row] === 0;
      outcomes[row] = outcome[i]! + 1;
      const start = startS[i]!;
      const end = start + durationMs[i]! / 1e3;
      if (slot === 'guest capture') this.#setCapture(row, start);
      least = Math.min(least, this.times[row]!);
      if (outcome[i] !== OK) {
        if (isNew)
          this.#countLost(
            `${role} ${name}: ${STEP_OUTCOMES[outcome[i]!] ?? 'dropped'}`,
            Number.isNaN(start) ? this.times[row]! : start,
          );
        continue;
      }
      this.#told.add(slot);
      this.#starts.get(slot)![row] = start;
      this.#ends.get(slot)![row] = end;
      if (isNew) this.#countEvent(slot, start, Number.isNaN(end) ? start : end);
      this.#derive(row);
    }
    return Math.min(least, this.settle());
  }

  /**
   * Shows frames whose last rows were waited for long enough as they are known.
   * @param nowS seconds: the time that is now; where it is left out that of the newest frame
   * @returns seconds: frames from there on have changed
   */
  settle(nowS = this.length === 0 ? -Infinity : this.times[this.length - 1]!): number {
    let least = Infinity;
    for (const sequence of this.#incomplete) {
      const row = sequence - this.#first;
      const latencyS = row < 0 ? 0 : orNothing(this.#columns.get('endToEnd')![row]!) / 1e3;
      const isDue = row < 0 || nowS > this.times[row]! + latencyS + COMPLETE_WITHIN_S;
      if (!isDue && this.#incomplete.size <= MOST_INCOMPLETE) continue;
      this.#incomplete.delete(sequence);
      if (row < 0) continue;
      this.#pile(row);
      least = Math.min(least, this.times[row]!);
    }
    return least;
  }

  clear(): void {
    this.#first += this.length;
    this.length = 0;
    for (const ring of Object.values(this.events)) ring.clear();
    this.lost.clear();
    this.#incomplete.clear();
  }

  /** Forgets the streams as well: those of another collector may have the same names. */
  forget(): void {
    this.clear();
    this.#streams.clear();
    this.#told.clear();
  }

  #countLost(where: string, at: number): void {
    this.lost.add(where, at);
    // A burst is told with one time: each of its frames counts.
    const after = at - this.#lastLostS;
    this.#lastLostS = after <= 0 && after > -SAME_BURST_S ? this.#lastLostS + LEAST_APART_S : at;
    this.events.dropped.push(this.#lastLostS);
  }

  #countEvent(slot: WayStep, start: number, end: number): void {
    if (slot === 'guest capture') this.events.captured.push(start);
    else if (slot === 'guest encode') this.events.encoded.push(end);
    else if (slot === 'client receive') this.events.received.push(end);
    else if (slot === 'client present') this.events.presented.push(end);
  }

  #setCapture(row: number, at: number): void {
    if (Number.isNaN(at)) return;
    this.#captures[row] = at;
    // Times ascend: rows behind this one whose own time is not known stand at its place.
    this.times[row] = row > 0 ? Math.max(at, this.times[row - 1]!) : at;
    for (let next = row + 1; next < this.length && !(this.times[next]! >= this.times[row]!); next++)
      this.times[next] = this.times[row]!;
  }

  /** What can be told of a frame's times by now. */
  #derive(row: number): void {
    this.#derived = row;
    const took = (slot: WayStep) => (this.#endOf(slot) - this.#startOf(slot)) * 1e3;
    const set = (column: FrameColumn, value: number) => (this.#columns.get(column)![row] = value);
    const way = FRAME_WAYS[this.way];
    const sender = way.isCaptured ? 'guest' : 'server';
    const began = beginOf(way, this.#captures[row]!, this.#startOf);
    const ended = partWay(way, began, this.#startOf, this.#endOf, this.#ms);
    for (const name of ['capture', 'scale'] as const) set(name, took(`guest ${name}`));
    for (const name of ['encode', 'send'] as const) set(name, took(`${sender} ${name}`));
    for (const name of ['receive', 'decode', 'present'] as const) set(name, took(`client ${name}`));
    set('relay', (this.#endOf('server send') - this.#startOf('server receive')) * 1e3);
    const tookS = ended - began;
    const isOne = tookS >= -this.clockErrorS && tookS <= MOST_LATENCY_S;
    const isWhole = isOne && way.isCaptured && !Number.isNaN(this.#startOf('client present'));
    set('endToEnd', isWhole ? tookS * 1e3 : NaN);
    const sequence = this.#first + row;
    if (!isOne) {
      this.#incomplete.delete(sequence);
      this.#hide(row);
    } else if (way.expected.some((slot) => this.#isMissing(slot, way.isStrict))) {
      // Without the relay's row all of its time would seem to be the network's.
      this.#incomplete.add(sequence);
      this.#hide(row);
    } else {
      this.#incomplete.delete(sequence);
      this.#pile(row);
    }
  }

  #isMissing(slot: WayStep, isStrict: boolean): boolean {
    return (isStrict || this.#told.has(slot)) && Number.isNaN(this.#startOf(slot));
  }

  /** A frame on its way would stand as a notch in the stack: it comes when all of it is known. */
  #hide(row: number): void {
    for (const column of STACKED) this.#stack.get(column)![row] = NaN;
    for (const column of ['network', 'waiting'] as const) this.#columns.get(column)![row] = NaN;
  }

  #pile(row: number): void {
    this.#derived = row;
    const way = FRAME_WAYS[this.way];
    partWay(way, beginOf(way, this.#captures[row]!, this.#startOf), this.#startOf, this.#endOf, this.#ms);
    for (const column of ['network', 'waiting'] as const)
      this.#columns.get(column)![row] = this.#ms[STACKED.indexOf(column)]!;
    let sum = 0;
    for (const [position, column] of STACKED.entries()) {
      sum += orNothing(this.#ms[position]!);
      this.#stack.get(column)![row] = sum;
    }
  }

  /** Row of a frame whose capture is told: at another time than before it is another frame, of a sender that begins anew. */
  #capturedRow(stream: string, frame: number, captureS: number): number {
    const row = this.#row(stream, frame);
    const isOther =
      row < 0 ? captureS > this.times[this.length - 1]! : Math.abs(this.#captures[row]! - captureS) > SAME_CAPTURE_S;
    if (!isOther) return row;
    this.#place(stream, frame);
    return this.#row(stream, frame);
  }

  /** The next row is that of this frame, and rows of its stream so far are those of another. */
  #place(stream: string, frame: number): StreamRows {
    const rows = { base: this.#first + this.length - frame, owner: ++this.#newestOwner };
    this.#streams.set(stream, rows);
    return rows;
  }

  /** Row of a frame; -1 where it is older than all that is kept, or told of after another stream has begun. */
  #row(stream: string, frame: number): number {
    let rows = this.#streams.get(stream) ?? this.#place(stream, frame);
    let row = rows.base + frame - this.#first;
    if (row >= this.length && rows.owner !== this.#newestOwner) return -1;
    if (row >= this.length + MAX_GAP) {
      rows = this.#place(stream, frame);
      row = this.length;
    }
    if (row < 0) return -1;
    while (row >= this.length) {
      if (this.length === this.times.length && this.#makeRoom()) row = rows.base + frame - this.#first;
      this.#begin(this.length, frame - (row - this.length), rows.owner);
      this.length++;
    }
    return this.#owners[row] === rows.owner ? row : -1;
  }

  #begin(row: number, frame: number, owner: number): void {
    this.#frames[row] = frame;
    this.#owners[row] = owner;
    this.#captures[row] = NaN;
    this.times[row] = row > 0 ? this.times[row - 1]! : 0;
    for (const column of this.#columns.values()) column[row] = NaN;
    for (const column of this.#stack.values()) column[row] = NaN;
    for (const column of this.#starts.values()) column[row] = NaN;
    for (const column of this.#ends.values()) column[row] = NaN;
    for (const column of this.#outcomes.values()) column[row] = 0;
  }

  /** @returns whether the oldest rows were dropped for it */
  #makeRoom(): boolean {
    const capacity = this.times.length;
    if (capacity < this.#most) {
      this.#each((array) => grown(array, Math.min(this.#most, capacity * 2)));
      return false;
    }
    const dropped = capacity >> 1;
    this.#each((array) => {
      array.copyWithin(0, dropped);
      return array;
    });
    this.length -= dropped;
    this.#first += dropped;
    return true;
  }

  #each(change: <T extends Column>(array: T) => T): void {
    this.times = change(this.times);
    this.#frames = change(this.#frames);
    this.#owners = change(this.#owners);
    this.#captures = change(this.#captures);
    for (const columns of [this.#columns, this.#stack, this.#starts, this.#ends] as Map<string, Float64Array>[])
      for (const [name, array] of columns) columns.set(name, change(array as Float64Array<ArrayBuffer>));
    for (const [slot, array] of this.#outcomes) this.#outcomes.set(slot, change(array));
  }
}

function sizeColumn(type: number): FrameColumn {
  const name = FRAME_TYPES[type];
  return name === 'I' || name === 'P' || name === 'B' ? `size${name}` : 'sizeOther';
}

function orNothing(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
