// `stream.json`: what must be known to go on with the recording of a stream after its collector was killed.

import { readFileSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEnd } from '#core/catalogue';
import type { RecordingHeader } from '#core/recording';
import { writeFileAtomic } from '#system/atomic-file';
import { monotonicUs } from '#system/clock';
import { LIVE_WAL, type FrameWindow } from './live-file.ts';
import { recordingError } from './recording-error.ts';

const STREAM_STATE_VERSION = 1;
const STREAM_FILE = 'stream.json';
/** What agents had no chance to bring before its end they still have: so long after it is the recording gone on with. */
const LATE_S = 60;
/** A recording without a wanted end is gone on with where its collector was away no longer. */
const MAX_AWAY_S = 600;

/** Times are microseconds on the reference clock: the collector's monotonic one. */
export interface StreamState {
  readonly version: typeof STREAM_STATE_VERSION;
  /** Of the start of the host: in another one the clock means something else. Null where the system does not tell. */
  readonly boot: string | null;
  /** When the recording is wanted to end; null where that is not known yet. */
  readonly endUs: number | null;
  /** From where to where rows belong; null while that is open. */
  readonly fromUs: number | null;
  readonly toUs: number | null;
  readonly windows: readonly FrameWindow[];
  /** What the collector wants to find again. */
  readonly memo: unknown;
  /** How the run ends, from the moment on in which its tables are finished; null before. */
  readonly ending: StreamEnding | null;
}

/** `metrics` are those of the pictures only: the others are computed from the recording. */
export interface StreamEnding extends RunEnd {
  /** What to say where it holds no frame, and where it holds few; null where few were wanted. */
  readonly scarce?: { readonly none: string; readonly few: string | null } | undefined;
  readonly known: Pick<RecordingHeader, 'actual' | 'quality'>;
}

export function newStreamState(endUs: number | null, memo: unknown): StreamState {
  const open = { fromUs: null, toUs: null, windows: [], ending: null };
  return { version: STREAM_STATE_VERSION, boot: bootId(), endUs, memo, ...open };
}

/** Null where there is none, or none that can be read: then the recording can't be gone on with. */
export async function readStreamState(folder: string): Promise<StreamState | null> {
  const text = await readFile(join(folder, STREAM_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    const state = JSON.parse(text) as StreamState;
    return state.version === STREAM_STATE_VERSION ? state : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** @throws UserError where the disk does not take it */
export async function writeStreamState(folder: string, state: StreamState): Promise<void> {
  const path = join(folder, STREAM_FILE);
  try {
    await writeFileAtomic(path, `${JSON.stringify(state)}\n`);
  } catch (error) {
    throw recordingError("the recording can't be written", path, error);
  }
}

export async function removeStreamState(folder: string): Promise<void> {
  await rm(join(folder, STREAM_FILE), { force: true });
}

/** Whether a collector that starts now goes on with this recording, or would have to: nobody else may complete it then. */
export async function isResumable(folder: string, state: StreamState): Promise<boolean> {
  if (state.ending !== null) return true;
  if (state.boot !== bootId()) return false;
  if (state.endUs !== null) return monotonicUs() <= state.endUs + LATE_S * 1e6;
  return Date.now() - (await lastWritten(folder)) <= MAX_AWAY_S * 1000;
}

/** Milliseconds since 1970: when its collector was seen at work last. */
export async function lastWritten(folder: string): Promise<number> {
  const times = [STREAM_FILE, LIVE_WAL].map((name) => stat(join(folder, name)).catch(() => null));
  return Math.max(0, ...(await Promise.all(times)).map((found) => found?.mtimeMs ?? 0));
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
