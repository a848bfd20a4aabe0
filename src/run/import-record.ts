// Makes a run of a record that another tool made: the same tables and the same metrics as a stream of our own.

import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { LockHolder } from '#core/catalogue';
import type { Environment } from '#core/environment';
import type { RunRecord } from '#core/run';
import type { Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import { uuidv7 } from '#core/uuid';
import { sessionMetrics } from '#analysis/session-metrics';
import type { Lab } from '#lab/lab';
import { startRecording } from '#recording/recorder';
import { writeResult } from '#recording/recording-header';
import type { RecRecording } from '#recording/foreign/rec-recording';
import { ownIdentity } from '#system/process-identity';
import { sameKey } from './same-key.ts';
import { sessionColumns, STREAM_PHASE } from './session-result.ts';

export interface ForeignRecord {
  /** The file as it is: the same bytes are the same run, however often and from wherever they are imported. */
  readonly bytes: Uint8Array;
  /** Its name, for errors. */
  readonly where: string;
  readonly recording: RecRecording;
  readonly settings: Settings;
  readonly benchmark: string | null;
  /** Label of its cell. */
  readonly cell: string;
  /** What made it, for people and for `sameKey`: `record of 2020`. */
  readonly tool: string;
}

export interface ImportedRun {
  readonly run: RunRecord;
  /** False where it was there already. */
  readonly isNew: boolean;
}

/**
 * Enters the run when all of it is on disk: broken off at any point, it is as if it had never begun.
 * @throws UserError where the lab can't be written, or another process imports the same file just now
 */
export async function importRecord(lab: Lab, record: ForeignRecord): Promise<ImportedRun> {
  const hash = createHash('sha256').update(record.bytes).digest();
  const id = uuidv7(Math.floor(record.recording.beganUs / 1000), hash);
  const holder: LockHolder = { ...ownIdentity(), what: `imports ${record.where}` };
  const lock = `import ${id}`;
  const other = await lab.catalogue.lock(lock, holder);
  if (other !== null)
    throw new UserError({ what: `process ${other.pid} imports the same file just now`, where: record.where });
  try {
    const known = await lab.catalogue.run(id);
    if (known !== null) return { run: known, isNew: false };
    // What a broken-off import left.
    await rm(lab.recordingFolder(id), { recursive: true, force: true });
    try {
      const run = await writeRun(lab, id, record);
      await lab.catalogue.restoreRuns([run]);
      return { run, isNew: true };
    } catch (error) {
      await rm(lab.recordingFolder(id), { recursive: true, force: true });
      throw error;
    }
  } finally {
    await lab.catalogue.unlock(lock, holder);
  }
}

async function writeRun(lab: Lab, id: string, record: ForeignRecord): Promise<RunRecord> {
  const { recording, settings, benchmark, cell, tool } = record;
  const environment = unknownEnvironment(tool);
  const key = sameKey({ kind: 'stream', settings, sourceHash: '', encoderBuild: tool }, environment);
  const startedAt = new Date(recording.beganUs / 1000).toISOString();
  const run: RunRecord = {
    id,
    kind: 'stream',
    benchmark,
    cell,
    repeat: 1 + (await lab.catalogue.countRuns({ sameKeys: [key] })),
    settings,
    labels: [],
    sameKey: key,
    outcome: 'ok',
    reason: null,
    interrupted: false,
    startedAt,
    durationS: (recording.endedUs - recording.beganUs) / 1e6,
    metrics: {},
    recording: lab.recordingPath(id),
  };
  const folder = lab.recordingFolder(id);
  const recorder = await startRecording(folder, {
    run: id,
    kind: 'stream',
    settings,
    environment,
    agents: recording.agents,
    indicators: recording.indicators,
    anchor: { monotonicUs: recording.beganUs, utc: startedAt },
    absent: recording.absent,
    accounting: 'none',
  });
  try {
    if (recording.frames !== null) recorder.addFrames(recording.frames);
    for (const steps of recording.steps) recorder.addSteps(steps);
    for (const series of recording.series) {
      recorder.addSeries(series);
      // The recorder takes no more than a bounded number of rows that wait.
      if (recorder.waitingRows > FLUSH_ROWS) await recorder.flush();
    }
    recorder.addMessages(recording.messages);
    recorder.addClocks(recording.clocks);
    recorder.addPhases([{ phase: STREAM_PHASE, startUs: recording.beganUs, endUs: recording.endedUs, cpuS: null }]);
    await recorder.flush();
  } finally {
    await recorder.finish('complete');
  }
  // Nobody told of frames that ended on their way; and the errors of these clocks are those beyond a delay that nobody knows.
  const columns = { ...(await sessionColumns(folder)), dropsTold: false, clockErrorUs: new Map<string, number>() };
  const metrics = sessionMetrics(columns);
  const ended = { ...run, metrics };
  await writeResult(folder, ended);
  return ended;
}

const FLUSH_ROWS = 100_000;

/** Nobody told on which machines it was: numbers are none, and are stored as absent. */
export function unknownEnvironment(tool: string): Environment {
  const unknown = 'unknown';
  return {
    host: unknown,
    os: unknown,
    kernel: unknown,
    arch: unknown,
    cpu: {
      model: unknown,
      cores: NaN,
      features: [],
      governor: null,
      maxFrequency: null,
      microcode: null,
      hypervisor: false,
    },
    memory: NaN,
    container: { cpuQuota: null, memoryLimit: null },
    versions: { [tool]: unknown },
  };
}
