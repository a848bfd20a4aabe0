import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { FrameBatch, StepBatch } from '#core/recording';
import { UserError } from '#core/user-error';
import { runChild } from '#system/child-process';
import { readHeader, readSeries, readTable } from './read-recording.ts';
import { startRecording, type RecordingStart } from './recorder.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'recorder-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const newFolder = () => join(folder, String(++count));

const start: RecordingStart = {
  run: '019a3c2e-0000-7000-8000-000000000001',
  kind: 'encode',
  settings: { encoder: 'libx264', frames: [0, 191] },
  environment: TEST_ENVIRONMENT,
  agents: [{ name: 'local', role: 'guest', host: 'test' }],
  anchor: { monotonicUs: 5, utc: '2026-11-01T12:00:00.000Z' },
  absent: ['cgroup: /sys/fs/cgroup is read-only'],
  accounting: 'proc',
};

function frames(first: number, rows: number): FrameBatch {
  const number = Int32Array.from({ length: rows }, (_, i) => first + i);
  return {
    stream: 'video',
    timeBase: [1, 90_000],
    frame: number,
    sourceFrame: number.map((frame) => (frame % 2 === 0 ? frame * 2 : -1)),
    pts: Float64Array.from(number, (frame) => frame * 3003 - 6006),
    type: Uint8Array.from(number, (frame) => frame % 4),
    key: Uint8Array.from(number, (frame) => (frame % 4 === 1 ? 1 : 0)),
    bytes: number.map((frame) => frame * 10),
    quantizer: Float32Array.from(number, (frame) => (frame % 3 === 0 ? NaN : 20.5)),
  };
}

function steps(first: number, rows: number): StepBatch {
  const number = Int32Array.from({ length: rows }, (_, i) => first + i);
  return {
    stream: 'video',
    role: 'guest',
    frame: number,
    step: new Uint8Array(rows).fill(4),
    startUs: Float64Array.from(number, (frame) => 2 ** 52 + frame),
    durationUs: number.map((frame) => (frame === 0 ? -1 : frame)),
    busyUs: number.map((frame) => (frame === 1 ? -1 : 7)),
    outcome: Uint8Array.from(number, (frame) => (frame === 2 ? 1 : 0)),
  };
}

test('what was recorded comes back whole, exact and sorted, and what was not known is absent', async () => {
  const at = newFolder();
  const recorder = await startRecording(at, start);
  expect(await readHeader(at)).toMatchObject({ state: 'recording', owner: { pid: process.pid } });
  recorder.setIndicators([
    { name: 'cpu.busy', unit: '1', description: 'share' },
    { name: 'memory', unit: 'byte', description: 'used' },
  ]);
  recorder.addFrames(frames(2, 4));
  recorder.addFrames(frames(0, 2));
  recorder.addSteps(steps(0, 3));
  recorder.addSeries({
    agent: 'local',
    indicator: Uint16Array.of(1, 0, 1, 0),
    timeUs: Float64Array.of(200, 200, 100, 100.4),
    value: Float64Array.of(4e9, NaN, 3e9, 0.25),
  });
  await recorder.flush();
  recorder.addPhases([
    { phase: 'encode', startUs: 20, endUs: 90, cpuS: 1.5 },
    { phase: 'open', startUs: 10, endUs: 20, cpuS: null },
  ]);
  recorder.addMessages([{ timeUs: 15, source: 'operator', text: 'it\'s "sharp", isn\'t it?\nyes — ünïcödé' }]);
  recorder.addClocks([{ agent: 'local', timeUs: 1, offsetUs: -2, errorUs: 3 }]);
  const header = await recorder.finish('complete', { absent: ['quantizer: the encoder does not tell'] });

  expect(header.rows).toEqual({ series: 4, phases: 2, frames: 6, steps: 3, messages: 1, clocks: 1 });
  expect(header.absent).toEqual([...start.absent, 'quantizer: the encoder does not tell']);
  expect(await readHeader(at)).toEqual(header);
  expect(readdirSync(at).toSorted()).toEqual([
    'clocks.parquet',
    'frames.parquet',
    'messages.parquet',
    'phases.parquet',
    'recording.json',
    'series.parquet',
    'steps.parquet',
  ]);
  expect(await readTable(at, 'frames')).toEqual({
    run: Array(6).fill(start.run),
    stream: Array(6).fill('video'),
    frame: Float64Array.of(0, 1, 2, 3, 4, 5),
    source_frame: Float64Array.of(0, NaN, 4, NaN, 8, NaN),
    pts: Float64Array.of(-6006, -3003, 0, 3003, 6006, 9009),
    time_base_num: new Float64Array(6).fill(1),
    time_base_den: new Float64Array(6).fill(90_000),
    type: [null, 'I', 'P', 'B', null, 'I'],
    key: Float64Array.of(0, 1, 0, 0, 0, 1),
    bytes: Float64Array.of(0, 10, 20, 30, 40, 50),
    quantizer: Float64Array.of(NaN, 20.5, 20.5, NaN, 20.5, 20.5),
  });
  expect(await readTable(at, 'steps', { columns: ['start_us', 'duration_us', 'busy_us', 'step', 'outcome'] })).toEqual({
    step: ['encode', 'encode', 'encode'],
    start_us: Float64Array.of(2 ** 52, 2 ** 52 + 1, 2 ** 52 + 2),
    duration_us: Float64Array.of(NaN, 1, 2),
    busy_us: Float64Array.of(7, NaN, 7),
    outcome: ['ok', 'ok', 'dropped'],
  });
  const series = await readSeries(at);
  expect([...series.keys()]).toEqual(['cpu.busy', 'memory']);
  expect(series.get('cpu.busy')).toMatchObject({
    timeUs: Float64Array.of(100, 200),
    value: Float64Array.of(0.25, NaN),
  });
  expect(series.get('memory')).toMatchObject({ timeUs: Float64Array.of(100, 200), value: Float64Array.of(3e9, 4e9) });
  expect([...(await readSeries(at, { indicators: ['memory'] })).keys()]).toEqual(['memory']);
  expect((await readSeries(at, { agent: 'nobody' })).size).toBe(0);
  expect(await readTable(at, 'phases', { columns: ['phase', 'cpu_s'] })).toEqual({
    phase: ['open', 'encode'],
    cpu_s: Float64Array.of(NaN, 1.5),
  });
  expect((await readTable(at, 'messages')).text).toEqual(['it\'s "sharp", isn\'t it?\nyes — ünïcödé']);
  expect((await readTable(at, 'frames', { columns: ['frame'], limit: 2 })).frame).toEqual(Float64Array.of(0, 1));
});

