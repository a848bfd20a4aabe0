// Rows that wait to be sent to pages: columns that grow, times in seconds on the collector's clock. Cleared, they keep their room.

import type { FrameBatch, StepBatch } from '#core/recording';
import type { AgentClock } from '#live/collector-types';
import type { StreamMessage } from './live-wire.ts';

const FIRST_ROWS = 16;

type Column = Float64Array | Float32Array | Int32Array | Uint8Array;

/** Seconds on the collector's clock; NaN while the agent's clock is not known. */
export function collectorSeconds(agentUs: number, clock: AgentClock | null, epochUs: number): number {
  return clock === null ? NaN : (agentUs - clock.offsetUs - epochUs) / 1e6;
}

/** Rows of one indicator of one agent. */
export class SeriesRows {
  readonly agent: string;
  readonly indicator: string;
  count = 0;
  /** Rows that were here before the ones that wait. */
  #before = 0;
  #timeS = new Float64Array(FIRST_ROWS);
  #value = new Float64Array(FIRST_ROWS);

  constructor(agent: string, indicator: string) {
    this.agent = agent;
    this.indicator = indicator;
  }

  add(timeS: number, value: number): void {
    if (this.count === this.#timeS.length) {
      this.#timeS = grown(this.#timeS);
      this.#value = grown(this.#value);
    }
    this.#timeS[this.count] = timeS;
    this.#value[this.count++] = value;
  }

  /** Every Nth row of all that ever came, of those that wait now; null where that is none. */
  message(every: number): StreamMessage | null {
    const rows = rowsKept(this.count, every, (row) => this.#before + row);
    if (rows.length === 0) return null;
    const { agent, indicator } = this;
    return { type: 'series', agent, indicator, timeS: taken(this.#timeS, rows), value: taken(this.#value, rows) };
  }

  /** Leaves every second row. */
  halve(): void {
    const rows = rowsKept(this.count, 2, (row) => row);
    this.#timeS.set(taken(this.#timeS, rows));
    this.#value.set(taken(this.#value, rows));
    this.count = rows.length;
  }

  clear(): void {
    this.#before += this.count;
    this.count = 0;
  }
}

/** Rows of `frames` of one stream. */
export class FrameRows {
  readonly stream: string;
  count = 0;
  #frame = new Int32Array(FIRST_ROWS);
  #captureS = new Float64Array(FIRST_ROWS);
  #frameType = new Uint8Array(FIRST_ROWS);
  #key = new Uint8Array(FIRST_ROWS);
  #bytes = new Int32Array(FIRST_ROWS);
  #quantizer = new Float32Array(FIRST_ROWS);

  constructor(stream: string) {
    this.stream = stream;
  }

  add(batch: FrameBatch, clock: AgentClock | null, epochUs: number): void {
    const rows = batch.frame.length;
    while (this.count + rows > this.#frame.length) {
      this.#frame = grown(this.#frame);
      this.#captureS = grown(this.#captureS);
      this.#frameType = grown(this.#frameType);
      this.#key = grown(this.#key);
      this.#bytes = grown(this.#bytes);
      this.#quantizer = grown(this.#quantizer);
    }
    const tickUs = (batch.timeBase[0] * 1e6) / batch.timeBase[1];
    for (let row = 0; row < rows; row++)
      this.#captureS[this.count + row] = collectorSeconds(batch.pts[row]! * tickUs, clock, epochUs);
    this.#frame.set(batch.frame, this.count);
    this.#frameType.set(batch.type, this.count);
    this.#key.set(batch.key, this.count);
    this.#bytes.set(batch.bytes, this.count);
    this.#quantizer.set(batch.quantizer, this.count);
    this.count += rows;
  }

  /** The rows of every Nth frame: the same frames as those of the steps. */
  message(every: number): StreamMessage | null {
    const rows = rowsKept(this.count, every, (row) => this.#frame[row]!);
    if (rows.length === 0) return null;
    return {
      type: 'frames',
      stream: this.stream,
      frame: taken(this.#frame, rows),
      captureS: taken(this.#captureS, rows),
      frameType: taken(this.#frameType, rows),
      key: taken(this.#key, rows),
      bytes: taken(this.#bytes, rows),
      quantizer: taken(this.#quantizer, rows),
    };
  }

  clear(): void {
    this.count = 0;
  }
}

/** Rows of `steps` of one stream in one role. */
export class StepRows {
  readonly stream: string;
  readonly role: string;
  count = 0;
  #frame = new Int32Array(FIRST_ROWS);
  #step = new Uint8Array(FIRST_ROWS);
  #startS = new Float64Array(FIRST_ROWS);
  #durationMs = new Float32Array(FIRST_ROWS);
  #outcome = new Uint8Array(FIRST_ROWS);

  constructor(stream: string, role: string) {
    this.stream = stream;
    this.role = role;
  }

  add(batch: StepBatch, clock: AgentClock | null, epochUs: number): void {
    const rows = batch.frame.length;
    while (this.count + rows > this.#frame.length) {
      this.#frame = grown(this.#frame);
      this.#step = grown(this.#step);
      this.#startS = grown(this.#startS);
      this.#durationMs = grown(this.#durationMs);
      this.#outcome = grown(this.#outcome);
    }
    for (let row = 0; row < rows; row++) {
      const durationUs = batch.durationUs[row]!;
      this.#startS[this.count + row] = collectorSeconds(batch.startUs[row]!, clock, epochUs);
      this.#durationMs[this.count + row] = durationUs < 0 ? NaN : durationUs / 1000;
    }
    this.#frame.set(batch.frame, this.count);
    this.#step.set(batch.step, this.count);
    this.#outcome.set(batch.outcome, this.count);
    this.count += rows;
  }

  message(every: number): StreamMessage | null {
    const rows = rowsKept(this.count, every, (row) => this.#frame[row]!);
    if (rows.length === 0) return null;
    return {
      type: 'steps',
      stream: this.stream,
      role: this.role,
      frame: taken(this.#frame, rows),
      step: taken(this.#step, rows),
      startS: taken(this.#startS, rows),
      durationMs: taken(this.#durationMs, rows),
      outcome: taken(this.#outcome, rows),
    };
  }

  clear(): void {
    this.count = 0;
  }
}

export type WaitingRows = SeriesRows | FrameRows | StepRows;

/** Rows whose number is a multiple of `every`; `all` of so many where that is 1. */
type Kept = { readonly length: number; readonly rows: Int32Array | null };

function rowsKept(count: number, every: number, numberOf: (row: number) => number): Kept {
  if (every === 1) return { length: count, rows: null };
  const rows = new Int32Array(count);
  let length = 0;
  for (let row = 0; row < count; row++) if (numberOf(row) % every === 0) rows[length++] = row;
  return { length, rows: rows.subarray(0, length) };
}

function taken<Kind extends Column>(column: Kind, { length, rows }: Kept): Kind {
  if (rows === null) return column.slice(0, length) as Kind;
  const some = new (column.constructor as new (length: number) => Kind)(length);
  for (let row = 0; row < length; row++) some[row] = column[rows[row]!]!;
  return some;
}

function grown<Kind extends Column>(column: Kind): Kind {
  const wider = new (column.constructor as new (length: number) => Kind)(column.length * 2);
  wider.set(column);
  return wider;
}
