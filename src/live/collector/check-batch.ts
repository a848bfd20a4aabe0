// The one message that comes all the time: checked by hand, without an object for each row.

import { FRAME_TYPES, STEP_OUTCOMES, STEPS } from '#core/recording';
import type { Batch } from '../agent-wire.ts';
import { isWireName } from '../wire-name.ts';
import { RefusedMessage } from './refused-message.ts';

/** Of one batch, whatever the table; an agent that was away for long sends more batches, not longer ones. */
export const MAX_BATCH_ROWS = 100_000;
const MAX_PIECES = 1_000;
const MAX_MESSAGES = 1_000;
/** Longer texts of an agent are no sentence. */
const MAX_TEXT = 10_000;

type Fields = Readonly<Record<string, unknown>>;

/** @throws RefusedMessage where anything in it is not as it should be */
export function checkBatch(message: unknown, indicatorCount: number): Batch {
  const batch = message as Fields;
  const { number, lostRows } = batch;
  demand(Number.isSafeInteger(number) && (number as number) >= 1);
  demand(Number.isSafeInteger(lostRows) && (lostRows as number) >= 0);
  let rows = 0;
  for (const piece of list(batch['series'], MAX_PIECES)) rows += seriesRows(piece, indicatorCount);
  for (const piece of list(batch['frames'], MAX_PIECES)) rows += frameRows(piece);
  for (const piece of list(batch['steps'], MAX_PIECES)) rows += stepRows(piece);
  demand(rows <= MAX_BATCH_ROWS);
  for (const { timeUs, source, text } of list(batch['messages'], MAX_MESSAGES)) {
    demand(isTime(timeUs) && isWireName(source));
    demand(typeof text === 'string' && text.length <= MAX_TEXT);
  }
  return message as Batch;
}

function seriesRows({ indicator, timeUs, value }: Fields, indicatorCount: number): number {
  demand(indicator instanceof Uint16Array && timeUs instanceof Float64Array && value instanceof Float64Array);
  demand(indicator.length === timeUs.length && indicator.length === value.length);
  below(indicator, indicatorCount);
  allTimes(timeUs);
  return indicator.length;
}

function frameRows(piece: Fields): number {
  const { stream, timeBase, frame, sourceFrame, pts, type, key, bytes, quantizer } = piece;
  demand(isWireName(stream) && Array.isArray(timeBase) && timeBase.length === 2);
  demand(timeBase.every((part) => Number.isSafeInteger(part) && part > 0));
  demand(frame instanceof Int32Array && sourceFrame instanceof Int32Array && pts instanceof Float64Array);
  demand(type instanceof Uint8Array && key instanceof Uint8Array);
  demand(bytes instanceof Int32Array && quantizer instanceof Float32Array);
  const rows = frame.length;
  demand(sourceFrame.length === rows && pts.length === rows && type.length === rows && key.length === rows);
  demand(bytes.length === rows && quantizer.length === rows);
  below(type, FRAME_TYPES.length);
  noneNegative(frame);
  noneNegative(bytes);
  allTimes(pts);
  return rows;
}

function stepRows(piece: Fields): number {
  const { stream, role, frame, step, startUs, durationUs, busyUs, outcome } = piece;
  demand(isWireName(stream) && isWireName(role));
  demand(frame instanceof Int32Array && step instanceof Uint8Array && startUs instanceof Float64Array);
  demand(durationUs instanceof Int32Array && busyUs instanceof Int32Array && outcome instanceof Uint8Array);
  const rows = frame.length;
  demand(step.length === rows && startUs.length === rows && durationUs.length === rows && busyUs.length === rows);
  demand(outcome.length === rows);
  below(step, STEPS.length);
  below(outcome, STEP_OUTCOMES.length);
  noneNegative(frame);
  allTimes(startUs);
  return rows;
}

function list(value: unknown, most: number): readonly Fields[] {
  demand(Array.isArray(value) && value.length <= most);
  for (const item of value as unknown[]) demand(typeof item === 'object' && item !== null);
  return value as Fields[];
}

function below(codes: Uint8Array | Uint16Array, limit: number): void {
  for (let i = 0; i < codes.length; i++) if (codes[i]! >= limit) demand(false);
}

function noneNegative(values: Int32Array): void {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) demand(false);
}

function allTimes(times: Float64Array): void {
  for (let i = 0; i < times.length; i++) if (!isTime(times[i])) demand(false);
}

/** Monotonic microseconds. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function demand(holds: boolean): asserts holds {
  if (!holds) throw new RefusedMessage('wrong shape');
}
