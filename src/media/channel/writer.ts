// The child's side of the channel: synchronous writes, as the child's loop is synchronous.

import { writeSync } from 'node:fs';
import type { Fraction } from '#core/source';
import {
  BATCH_ROWS,
  CHANNEL_VERSION,
  FRAME_ROW_BYTES,
  KIND_BYTES,
  KIND_FRAMES,
  KIND_JSON,
  KIND_SCORES,
  KIND_STEPS,
  LENGTH_BYTES,
  STEP_ROW_BYTES,
} from './format.ts';
import type { FrameRows, ScoreRows, StepRows } from './rows.ts';

const CHANNEL_DESCRIPTOR = 3;
/** Exit status of a child whose parent is gone. */
const EXIT_PARENT_GONE = 3;
const HEADER_BYTES = LENGTH_BYTES + KIND_BYTES;

export class ChannelWriter {
  readonly #buffer = Buffer.alloc(HEADER_BYTES + 12 + BATCH_ROWS * Math.max(FRAME_ROW_BYTES, STEP_ROW_BYTES));
  readonly #scoredFrame = new Int32Array(BATCH_ROWS);
  readonly #scoredSource = new Int32Array(BATCH_ROWS);

  constructor() {
    this.json({ channel: CHANNEL_VERSION });
  }

  json(message: object): void {
    const body = Buffer.from(JSON.stringify(message));
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(KIND_BYTES + body.length, 0);
    header[LENGTH_BYTES] = KIND_JSON;
    writeAll(Buffer.concat([header, body]));
  }

  /** Sends the rows and empties them. */
  frames(rows: FrameRows, timeBase: Fraction): void {
    if (rows.count === 0) return;
    let at = this.#begin(KIND_FRAMES, rows.count);
    at = this.#buffer.writeUInt32LE(timeBase.num, at);
    at = this.#buffer.writeUInt32LE(timeBase.den, at);
    for (const column of [rows.pts, rows.frame, rows.sourceFrame, rows.bytes, rows.quantizer, rows.type, rows.key])
      at = this.#column(column, rows.count, at);
    this.#send(at);
    rows.count = 0;
  }

  /** Sends the rows and empties them. */
  steps(rows: StepRows): void {
    if (rows.count === 0) return;
    let at = this.#begin(KIND_STEPS, rows.count);
    for (const column of [rows.startUs, rows.frame, rows.durationUs, rows.busyUs, rows.step, rows.outcome])
      at = this.#column(column, rows.count, at);
    this.#send(at);
    rows.count = 0;
  }

  /** Sends a batch for each column and empties them; frames without a score are left out. */
  scores(rows: ScoreRows): void {
    rows.values.forEach((values, column) => {
      if (values === null) return;
      let known = 0;
      for (let row = 0; row < rows.count; row++) {
        if (Number.isNaN(values[row])) continue;
        values[known] = values[row]!;
        this.#scoredFrame[known] = rows.frame[row]!;
        this.#scoredSource[known] = rows.sourceFrame[row]!;
        known++;
      }
      if (known === 0) return;
      let at = this.#begin(KIND_SCORES, known);
      at = this.#buffer.writeUInt32LE(column, at);
      for (const each of [values, this.#scoredFrame, this.#scoredSource]) at = this.#column(each, known, at);
      this.#send(at);
    });
    rows.count = 0;
  }

  #begin(kind: number, rows: number): number {
    this.#buffer[LENGTH_BYTES] = kind;
    return this.#buffer.writeUInt32LE(rows, HEADER_BYTES);
  }

  #column(column: Float64Array | Float32Array | Int32Array | Uint8Array, rows: number, at: number): number {
    const bytes = rows * column.BYTES_PER_ELEMENT;
    this.#buffer.set(new Uint8Array(column.buffer, column.byteOffset, bytes), at);
    return at + bytes;
  }

  #send(end: number): void {
    this.#buffer.writeUInt32LE(end - LENGTH_BYTES, 0);
    writeAll(this.#buffer.subarray(0, end));
  }
}

/** What writing to a parent that is gone ends with: reset, where it had not read all that lay in the socket. */
const PARENT_GONE: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET'];

/** A parent that is gone has no use for us: the child ends instead of working on. */
function writeAll(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(CHANNEL_DESCRIPTOR, bytes, at);
  } catch (error) {
    if (PARENT_GONE.includes((error as NodeJS.ErrnoException).code)) process.exit(EXIT_PARENT_GONE);
    throw error;
  }
}
