// The frames of a `.rec` record: which rows of its tables are of the same frame, and what happened to it. Pure.

import { STEPS, type FrameBatch, type Step, type StepBatch } from '#core/recording';
import { matchFrames } from '#analysis/match-frames';
import type { RecFile, RecTable } from './rec-file.ts';

const STREAM = 'video';
const MAX_INT32 = 2 ** 31 - 1;

export interface RecFrames {
  readonly frames: FrameBatch;
  readonly steps: readonly StepBatch[];
  /** When each frame left one role and arrived in the next, each by the role's own clock; NaN where that is not known. */
  readonly sentUs: ReadonlyMap<string, Float64Array>;
  readonly arrivedUs: ReadonlyMap<string, Float64Array>;
  /** Tables of frames some of whose rows are of no known frame. */
  readonly unmatched: ReadonlySet<string>;
  /** Whether the sender told how long encoding took, apart from capturing. */
  readonly encodeKnown: boolean;
}

/** Null where no table has frames, or their sizes have too little in common. */
export function framesOf(record: RecFile): RecFrames | null {
  const table = (role: string, name: string) =>
    record.tables.find((each) => each.role === role && each.name === name && each.rows > 0 && hasFrames(each)) ?? null;
  const guest = table('guest', 'guest');
  const server = table('server', 'host');
  const arrived = table('client', 'new_frame');
  const decoded = table('client', 'client');
  const master = guest ?? server ?? arrived ?? decoded;
  if (master === null) return null;
  const sizes = master.columns.get('frame_size')!;
  const masterUs = master.columns.get('msg_ts')!;
  const unmatched = new Set<string>();
  /** Row of each frame in that table, -1 where it has none. */
  const rowsIn = (other: RecTable | null) => {
    const rows = new Int32Array(master.rows).fill(-1);
    if (other === null) return rows;
    if (other === master) return rows.map((_, index) => index);
    const match = matchFrames(sizes, other.columns.get('frame_size')!) ?? new Int32Array(other.rows).fill(-1);
    for (const [row, frame] of match.entries())
      if (frame >= 0) rows[frame] = row;
      else unmatched.add(`${other.role}.${other.name}`);
    return rows;
  };
  const [guestRows, serverRows, arrivedRows, decodedRows] = [guest, server, arrived, decoded].map(rowsIn) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const steps = new StepRows();
  const key = new Uint8Array(master.rows);
  const captureUs = new Float64Array(master.rows).fill(NaN);
  const encodeKnown = guest?.columns.get('encode_duration')?.some((value) => value > 0) ?? false;
  for (let frame = 0; frame < master.rows; frame++) {
    if (guest !== null) {
      const row = guestRows[frame]!;
      const at = (field: string) => guest.columns.get(field)?.[row] ?? NaN;
      const startUs = at('time') * 1e6;
      const encodeUs = startUs + at('capture_duration') * 1e6;
      const sendUs = encodeUs + at('encode_duration') * 1e6;
      captureUs[frame] = startUs;
      steps.add('guest', frame, 'capture', startUs, at('capture_duration') * 1e6);
      if (encodeKnown) steps.add('guest', frame, 'encode', encodeUs, at('encode_duration') * 1e6);
      steps.add('guest', frame, 'send', Number.isNaN(sendUs) ? at('msg_ts') : sendUs, at('send_duration') * 1e6);
      if (at('keyframe') === 1) key[frame] = 1;
    }
    if (serverRows[frame]! >= 0)
      steps.add('server', frame, 'receive', server!.columns.get('msg_ts')![serverRows[frame]!]!, NaN);
    const arrival = arrivedRows[frame]!;
    if (arrival >= 0) {
      steps.add('client', frame, 'receive', arrived!.columns.get('msg_ts')![arrival]!, NaN);
      if (arrived!.columns.get('keyframe')?.[arrival] === 1) key[frame] = 1;
    }
    const decode = decodedRows[frame]!;
    if (decode >= 0) {
      const durationUs = (decoded!.columns.get('decode_duration')?.[decode] ?? NaN) * 1e6;
      const endUs = decoded!.columns.get('msg_ts')![decode]!;
      steps.add('client', frame, 'decode', Number.isNaN(durationUs) ? endUs : endUs - durationUs, durationUs);
      if (decoded!.columns.get('keyframe')?.[decode] === 1) key[frame] = 1;
    }
  }
  const shown = record.tables.find(({ role, name }) => role === 'client' && name === 'frames_time_to_drop');
  if (shown !== undefined && decoded !== null) addPresented(steps, shown, decoded, decodedRows);
  const times = (rows: Int32Array, from: RecTable | null) =>
    Float64Array.from(rows, (row) => (row < 0 || from === null ? NaN : from.columns.get('msg_ts')![row]!));
  return {
    frames: {
      stream: STREAM,
      timeBase: [1, 1_000_000],
      frame: Int32Array.from(sizes, (_, index) => index),
      sourceFrame: new Int32Array(master.rows).fill(-1),
      pts: captureUs.map((value, frame) => Math.round(Number.isNaN(value) ? masterUs[frame]! : value)),
      // Code 1 is I; whether the others are P or B was not told.
      type: key,
      key,
      bytes: Int32Array.from(sizes),
      quantizer: new Float32Array(master.rows).fill(NaN),
    },
    steps: steps.batches(),
    sentUs: new Map([
      ['guest', times(guestRows, guest)],
      ['server', times(serverRows, server)],
    ]),
    arrivedUs: new Map([
      ['server', times(serverRows, server)],
      ['client', arrived === null ? times(decodedRows, decoded) : times(arrivedRows, arrived)],
    ]),
    unmatched,
    encodeKnown,
  };
}

