// The columns of each table of a recording, in the live file and in Parquet alike.

import { FUNCTION_KINDS, INSTRUCTION_KINDS, LEAVING_REASONS, SYMBOL_SOURCES } from '#core/profile';
import { FRAME_TYPES, STEP_OUTCOMES, STEPS, type RecordingTable } from '#core/recording';
import { SHAPE_OUTCOMES } from '#core/shape';

/** `time` is a time or a duration since long before: integer microseconds (or ticks) that need more than 32 bits. */
export type ColumnKind = 'text' | 'integer' | 'time' | 'float' | 'double' | 'boolean';

export interface ColumnLayout {
  readonly name: string;
  readonly kind: ColumnKind;
  /** All values that a text column may have; the live file keeps it as an ENUM then. */
  readonly values?: readonly string[];
}

/** Code 0 is unknown, and that is NULL. */
const KNOWN_FRAME_TYPES = FRAME_TYPES.slice(1);
const KNOWN_FUNCTION_KINDS = FUNCTION_KINDS.slice(1);
const KNOWN_INSTRUCTION_KINDS = INSTRUCTION_KINDS.slice(1);
const KNOWN_LEAVING_REASONS = LEAVING_REASONS.slice(1);

export const TABLE_COLUMNS = {
  series: [
    { name: 'agent', kind: 'text' },
    { name: 'indicator', kind: 'integer' },
    { name: 'time_us', kind: 'time' },
    { name: 'value', kind: 'double' },
  ],
  phases: [
    { name: 'run', kind: 'text' },
    { name: 'phase', kind: 'text' },
    { name: 'start_us', kind: 'time' },
    { name: 'end_us', kind: 'time' },
    { name: 'cpu_s', kind: 'double' },
  ],
  frames: [
    { name: 'run', kind: 'text' },
    { name: 'stream', kind: 'text' },
    { name: 'frame', kind: 'integer' },
    { name: 'source_frame', kind: 'integer' },
    { name: 'pts', kind: 'time' },
    { name: 'time_base_num', kind: 'integer' },
    { name: 'time_base_den', kind: 'integer' },
    { name: 'type', kind: 'text', values: KNOWN_FRAME_TYPES },
    { name: 'key', kind: 'boolean' },
    { name: 'bytes', kind: 'integer' },
    { name: 'quantizer', kind: 'float' },
  ],
  steps: [
    { name: 'run', kind: 'text' },
    { name: 'stream', kind: 'text' },
    { name: 'frame', kind: 'integer' },
    { name: 'step', kind: 'text', values: STEPS },
    { name: 'role', kind: 'text' },
    { name: 'start_us', kind: 'time' },
    { name: 'duration_us', kind: 'integer' },
    { name: 'busy_us', kind: 'integer' },
    { name: 'outcome', kind: 'text', values: STEP_OUTCOMES },
  ],
  messages: [
    { name: 'time_us', kind: 'time' },
    { name: 'source', kind: 'text' },
    { name: 'text', kind: 'text' },
  ],
  clocks: [
    { name: 'agent', kind: 'text' },
    { name: 'time_us', kind: 'time' },
    { name: 'offset_us', kind: 'time' },
    { name: 'error_us', kind: 'time' },
  ],
  quality: [
    { name: 'run', kind: 'text' },
    { name: 'stream', kind: 'text' },
    { name: 'frame', kind: 'integer' },
    { name: 'source_frame', kind: 'integer' },
    { name: 'metric', kind: 'text' },
    { name: 'value', kind: 'double' },
  ],
  runs: [
    { name: 'run', kind: 'text' },
    { name: 'start_us', kind: 'time' },
    { name: 'end_us', kind: 'time' },
    // RunRecord as JSON: what the catalogue has, so that a lost one loses nothing.
    { name: 'record', kind: 'text' },
  ],
  // A ShapeRow of core/shape.ts: recordings of before it have none.
  shapes: [
    { name: 'id', kind: 'text' },
    { name: 'phase', kind: 'text' },
    { name: 'title', kind: 'text' },
    { name: 'item', kind: 'text' },
    { name: 'source', kind: 'text' },
    { name: 'ended_at', kind: 'time' },
    { name: 'outcome', kind: 'text', values: SHAPE_OUTCOMES },
    { name: 'kind', kind: 'text' },
    { name: 'codec', kind: 'text' },
    { name: 'encoder', kind: 'text' },
    { name: 'engine', kind: 'text' },
    { name: 'preset', kind: 'text' },
    { name: 'rate_control', kind: 'text' },
    { name: 'rate_value', kind: 'double' },
    { name: 'width', kind: 'integer' },
    { name: 'height', kind: 'integer' },
    { name: 'outputs', kind: 'integer' },
    { name: 'output_pixels', kind: 'double' },
    { name: 'source_pixels', kind: 'double' },
    { name: 'frame_rate', kind: 'double' },
    { name: 'frames', kind: 'integer' },
    { name: 'bit_depth', kind: 'integer' },
    { name: 'passes', kind: 'integer' },
    { name: 'spatial', kind: 'double' },
    { name: 'temporal', kind: 'double' },
    { name: 'source_frame_bytes', kind: 'double' },
    { name: 'threads', kind: 'integer' },
    { name: 'machine', kind: 'text' },
    { name: 'duration_s', kind: 'double' },
    { name: 'cpu_s', kind: 'double' },
    { name: 'cpu_peak', kind: 'double' },
    { name: 'memory_peak', kind: 'double' },
    { name: 'disk_read', kind: 'double' },
    { name: 'disk_written', kind: 'double' },
    { name: 'network', kind: 'double' },
  ],
  // A profile of core/profile.ts. Times are whole nanoseconds; `thread` and `stack` are positions in the tables of that name.
  samples: [
    { name: 'time_ns', kind: 'time' },
    { name: 'cpu', kind: 'integer' },
    { name: 'thread', kind: 'integer' },
    { name: 'stack', kind: 'integer' },
    { name: 'instruction', kind: 'text', values: KNOWN_INSTRUCTION_KINDS },
    { name: 'weight', kind: 'double' },
  ],
  // One row for each node of the trie, with the function that it ends in; a function of no stack has a row without one.
  stacks: [
    { name: 'stack', kind: 'integer' },
    { name: 'parent', kind: 'integer' },
    { name: 'function', kind: 'integer' },
    { name: 'name', kind: 'text' },
    { name: 'library', kind: 'text' },
    { name: 'kind', kind: 'text', values: KNOWN_FUNCTION_KINDS },
    { name: 'source', kind: 'text', values: SYMBOL_SOURCES },
  ],
  switches: [
    { name: 'start_ns', kind: 'time' },
    { name: 'end_ns', kind: 'time' },
    { name: 'cpu', kind: 'integer' },
    { name: 'thread', kind: 'integer' },
    { name: 'reason', kind: 'text', values: KNOWN_LEAVING_REASONS },
    { name: 'stack', kind: 'integer' },
    { name: 'ready_ns', kind: 'time' },
    { name: 'waker', kind: 'integer' },
  ],
  threads: [
    { name: 'thread', kind: 'integer' },
    { name: 'pid', kind: 'integer' },
    { name: 'tid', kind: 'integer' },
    { name: 'process', kind: 'text' },
    { name: 'name', kind: 'text' },
  ],
  losses: [
    { name: 'time_ns', kind: 'time' },
    { name: 'cpu', kind: 'integer' },
    { name: 'samples', kind: 'double' },
  ],
} as const satisfies Readonly<Record<RecordingTable, readonly ColumnLayout[]>>;

export const SQL_TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'VARCHAR',
  integer: 'INTEGER',
  time: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/** How the rows of a finished table are sorted: what is read together lies together, and compresses well. */
export const TABLE_ORDER: Readonly<Record<RecordingTable, string>> = {
  series: 'agent, indicator, time_us',
  phases: 'run, start_us',
  frames: 'run, stream, frame',
  steps: 'run, stream, frame, start_us',
  messages: 'time_us',
  clocks: 'agent, time_us',
  quality: 'run, stream, metric, frame',
  runs: 'run',
  // By phase first: whoever asks for whole pieces reads nothing of the others.
  shapes: 'phase, id',
  samples: 'time_ns',
  stacks: 'stack',
  switches: 'start_ns',
  threads: 'thread',
  losses: 'time_ns',
};

/** Columns of a table as they are read: NULL is NaN among numbers, and null among texts. */
export type TableColumns<T extends RecordingTable> = {
  readonly [Column in (typeof TABLE_COLUMNS)[T][number] as Column['name']]: Column['kind'] extends 'text'
    ? readonly (string | null)[]
    : Float64Array;
};

export function columnsOf(table: RecordingTable): readonly ColumnLayout[] {
  return TABLE_COLUMNS[table];
}
