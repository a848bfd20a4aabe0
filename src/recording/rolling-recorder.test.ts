import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FrameBatch } from '#core/recording';
import type { RunRecord } from '#core/run';
import { newId } from '#system/clock';
import { cutSlice } from './cut-slice.ts';
import { readHeader, readSeries, readTable } from './read-recording.ts';
import { RollingRecorder, type RollingStart } from './rolling-recorder.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'encodelab-test-'));

function start(root: string, more: Partial<RollingStart> = {}): RollingStart {
  return {
    root,
    environment: TEST_ENVIRONMENT,
    agent: { name: 'worker', role: 'worker', host: 'host' },
    indicators: [{ name: 'cpu.busy', unit: '1', description: 'busy' }],
    ...more,
  };
}

function frames(count: number, bytes: number): FrameBatch {
  const numbers = Int32Array.from({ length: count }, (_, i) => i);
  return {
    stream: 'video',
    timeBase: [1, 24],
    frame: numbers,
    sourceFrame: numbers,
    pts: Float64Array.from(numbers),
    type: new Uint8Array(count).fill(1),
    key: new Uint8Array(count),
    bytes: new Int32Array(count).fill(bytes),
    quantizer: new Float32Array(count).fill(20),
  };
}

function record(id: string): RunRecord {
  return {
    id,
    kind: 'encode',
    benchmark: null,
    cell: `item ${id}`,
    repeat: 1,
    settings: { encoder: 'libx264' },
    labels: [],
    sameKey: 'key',
    outcome: 'ok',
    reason: null,
    interrupted: false,
    startedAt: new Date().toISOString(),
    durationS: 1,
    metrics: {},
    recording: null,
  };
}

test('runs of one worker lie in one recording, and each can be cut out with its rows and the host of its time', async () => {
  const root = folder();
  const rolling = new RollingRecorder(start(root));
  const [one, two] = [newId(), newId()];
  const first = await rolling.begin(one);
  const second = await rolling.begin(two);
  rolling.addSeries({
    agent: 'worker',
    indicator: new Uint16Array(4),
    timeUs: Float64Array.of(1e6, 2e6, 3e6, 4e6),
    value: Float64Array.of(0.1, 0.2, 0.3, 0.4),
  });
  first.addFrames(frames(10, 100));
  second.addFrames(frames(20, 200));
  first.addPhase({ phase: 'encode', startUs: 1.5e6, endUs: 2.5e6, cpuS: 1 });
  second.addPhase({ phase: 'encode', startUs: 2.5e6, endUs: 4.5e6, cpuS: 2 });
  first.end({ record: record(one), startUs: 1.5e6, endUs: 2.5e6 });
  second.end({ record: record(two), startUs: 2.5e6, endUs: 4.5e6 });
  expect(first.recording).toBe(second.recording);
  const slices = folder();
  // Its owner still writes.
  await expect(cutSlice(join(root, first.recording), record(one), join(slices, one))).rejects.toThrow('still records');
  await rolling.close();
  expect(readdirSync(root)).toEqual([first.recording]);
  for (const [id, count, bytes, values] of [
    [one, 10, 100, [0.2]],
    [two, 20, 200, [0.3, 0.4]],
  ] as const) {
    const to = join(slices, id);
    await cutSlice(join(root, first.recording), record(id), to);
    const table = await readTable(to, 'frames', { columns: ['frame', 'bytes'] });
    expect([...table.frame]).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(new Set(table.bytes)).toEqual(new Set([bytes]));
    expect([...(await readSeries(to)).get('cpu.busy')!.value]).toEqual(values);
    expect(await readHeader(to)).toMatchObject({ run: id, state: 'complete', settings: { encoder: 'libx264' } });
  }
});

test('a recording is cut when it has enough rows, and ends when the last of its runs has', async () => {
  const root = folder();
  const rolling = new RollingRecorder(start(root, { maxRows: 15 }));
  const ids = [newId(), newId(), newId()];
  const first = await rolling.begin(ids[0]!);
  first.addFrames(frames(20, 1));
  const second = await rolling.begin(ids[1]!);
  expect(second.recording).not.toBe(first.recording);
  expect((await readHeader(join(root, first.recording))).state).toBe('recording');
  first.addFrames(frames(5, 1));
  first.end({ record: record(ids[0]!), startUs: 1, endUs: 2 });
  const third = await rolling.begin(ids[2]!);
  expect(third.recording).toBe(second.recording);
  expect((await readHeader(join(root, first.recording))).rows).toMatchObject({ frames: 25, runs: 1 });
  second.end(null);
  third.end({ record: record(ids[2]!), startUs: 1, endUs: 2 });
  await rolling.close();
  expect((await readHeader(join(root, second.recording))).rows).toMatchObject({ runs: 1 });
});