test('a recording without rows is whole too, and its tables are empty', async () => {
  const at = newFolder();
  const recorder = await startRecording(at, start);
  expect((await recorder.finish('partial')).rows).toEqual({});
  expect(readdirSync(at)).toEqual(['recording.json']);
  expect(await readTable(at, 'steps', { columns: ['step', 'busy_us'] })).toEqual({
    step: [],
    busy_us: new Float64Array(),
  });
  expect((await readSeries(at)).size).toBe(0);
});

test('rows beyond one chunk of the database, in batches of odd sizes, are all there', async () => {
  const at = newFolder();
  const recorder = await startRecording(at, start);
  let rows = 0;
  for (const size of [1, 2047, 2048, 2049, 5000, 3, 7001]) {
    recorder.addFrames(frames(rows, size));
    rows += size;
  }
  await recorder.finish('complete');
  const { frame } = await readTable(at, 'frames', { columns: ['frame'] });
  expect(frame).toEqual(Float64Array.from({ length: rows }, (_, i) => i));
});

test('the arrays that were handed in may be used again at once', async () => {
  const at = newFolder();
  const recorder = await startRecording(at, { ...start, indicators: [{ name: 'x', unit: '1', description: '' }] });
  const timeUs = Float64Array.of(1);
  const value = Float64Array.of(1);
  for (let i = 1; i <= 3; i++) {
    timeUs[0] = i;
    value[0] = i * i;
    recorder.addSeries({ agent: 'local', indicator: new Uint16Array(1), timeUs, value });
  }
  await recorder.finish('complete');
  expect((await readSeries(at)).get('x')).toMatchObject({ value: Float64Array.of(1, 4, 9) });
});

test('rows reach the disk by themselves within a second', async () => {
  const recorder = await startRecording(newFolder(), start);
  recorder.addFrames(frames(0, 5));
  expect(recorder.waitingRows).toBe(5);
  await expect.poll(() => recorder.waitingRows, { timeout: 30_000 }).toBe(0);
  await recorder.finish('complete');
});

test('more rows than the bound are dropped, counted, and the recording says so', async () => {
  const recorder = await startRecording(newFolder(), start);
  recorder.addFrames(frames(0, 400_000));
  recorder.addFrames(frames(400_000, 200_000));
  const header = await recorder.finish('complete');
  expect(header.rows).toEqual({ frames: 400_000 });
  expect(header.absent).toContain('200000 rows: the disk did not take them in time');
});

test('a recording is never written over another, and an ended one takes no rows', async () => {
  const at = newFolder();
  const recorder = await startRecording(at, start);
  await expect(startRecording(at, start)).rejects.toThrow('there is a recording already');
  await recorder.finish('complete');
  await expect(startRecording(at, start)).rejects.toThrow(UserError);
  expect(() => recorder.addFrames(frames(0, 1))).toThrow('has ended already');
  await expect(recorder.finish('complete')).rejects.toThrow('has ended already');
});

