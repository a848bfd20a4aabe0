// Makes runs of results that another tool measured: settings and numbers, in recordings without tables, so that a lost catalogue
// loses none of them.

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { LockHolder } from '#core/catalogue';
import { RECORDING_VERSION } from '#core/recording';
import type { RunRecord } from '#core/run';
import { canonicalSettings } from '#core/settings';
import { UserError } from '#core/user-error';
import { uuidv7 } from '#core/uuid';
import type { Lab } from '#lab/lab';
import type { ForeignResult } from '#recording/foreign/foreign-result';
import { writeHeader } from '#recording/recording-header';
import { ownIdentity } from '#system/process-identity';
import { unknownEnvironment } from './import-record.ts';
import type { ImportedRun } from './import-record.ts';
import { sameKey } from './same-key.ts';

/** Runs that are entered in one write. */
const BATCH_RUNS = 500;
/** Recordings that are written at once: nearly all the time is waiting for the disk. */
const WRITTEN_AT_ONCE = 32;

export interface ForeignFile {
  /** What its results have in common with another import of the same: the bytes of the file, or the name of the tree. */
  readonly identity: Uint8Array;
  /** For errors and locks. */
  readonly where: string;
  /** When the file was written: stands in for a start that nobody told. UTC, ISO 8601. */
  readonly writtenAt: string;
  /** `CSV`, `hyperfine`, `matrix-benchmarking`. */
  readonly tool: string;
  readonly benchmark: string;
  readonly results: readonly ForeignResult[];
  /** Label of a cell. */
  readonly label: (result: ForeignResult) => string;
  /** Told after each batch how many of the results are in the lab. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Enters the results that the lab does not have yet; broken off at any point it may be called again.
 * @throws UserError where the lab can't be written, or another process imports the same just now
 */
export async function importResults(lab: Lab, file: ForeignFile): Promise<ImportedRun[]> {
  const hash = createHash('sha256').update(file.identity).digest('hex');
  const holder: LockHolder = { ...ownIdentity(), what: `imports ${file.where}` };
  const lock = `import ${hash}`;
  const other = await lab.catalogue.lock(lock, holder);
  if (other !== null)
    throw new UserError({ what: `process ${other.pid} imports the same file just now`, where: file.where });
  try {
    return await enter(lab, file, hash);
  } finally {
    await lab.catalogue.unlock(lock, holder);
  }
}

async function enter(lab: Lab, file: ForeignFile, hash: string): Promise<ImportedRun[]> {
  const imported: ImportedRun[] = [];
  const repeats = new Map<string, number>();
  const known = new Map((await lab.catalogue.runIds([])).map((id) => [contentOf(id), id]));
  for (let begin = 0; begin < file.results.length; begin += BATCH_RUNS) {
    const batch: ImportedRun[] = [];
    const wanted: { readonly run: RunRecord; readonly result: ForeignResult }[] = [];
    for (const result of file.results.slice(begin, begin + BATCH_RUNS)) {
      const id = idOf(hash, result, file.writtenAt);
      const before = known.get(contentOf(id));
      const run = before === undefined ? null : await lab.catalogue.run(before);
      if (run !== null) {
        batch.push({ run, isNew: false });
        continue;
      }
      const key = keyOf(file, result);
      if (!repeats.has(key)) repeats.set(key, await lab.catalogue.countRuns({ sameKeys: [key] }));
      repeats.set(key, repeats.get(key)! + 1);
      const repeat = repeats.get(key)!;
      batch.push({ run: runOf(lab, file, result, { id, sameKey: key, repeat }), isNew: true });
      wanted.push({ run: batch.at(-1)!.run, result });
    }
    for (let first = 0; first < wanted.length; first += WRITTEN_AT_ONCE)
      await Promise.all(
        wanted.slice(first, first + WRITTEN_AT_ONCE).map(({ run, result }) => keep(lab, file, run, result)),
      );
    await lab.catalogue.restoreRuns(batch.flatMap(({ run, isNew }) => (isNew ? [run] : [])));
    imported.push(...batch);
    file.onProgress?.(imported.length);
  }
  return imported;
}

/** @param writtenAt stands for a start that nobody told, so that the run lies among those of its time */
function idOf(hash: string, { part, startedAt, settings }: ForeignResult, writtenAt: string): string {
  const own = createHash('sha256')
    .update(JSON.stringify([hash, part, canonicalSettings(settings)]))
    .digest();
  return uuidv7(Math.max(0, Date.parse(startedAt ?? writtenAt)), own);
}

/** What an id has besides its time: the same part of the same content is the same run, whenever its file was written. */
function contentOf(id: string): string {
  return id.slice('01234567-89ab-'.length);
}

/** Nobody told what was run on what: results of two benchmarks are never repeats of one cell, whatever their settings say. */
function keyOf({ tool, benchmark }: ForeignFile, { settings }: ForeignResult): string {
  const encoderBuild = `${tool}: ${benchmark}`;
  return sameKey({ kind: 'command', settings, sourceHash: '', encoderBuild }, unknownEnvironment(tool));
}

function runOf(
  lab: Lab,
  file: ForeignFile,
  result: ForeignResult,
  own: Pick<RunRecord, 'id' | 'sameKey' | 'repeat'>,
): RunRecord {
  const { settings, metrics, outcome, reason, durationS, startedAt } = result;
  return {
    ...own,
    kind: 'command',
    benchmark: file.benchmark,
    cell: file.label(result),
    settings,
    labels: [],
    outcome,
    reason,
    interrupted: false,
    startedAt: startedAt ?? file.writtenAt,
    durationS,
    metrics,
    recording: lab.recordingPath(own.id),
  };
}

/** Writes the recording of a run: from then on a lost catalogue loses it no more. */
async function keep(lab: Lab, file: ForeignFile, run: RunRecord, result: ForeignResult): Promise<void> {
  const folder = lab.recordingFolder(run.id);
  await mkdir(folder, { recursive: true });
  await writeHeader(folder, {
    version: RECORDING_VERSION,
    state: 'complete',
    run: run.id,
    kind: 'command',
    settings: run.settings,
    environment: unknownEnvironment(file.tool),
    agents: [],
    indicators: [],
    anchor: { monotonicUs: 0, utc: run.startedAt },
    absent: [
      `frames, indicators: ${file.where} has only the results`,
      ...(result.startedAt === null ? ['start: not told; the time of the file stands for it'] : []),
      ...result.absent,
    ],
    accounting: 'none',
    rows: {},
    result: run,
  });
}