function hasFrames({ columns }: RecTable): boolean {
  const isSize = (value: number) => Number.isInteger(value) && value >= 0 && value <= MAX_INT32;
  const timed = columns.get('msg_ts')?.every((value) => !Number.isNaN(value)) ?? false;
  return timed && (columns.get('frame_size')?.every(isSize) ?? false);
}

/** A frame leaves the client's queue when it is shown: the row behind its decoding that spent as long there. */
function addPresented(steps: StepRows, shown: RecTable, decoded: RecTable, decodedRows: Int32Array): void {
  const ends = shown.columns.get('msg_ts');
  if (ends === undefined) return;
  const decodedUs = decoded.columns.get('msg_ts')!;
  let row = 0;
  for (const [frame, decode] of decodedRows.entries()) {
    if (decode < 0) continue;
    const startUs = decodedUs[decode]!;
    const nextUs = decode + 1 < decoded.rows ? decodedUs[decode + 1]! : Infinity;
    while (row < ends.length && ends[row]! < startUs) row++;
    if (row < ends.length && ends[row]! < nextUs)
      steps.add('client', frame, 'present', startUs, ends[row++]! - startUs);
  }
}

/** Grows by one row, and becomes a batch for each role. */
class StepRows {
  readonly #rows = new Map<string, { frame: number; step: number; startUs: number; durationUs: number }[]>();

  add(role: string, frame: number, step: Step, startUs: number, durationUs: number): void {
    if (!Number.isFinite(startUs)) return;
    let rows = this.#rows.get(role);
    if (rows === undefined) this.#rows.set(role, (rows = []));
    rows.push({
      frame,
      step: STEPS.indexOf(step),
      startUs: Math.round(startUs),
      // A duration that is none is not known.
      durationUs: durationUs >= 0 && durationUs <= MAX_INT32 ? Math.round(durationUs) : -1,
    });
  }

  batches(): StepBatch[] {
    return [...this.#rows].map(([role, rows]) => ({
      stream: STREAM,
      role,
      frame: Int32Array.from(rows, ({ frame }) => frame),
      step: Uint8Array.from(rows, ({ step }) => step),
      startUs: Float64Array.from(rows, ({ startUs }) => startUs),
      durationUs: Int32Array.from(rows, ({ durationUs }) => durationUs),
      busyUs: new Int32Array(rows.length).fill(-1),
      outcome: new Uint8Array(rows.length),
    }));
  }
}
