// Where the frames of a stream stand in time: when each was encoded, else when it is shown.

import { agentOfRole, readClocks } from '#recording/clocks';
import { readHeader, readTable } from '#recording/read-recording';
import type { TimeAxis } from './wire.ts';

/** What a page shows of each frame, and what tells when it is shown. */
export const FRAME_COLUMNS = [
  'stream',
  'frame',
  'pts',
  'time_base_num',
  'time_base_den',
  'type',
  'key',
  'bytes',
  'quantizer',
] as const;

export interface FrameAxis {
  readonly axis: TimeAxis;
  /** Seconds on that axis; NaN where a frame has no place on it. */
  readonly timeOf: (frame: number) => number;
}

/** Columns of `frames` that tell when a frame is shown. */
export interface Presented {
  readonly pts: Float64Array;
  readonly time_base_num: Float64Array;
  readonly time_base_den: Float64Array;
}

/** Presentation time of a row of `frames`, seconds. */
export function presentationTime({ pts, time_base_num, time_base_den }: Presented, row: number): number {
  return (pts[row]! * time_base_num[row]!) / time_base_den[row]!;
}

/** Names of a run's streams, the first one first; a run that encodes once has one, and one without frames none. */
export async function streamsOf(folder: string): Promise<string[]> {
  const { stream } = await readTable(folder, 'frames', { columns: ['stream'] });
  const names = [...new Set(stream)].filter((name) => name !== null);
  return names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Positions of the rows of one stream. */
export function rowsOf(streams: readonly (string | null)[], stream: string): number[] {
  const rows: number[] = [];
  for (const [row, name] of streams.entries()) if (name === stream) rows.push(row);
  return rows;
}

/**
 * As the other charts of the run have it, where anything tells when its frames were encoded; else as the video has it.
 * @param originUs where the time of the run begins, on its reference clock
 */
export async function frameAxis(folder: string, stream: string, originUs: number): Promise<FrameAxis> {
  const steps = await readTable(folder, 'steps', { columns: ['stream', 'frame', 'step', 'role', 'start_us'] });
  const [header, clocks] = await Promise.all([readHeader(folder), readClocks(folder)]);
  const times = new Map<number, number>();
  const timeOf = (frame: number) => times.get(frame) ?? NaN;
  for (const row of rowsOf(steps.stream, stream)) {
    if (steps.step[row] !== 'encode') continue;
    const agent = agentOfRole(header, steps.role[row] ?? '');
    const startUs = agent === null ? NaN : clocks.toReference(agent, steps.start_us[row]!);
    if (!Number.isNaN(startUs)) times.set(steps.frame[row]!, (startUs - originUs) / 1e6);
  }
  if (times.size > 0) return { axis: 'run', timeOf };
  const frames = await readTable(folder, 'frames', {
    columns: ['stream', 'frame', 'pts', 'time_base_num', 'time_base_den'],
  });
  for (const row of rowsOf(frames.stream, stream)) times.set(frames.frame[row]!, presentationTime(frames, row));
  return { axis: 'video', timeOf };
}
