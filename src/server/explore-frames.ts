// Frames of some runs, as columns of one measure each: what drifts within runs are seen from.

import { ROLLING } from '#lab/lab';
import { readTable } from '#recording/read-recording';
import { UserError } from '#core/user-error';
import type { RunRecord } from '#core/run';
import type { Dataset } from '#explore/data/dataset';
import type { FrameColumn, FrameMeasure } from '#explore/findings/drifts';
import type { LabView } from './lab-view.ts';

/** Recordings that are read: one of each of so many cells, spread over all. */
const MAX_RUNS = 24;
/** Frames of each that are read, from the first. */
const MAX_FRAMES = 20_000;
/** Steps that a frame has at the most on its way: rows that are read for each. */
const MOST_STEPS = 12;

export interface SomeFrames {
  readonly columns: readonly FrameColumn[];
  /** What could not be read: sentences. */
  readonly notes: readonly string[];
}

/** Reads frames of the first good run of cells, spread evenly. */
export async function readSomeFrames(lab: LabView, dataset: Dataset): Promise<SomeFrames> {
  const chosen = chooseRuns(dataset);
  const runs = await lab.catalogue.runsById(chosen.ids);
  const columns: FrameColumn[] = [];
  const notes: string[] = [];
  let [looked, unreadable] = [0, 0];
  for (const run of runs) {
    // Work items have no recording of their own: theirs would have to be cut out first.
    if (run.recording === null || run.recording.startsWith(`${ROLLING}/`)) continue;
    try {
      const own = await readRun(lab, run);
      if (own.length > 0) looked++;
      columns.push(...own);
    } catch (error) {
      // A recording that is damaged or gone: the other runs tell as much.
      if (!(error instanceof UserError)) throw error;
      unreadable++;
    }
  }
  if (looked > 0 && chosen.cells > chosen.ids.length)
    notes.push(`frames were looked at in ${looked} of ${chosen.cells} cells that have them, one run each`);
  if (unreadable > 0)
    notes.push(`the frames of ${unreadable === 1 ? 'one run' : `${unreadable} runs`} could not be read`);
  return { columns, notes };
}

/** Runs that were imported from a table have a recording, and no frames in it: their number of frames tells. */
function chooseRuns({ count, cells, cellCount, outcomes, excluded, ids, metrics }: Dataset): {
  ids: string[];
  cells: number;
} {
  const frames = metrics.find(({ name }) => name === 'frames')?.values;
  const first = new Int32Array(cellCount).fill(-1);
  for (let row = 0; row < count; row++)
    if (
      first[cells[row]!] === -1 &&
      outcomes[row] === 0 &&
      !excluded.has(row) &&
      (frames === undefined || frames[row]! > 0)
    )
      first[cells[row]!] = row;
  const good = first.filter((row) => row >= 0);
  const taken = Math.min(MAX_RUNS, good.length);
  return {
    ids: Array.from({ length: taken }, (_, i) => ids[good[Math.floor((i * good.length) / taken)]!]!),
    cells: good.length,
  };
}

interface Series {
  readonly times: number[];
  readonly values: number[];
}

async function readRun(lab: LabView, run: RunRecord): Promise<FrameColumn[]> {
  const folder = lab.recordingFolder(run.id);
  const frames = await readTable(folder, 'frames', { columns: ['stream', 'frame', 'key', 'bytes'], limit: MAX_FRAMES });
  const steps = await readTable(folder, 'steps', {
    columns: ['stream', 'frame', 'step', 'start_us', 'duration_us', 'busy_us'],
    limit: MAX_FRAMES * MOST_STEPS,
  });
  const stream = frames.stream[0];
  const series = new Map<FrameMeasure, Series>();
  const rowOf = new Map<number, number>();
  for (let row = 0; row < frames.frame.length; row++)
    if (frames.stream[row] === stream) rowOf.set(frames.frame[row]!, row);
  const startUs = new Map<number, number>();
  for (let i = 0; i < steps.frame.length; i++) {
    const step = steps.step[i];
    const row = steps.stream[i] === stream ? rowOf.get(steps.frame[i]!) : undefined;
    if (row === undefined || (step !== 'encode' && step !== 'capture')) continue;
    const us = steps.busy_us[i]! >= 0 ? steps.busy_us[i]! : steps.duration_us[i]!;
    if (step === 'encode' || !startUs.has(row)) startUs.set(row, steps.start_us[i]!);
    if (us > 0) push(series, `${step} time of ${kindOf(frames.key[row]!)}`, steps.start_us[i]!, us / 1000);
  }
  for (const [row, us] of startUs) push(series, `size of ${kindOf(frames.key[row]!)}`, us, frames.bytes[row]!);
  return [...series].map(([what, { times, values }]) => inTime(run.id, what, times, values));
}

function kindOf(key: number): 'keyframes' | 'other frames' {
  return key === 1 ? 'keyframes' : 'other frames';
}

function push(series: Map<FrameMeasure, Series>, what: FrameMeasure, us: number, value: number): void {
  let one = series.get(what);
  if (one === undefined) series.set(what, (one = { times: [], values: [] }));
  one.times.push(us / 1e6);
  one.values.push(value);
}

function inTime(run: string, what: FrameMeasure, times: readonly number[], values: readonly number[]): FrameColumn {
  const order = Int32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]!);
  return {
    run,
    what,
    times: Float64Array.from(order, (i) => times[i]!),
    values: Float64Array.from(order, (i) => values[i]!),
  };
}
