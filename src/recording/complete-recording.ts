// Completes the recording of a process that died: what it had flushed becomes tables, and nothing is thrown away.

import { rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PROFILE_TABLES, type RecordingHeader } from '#core/recording';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { isSameProcess } from '#system/process-identity';
import type { Database } from './duckdb.ts';
import { LIVE_FILE, LIVE_WAL, openLiveFile, removeLiveFile } from './live-file.ts';
import {
  countParquetFiles,
  parquetPath,
  removeUnfinished,
  writeParquetFiles,
  type RowCounts,
} from './parquet-files.ts';
import { withReader } from './reader.ts';
import { isRecordedHere } from './recorder.ts';
import { recordingError } from './recording-error.ts';
import { readHeader, writeHeader, type StoredHeader } from './recording-header.ts';

/** A live file (or its log) that can't be read is kept under this ending. */
const UNREADABLE = '.unreadable';

/**
 * Makes a recording that broke off `partial`, with all rows that were flushed; one that is complete already is left
 * as it is. May itself be killed at any point and called again.
 * @param result how the run ended, for the header of a recording that broke off
 * @param lost what was measured and is no more, for `absent`
 * @throws UserError where there is no recording, its owner still records, or the place can't be written
 */
export async function completeRecording(
  folder: string,
  result?: RunRecord,
  lost: readonly string[] = [],
): Promise<RecordingHeader> {
  const path = resolve(folder);
  const { owner, ...header } = await readHeader(path);
  try {
    if (header.state !== 'recording') {
      await tidy(path);
      return header;
    }
    refuseLivingOwner(path, owner);
    const known = { ...header, absent: [...header.absent, ...lost] };
    return await complete(path, result === undefined ? known : { ...known, result });
  } catch (error) {
    throw recordingError("the recording can't be completed", path, error);
  }
}

async function complete(folder: string, header: RecordingHeader): Promise<RecordingHeader> {
  // Of a profile that had not come into the header: without that its tables mean nothing.
  for (const table of PROFILE_TABLES) await rm(parquetPath(folder, table), { force: true });
  const { rows, absent } = await rescue(folder);
  const partial: RecordingHeader = { ...header, state: 'partial', rows, absent: [...header.absent, ...absent] };
  await writeHeader(folder, partial);
  await tidy(folder);
  return partial;
}

interface Rescued {
  readonly rows: RowCounts;
  readonly absent: readonly string[];
}

async function rescue(folder: string): Promise<Rescued> {
  const absent: string[] = [];
  if (!(await exists(join(folder, LIVE_FILE)))) {
    absent.push('live rows: the writer died before it had made its file, or that was taken away');
    return keepParquet(folder, absent);
  }
  const whole = await exportLive(folder);
  if (typeof whole !== 'string') return { rows: whole, absent };

  // Perhaps only the log is torn: what was folded into the file before is whole.
  if (await exists(join(folder, LIVE_WAL))) {
    await setAside(folder, LIVE_WAL);
    const folded = await exportLive(folder);
    if (typeof folded !== 'string') {
      absent.push(`rows of the last part: their log can't be read, and is kept as ${LIVE_WAL}${UNREADABLE} (${whole})`);
      return { rows: folded, absent };
    }
  }
  await setAside(folder, LIVE_FILE);
  absent.push(`live rows: their file can't be read, and is kept as ${LIVE_FILE}${UNREADABLE} (${whole})`);
  return keepParquet(folder, absent);
}

/** The rows by table, or why the live file can't be read. */
async function exportLive(folder: string): Promise<RowCounts | string> {
  let live: Database | null = null;
  try {
    live = await openLiveFile(folder);
    return await writeParquetFiles(live.connection, folder);
  } catch (error) {
    // A full disk or a lock of somebody else says nothing of the file: those are for the caller to mend.
    const failure = recordingError("the recording can't be completed", folder, error);
    if (failure instanceof UserError && failure.problems[0]?.todo !== undefined) throw failure;
    return (error as Error).message.split('\n')[0]!;
  } finally {
    live?.close();
  }
}

/** Tables that an earlier attempt had finished before the live file was lost. */
async function keepParquet(folder: string, absent: string[]): Promise<Rescued> {
  const { rows, damaged } = await withReader((connection) => countParquetFiles(connection, folder));
  return { rows, absent: [...absent, ...damaged.map((table) => `${table}: its Parquet file is damaged`)] };
}

async function setAside(folder: string, name: string): Promise<void> {
  await rename(join(folder, name), join(folder, `${name}${UNREADABLE}`));
}

/** What is left over when the header says that all is exported. */
async function tidy(folder: string): Promise<void> {
  await removeLiveFile(folder);
  await removeUnfinished(folder);
}

function refuseLivingOwner(folder: string, owner: StoredHeader['owner']): void {
  if (owner === undefined || !isSameProcess(owner.pid, owner.startTicks)) return;
  // Our own recorder may have failed and been closed: then it is ours to complete.
  if (owner.pid === process.pid && !isRecordedHere(folder)) return;
  throw new UserError({
    what: `the recording is still being written by process ${owner.pid}`,
    where: folder,
    todo: 'Wait until that has ended.',
  });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
