// The columns of each table's rows, in the order of its layout (table-layout.ts).

import {
  FRAME_TYPES,
  STEP_OUTCOMES,
  STEPS,
  type ClockRow,
  type FrameBatch,
  type MessageRow,
  type PhaseRow,
  type QualityBatch,
  type SeriesBatch,
  type SliceRow,
  type StepBatch,
} from '#core/recording';
import { constant, flags, fromRows, names, numbers, time, times, type RowBatch } from './row-batch.ts';

const TYPE_NAMES = FRAME_TYPES.map((type) => (type === 'unknown' ? null : type));

export function frameRows(batch: FrameBatch, run: string): RowBatch {
  return {
    rows: batch.frame.length,
    columns: [
      constant(run),
      constant(batch.stream),
      numbers(batch.frame),
      numbers(batch.sourceFrame, -1),
      times(batch.pts),
      constant(batch.timeBase[0]),
      constant(batch.timeBase[1]),
      names(batch.type, TYPE_NAMES),
      flags(batch.key),
      numbers(batch.bytes),
      numbers(batch.quantizer),
    ],
  };
}

export function stepRows(batch: StepBatch, run: string): RowBatch {
  return {
    rows: batch.frame.length,
    columns: [
      constant(run),
      constant(batch.stream),
      numbers(batch.frame),
      names(batch.step, STEPS),
      constant(batch.role),
      times(batch.startUs),
      numbers(batch.durationUs, -1),
      numbers(batch.busyUs, -1),
      names(batch.outcome, STEP_OUTCOMES),
    ],
  };
}

export function seriesRows(batch: SeriesBatch): RowBatch {
  return {
    rows: batch.timeUs.length,
    columns: [constant(batch.agent), numbers(batch.indicator), times(batch.timeUs), numbers(batch.value)],
  };
}

export function phaseRows(rows: readonly PhaseRow[], run: string): RowBatch {
  return fromRows(rows, [
    () => run,
    (row) => row.phase,
    (row) => time(row.startUs),
    (row) => time(row.endUs),
    (row) => row.cpuS,
  ]);
}

export function qualityRows(batch: QualityBatch, run: string): RowBatch {
  return {
    rows: batch.frame.length,
    columns: [
      constant(run),
      constant(batch.stream),
      numbers(batch.frame),
      numbers(batch.sourceFrame, -1),
      constant(batch.metric),
      numbers(batch.value),
    ],
  };
}

export function runRows(rows: readonly SliceRow[]): RowBatch {
  return fromRows(rows, [
    (row) => row.record.id,
    (row) => time(row.startUs),
    (row) => time(row.endUs),
    (row) => JSON.stringify(row.record),
  ]);
}

export function messageRows(rows: readonly MessageRow[]): RowBatch {
  return fromRows(rows, [(row) => time(row.timeUs), (row) => row.source, (row) => row.text]);
}

export function clockRows(rows: readonly ClockRow[]): RowBatch {
  return fromRows(rows, [
    (row) => row.agent,
    (row) => time(row.timeUs),
    (row) => time(row.offsetUs),
    (row) => time(row.errorUs),
  ]);
}
