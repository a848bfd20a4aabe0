// Our side of the channel: cuts the stream into messages and parses them. A torn last message is simply not delivered.

import type { FrameBatch, QualityBatch, StepBatch } from '#core/recording';
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
  MAX_MESSAGE_BYTES,
  SCORE_COLUMNS,
  SCORE_ROW_BYTES,
  STEP_ROW_BYTES,
} from './format.ts';

export interface ChannelHandlers {
  readonly json: (message: Record<string, unknown>) => void;
  readonly frames?: ((batch: FrameBatch) => void) | undefined;
  readonly steps?: ((batch: StepBatch) => void) | undefined;
  readonly scores?: ((batch: QualityBatch) => void) | undefined;
}

export class ChannelReader {
  readonly #handlers: ChannelHandlers;
  readonly #stream: string;
  readonly #role: string;
  #pending: Buffer = Buffer.alloc(0);
  #greeted = false;
  /** What was wrong with the stream; after that nothing more is read. */
  fault: string | null = null;

  constructor(
    handlers: ChannelHandlers,
    names: { readonly stream: string; readonly role: string } = { stream: 'video', role: 'worker' },
  ) {
    this.#handlers = handlers;
    this.#stream = names.stream;
    this.#role = names.role;
  }

  push(chunk: Buffer): void {
    if (this.fault !== null) return;
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (this.fault === null && this.#pending.length - at >= LENGTH_BYTES) {
      const length = this.#pending.readUInt32LE(at);
      if (length < KIND_BYTES || length > MAX_MESSAGE_BYTES) {
        this.fault = `a message of ${length} bytes`;
        break;
      }
      if (this.#pending.length - at < LENGTH_BYTES + length) break;
      const message = this.#pending.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
      at += LENGTH_BYTES + length;
      this.#deliver(message[0]!, message.subarray(KIND_BYTES));
    }
    this.#pending = this.fault === null ? Buffer.from(this.#pending.subarray(at)) : Buffer.alloc(0);
  }

  #deliver(kind: number, body: Buffer): void {
    if (!this.#greeted) {
      const version = kind === KIND_JSON ? parseJson(body)?.['channel'] : undefined;
      if (version === CHANNEL_VERSION) this.#greeted = true;
      else this.fault = `version ${String(version)} of the channel where ${CHANNEL_VERSION} was expected`;
    } else if (kind === KIND_JSON) {
      const message = parseJson(body);
      if (message === null) this.fault = 'a message that is no JSON object';
      else this.#handlers.json(message);
    } else if (kind === KIND_FRAMES) {
      const rows = this.#rows(body, 12, FRAME_ROW_BYTES);
      if (rows !== null) this.#handlers.frames?.(parseFrames(body, rows, this.#stream));
    } else if (kind === KIND_STEPS) {
      const rows = this.#rows(body, 4, STEP_ROW_BYTES);
      if (rows !== null) this.#handlers.steps?.(parseSteps(body, rows, this.#stream, this.#role));
    } else if (kind === KIND_SCORES) {
      const rows = this.#rows(body, 8, SCORE_ROW_BYTES);
      const metric = rows === null ? undefined : SCORE_COLUMNS[body.readUInt32LE(4)];
      if (rows !== null && metric === undefined) this.fault = 'scores of an unknown metric';
      if (rows !== null && metric !== undefined) this.#handlers.scores?.(parseScores(body, rows, this.#stream, metric));
    } else this.fault = `a message of kind ${kind}`;
  }

  #rows(body: Buffer, header: number, rowBytes: number): number | null {
    const rows = body.length >= header ? body.readUInt32LE(0) : 0;
    if (rows > 0 && rows <= BATCH_ROWS && body.length === header + rows * rowBytes) return rows;
    this.fault = `a batch of ${rows} rows in ${body.length} bytes`;
    return null;
  }
}

function parseJson(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function parseFrames(body: Buffer, rows: number, stream: string): FrameBatch {
  const columns = new Columns(body, 12, rows);
  return {
    stream,
    timeBase: [body.readUInt32LE(4), body.readUInt32LE(8)],
    pts: columns.float64(),
    frame: columns.int32(),
    sourceFrame: columns.int32(),
    bytes: columns.int32(),
    quantizer: columns.float32(),
    type: columns.uint8(),
    key: columns.uint8(),
  };
}

function parseSteps(body: Buffer, rows: number, stream: string, role: string): StepBatch {
  const columns = new Columns(body, 4, rows);
  return {
    stream,
    role,
    startUs: columns.float64(),
    frame: columns.int32(),
    durationUs: columns.int32(),
    busyUs: columns.int32(),
    step: columns.uint8(),
    outcome: columns.uint8(),
  };
}

function parseScores(body: Buffer, rows: number, stream: string, metric: string): QualityBatch {
  const columns = new Columns(body, 8, rows);
  return {
    stream,
    metric,
    value: columns.float64(),
    frame: columns.int32(),
    sourceFrame: columns.int32(),
  };
}

/** Takes columns one after the other, each copied to memory of its own: the body is not aligned. */
class Columns {
  readonly #body: Buffer;
  readonly #rows: number;
  #at: number;

  constructor(body: Buffer, at: number, rows: number) {
    this.#body = body;
    this.#at = at;
    this.#rows = rows;
  }

  float64 = () => new Float64Array(this.#take(8));
  float32 = () => new Float32Array(this.#take(4));
  int32 = () => new Int32Array(this.#take(4));
  uint8 = () => new Uint8Array(this.#take(1));

  #take(bytesEach: number): ArrayBuffer {
    const bytes = this.#rows * bytesEach;
    const copy = new ArrayBuffer(bytes);
    new Uint8Array(copy).set(this.#body.subarray(this.#at, this.#at + bytes));
    this.#at += bytes;
    return copy;
  }
}
