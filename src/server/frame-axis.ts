// Where the frames of a stream stand in time: when each was encoded, else when it is shown; those of a stock SPICE server at the tap.

import { PART_ROLES } from '#core/session';
import { placesOf, roleOfFrames } from '#analysis/frame-teller';
import { agentOfRole, readClocks } from '#recording/clocks';
import { readHeader, readTable } from '#recording/read-recording';
import type { TimeAxis } from './wire.ts';

export interface FrameAxis {
  readonly axis: TimeAxis;
  /** Seconds on that axis; NaN where a frame has no place on it. */
  readonly timeOf: (frame: number) => number;
  /**
   * When the frame of a row is to be shown, seconds; NaN where that is not known. The time of a stream's frame is that of its
   * capture on the sender's own clock, which began when that machine did (where a stock SPICE server encodes: that of its first byte on
   * the tap's): it is told as the run has it.
   */
  readonly presentationTime: (frames: Presented, row: number) => number;
}

/** Columns of `frames` that tell when a frame is shown. */
export interface Presented {
  readonly pts: Float64Array;
  readonly time_base_num: Float64Array;
  readonly time_base_den: Float64Array;
}

/** As the stream itself has it, seconds. */
function videoTime({ pts, time_base_num, time_base_den }: Presented, row: number): number {
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
  const teller = roleOfFrames(placesOf(steps.role, steps.step));
  const agentOfFrames = header.kind === 'stream' ? agentOfRole(header, teller) : null;
  const presentationTime = (presented: Presented, row: number) => {
    const videoS = videoTime(presented, row);
    if (header.kind !== 'stream') return videoS;
    return agentOfFrames === null ? NaN : (clocks.toReference(agentOfFrames, videoS * 1e6) - originUs) / 1e6;
  };
  const times = new Map<number, number>();
  const timeOf = (frame: number) => times.get(frame) ?? NaN;
  for (const row of rowsOf(steps.stream, stream)) {
    // Of a stock server's frames some have no such time: all of them stand where they came to the tap.
    if (steps.step[row] !== 'encode' || teller !== PART_ROLES.sender) continue;
    const agent = agentOfRole(header, steps.role[row] ?? '');
    const startUs = agent === null ? NaN : clocks.toReference(agent, steps.start_us[row]!);
    if (!Number.isNaN(startUs)) times.set(steps.frame[row]!, (startUs - originUs) / 1e6);
  }
  if (times.size > 0) return { axis: 'run', timeOf, presentationTime };
  const frames = await readTable(folder, 'frames', {
    columns: ['stream', 'frame', 'pts', 'time_base_num', 'time_base_den'],
  });
  const rows = rowsOf(frames.stream, stream);
  const isOnRun = header.kind === 'stream' && rows.some((row) => !Number.isNaN(presentationTime(frames, row)));
  const shownTime = isOnRun ? presentationTime : videoTime;
  for (const row of rows) times.set(frames.frame[row]!, shownTime(frames, row));
  return { axis: isOnRun ? 'run' : 'video', timeOf, presentationTime };
}
