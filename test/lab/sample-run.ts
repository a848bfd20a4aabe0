// What tests write into a lab: a run that began, and how its recording begins.

import type { Environment } from '#core/environment';
import type { RunRecord } from '#core/run';
import type { Lab } from '#lab/lab';
import type { RecordingStart } from '#recording/recorder';
import { newId } from '#system/clock';

export const TEST_ENVIRONMENT: Environment = {
  host: 'test',
  os: 'Linux',
  kernel: '6',
  arch: 'x64',
  cpu: {
    model: 'test',
    cores: 2,
    features: [],
    governor: null,
    maxFrequency: null,
    microcode: null,
    hypervisor: true,
  },
  memory: 1e9,
  container: { cpuQuota: null, memoryLimit: null },
  versions: {},
};

/** A run by hand that has just begun. */
export function sampleRun(lab: Pick<Lab, 'recordingPath'>, fields: Partial<RunRecord> = {}): RunRecord {
  const id = fields.id ?? newId();
  return {
    id,
    kind: 'encode',
    benchmark: null,
    cell: null,
    repeat: 1,
    settings: {},
    labels: [],
    sameKey: id,
    outcome: null,
    reason: null,
    interrupted: false,
    startedAt: new Date().toISOString(),
    durationS: null,
    metrics: {},
    recording: lab.recordingPath(id),
    ...fields,
  };
}

/** The beginning of its recording. */
export function sampleRecording(run: Pick<RunRecord, 'id' | 'kind' | 'settings'>): RecordingStart {
  return {
    run: run.id,
    kind: run.kind,
    settings: run.settings,
    environment: TEST_ENVIRONMENT,
    agents: [{ name: 'local', role: 'guest', host: 'test' }],
    anchor: { monotonicUs: 0, utc: '2026-11-01T12:00:00.000Z' },
    absent: [],
    accounting: 'proc',
  };
}