test('a recording that has not ended, or is damaged, is an error for whoever reads it', async () => {
  const at = newFolder();
  await expect(readHeader(at)).rejects.toThrow('there is no recording here');
  const recorder = await startRecording(at, start);
  recorder.addFrames(frames(0, 10));
  await expect(readTable(at, 'frames')).rejects.toThrow('has not ended yet');
  await recorder.finish('complete');

  const parquet = join(at, 'frames.parquet');
  const bytes = readFileSync(parquet);
  writeFileSync(parquet, bytes.subarray(0, bytes.length - 20));
  await expect(readTable(at, 'frames')).rejects.toThrow(UserError);
  rmSync(parquet);
  await expect(readTable(at, 'frames')).rejects.toThrow('is missing');

  const header = join(at, 'recording.json');
  writeFileSync(header, '{"version": 99}');
  await expect(readHeader(at)).rejects.toThrow('made by a newer encodelab');
  writeFileSync(header, '{"version": 1, "sta');
  await expect(readHeader(at)).rejects.toThrow('it is no JSON');
});

test('a folder whose name means something to a database is read all the same', async () => {
  for (const name of ["o'brien", 'a[b]*', '**', 'per%20{a,b} \\ ünï #']) {
    const at = join(newFolder(), name);
    const recorder = await startRecording(at, start);
    recorder.addFrames(frames(0, 3));
    await recorder.finish('complete');
    expect((await readTable(at, 'frames')).bytes).toEqual(Float64Array.of(0, 10, 20));
  }
});

// A mount of its own, seen by the child alone, so that nothing is left behind. Wants the right to make one.
const mounts = (await runChild('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt'])).code === 0;

const FILL_DISK = `
  import { startRecording } from ${JSON.stringify(new URL('./recorder.ts', import.meta.url).href)};
  import { completeRecording } from ${JSON.stringify(new URL('./complete-recording.ts', import.meta.url).href)};
  import { rmSync, writeFileSync } from 'node:fs';
  const [at, start] = process.argv.slice(1);
  process.on('unhandledRejection', (error) => console.log('UNHANDLED', error));
  const tell = (error) => console.log(error.name, error.message.split('\\n')[0]);
  const recorder = await startRecording(at + '/recording', JSON.parse(start));
  const add = () => recorder.addMessages(Array.from({ length: 2000 }, (_, i) => ({ timeUs: i, source: 's', text: Math.random() + ' '.repeat(200) })));
  add();
  await recorder.flush();
  try { writeFileSync(at + '/filler', new Uint8Array(100e6)); } catch (error) { console.log(error.code); }
  for (let i = 0; i < 10; i++) { add(); await recorder.flush().catch(() => {}); }
  console.log(recorder.failure !== null, recorder.waitingRows);
  await recorder.finish('complete').catch(tell);
  await completeRecording(at + '/recording').catch(tell);
  rmSync(at + '/filler');
  const header = await completeRecording(at + '/recording');
  console.log(header.state, header.rows.messages >= 2000, header.rows.messages % 2000);`;

test.runIf(mounts)('a full disk is told at the end, and keeps what was there (wants the right to mount)', async () => {
  const at = mkdtempSync(join(folder, 'full-'));
  const script = 'mount -t tmpfs -o size=8M none "$1"; shift; exec "$@"';
  const node = [process.execPath, '--conditions=encodelab-source', '--disable-warning=ExperimentalWarning'];
  const args = [...node, '--input-type=module', '-e', FILL_DISK, at, JSON.stringify(start)];
  const result = await runChild('unshare', ['-rm', 'sh', '-c', script, 'sh', at, ...args]);
  expect(result.stderr).toBe('');
  expect(result.stdout.split('\n')).toEqual([
    'ENOSPC',
    'true 0',
    expect.stringMatching(/^UserError .*the recording can't be written: the disk is full/),
    expect.stringMatching(/^UserError .*the recording can't be completed: the disk is full/),
    'partial true 0',
    '',
  ]);
});

test('a folder in which DuckDB would lose its log is refused', async () => {
  const at = join(newFolder(), 'what?');
  await expect(startRecording(at, start)).rejects.toThrow('question mark');
  expect(existsSync(at)).toBe(false);
});

test('a place that can not be written is an error that names it', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await expect(startRecording(join(file, 'recording'), start)).rejects.toThrow(
    /a file stands where a folder is needed/,
  );
  await expect(startRecording('/proc/no-recording', start)).rejects.toThrow(UserError);
  expect(existsSync('/proc/no-recording')).toBe(false);
});

test('a recording of hours is finished within its small memory', async () => {
  const place = newFolder();
  const recorder = await startRecording(place, start);
  for (let first = 0; first < 240_000; first += 20_000) {
    recorder.addFrames(frames(first, 20_000));
    recorder.addSteps(steps(first, 20_000));
    recorder.addSteps(steps(first, 20_000));
    await recorder.flush();
  }
  expect(await recorder.finish('complete')).toMatchObject({
    state: 'complete',
    rows: { frames: 240_000, steps: 480_000 },
  });
});
