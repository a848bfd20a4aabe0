import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChild, type RunningChild } from '#system/child-process';
import { completeRecording } from './complete-recording.ts';
import { readHeader, readTable } from './read-recording.ts';
import { startRecording, type RecordingStart } from './recorder.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'complete-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const newFolder = () => join(folder, String(++count));

const start: RecordingStart = {
  run: '019a3c2e-0000-7000-8000-000000000001',
  kind: 'encode',
  settings: {},
  environment: TEST_ENVIRONMENT,
  agents: [{ name: 'local', role: 'guest', host: 'test' }],
  indicators: [{ name: 'x', unit: '1', description: '' }],
  anchor: { monotonicUs: 0, utc: '2026-11-01T12:00:00.000Z' },
  absent: [],
  accounting: 'none',
};

/**
 * Records a row every few milliseconds (time: when it was added, value: its number), and tells every row. `finish`
 * ends the recording after so many, and tells before and after.
 */
const RECORD = `
  import { startRecording } from ${JSON.stringify(new URL('./recorder.ts', import.meta.url).href)};
  import { setTimeout as sleep } from 'node:timers/promises';
  const [at, start, rows, finish] = process.argv.slice(1);
  const recorder = await startRecording(at, JSON.parse(start));
  console.log('started');
  for (let i = 0; i < Number(rows); i++) {
    const one = new Uint16Array(1);
    recorder.addSeries({ agent: 'local', indicator: one, timeUs: Float64Array.of(Date.now()), value: Float64Array.of(i) });
    recorder.addMessages([{ timeUs: i, source: 'test', text: String(Math.random()).repeat(20) }]);
    if (finish === 'slowly') await sleep(4);
  }
  if (finish === 'slowly') await new Promise(() => setInterval(() => {}, 1000));
  await recorder.flush();
  console.log('finishing');
  await recorder.finish('complete');
  console.log('finished');`;

interface Recording {
  readonly child: RunningChild;
  text(): string;
}

function record(at: string, rows: number, finish: 'slowly' | 'at once'): Recording {
  let text = '';
  const args = [
    '--conditions=encodelab-source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    RECORD,
  ];
  const child = startChild(process.execPath, [...args, at, JSON.stringify(start), String(rows), finish], {
    onStdout: (chunk) => (text += chunk.toString()),
  });
  return { child, text: () => text };
}

async function told(recording: Recording, what: string): Promise<void> {
  while (!recording.text().includes(what)) {
    if ((await Promise.race([recording.child.result, sleep(2)])) !== undefined) throw new Error('the recorder ended');
  }
}

async function kill({ child }: Recording): Promise<void> {
  child.kill();
  await child.result;
}

/** Rows are numbered from 0 without a gap, in each table alike: a flush is all or nothing. */
async function expectWholeRows(at: string): Promise<number> {
  const header = await readHeader(at);
  const rows = header.rows.series ?? 0;
  expect(header.rows.messages ?? 0).toBe(rows);
  const { value } = await readTable(at, 'series', { columns: ['value'] });
  expect(value).toEqual(Float64Array.from({ length: rows }, (_, i) => i));
  const messages = await readTable(at, 'messages', { columns: ['time_us'] });
  expect(messages.time_us).toEqual(value);
  expect(readdirSync(at).filter((name) => name.startsWith('live') || name.includes('unfinished'))).toEqual([]);
  return rows;
}

test('after SIGKILL at any moment everything older than a second is there', async () => {
  const latenessMs: number[] = [];
  const killOne = async () => {
    const at = newFolder();
    const recording = record(at, 1e6, 'slowly');
    await told(recording, 'started');
    await sleep(Math.random() * 2000);
    const killedAt = Date.now();
    await kill(recording);
    expect((await completeRecording(at)).state).toBe('partial');
    const rows = await expectWholeRows(at);
    if (rows === 0) return;
    // The next row came at most a few milliseconds after the last that was kept.
    const { time_us: addedAt } = await readTable(at, 'series', { columns: ['time_us'] });
    latenessMs.push(killedAt - addedAt.at(-1)!);
  };
  for (let round = 0; round < 2; round++) await Promise.all([killOne(), killOne(), killOne(), killOne()]);
  // Now and then one of them has to wait for its turn on a machine that has much else to do.
  expect(latenessMs.toSorted((a, b) => a - b)[latenessMs.length >> 1]).toBeLessThan(1_500);
});

test('killed while the tables are written, no half of one is taken for whole, and all rows are kept', async () => {
  const states = new Set<string>();
  const killOne = async (delayMs: number) => {
    const at = newFolder();
    const recording = record(at, 10_000, 'at once');
    await told(recording, 'finishing');
    await sleep(delayMs);
    await kill(recording);
    states.add((await readHeader(at)).state);
    const header = await completeRecording(at);
    expect(header.rows).toEqual({ series: 10_000, messages: 10_000 });
    await expectWholeRows(at);
    expect(await completeRecording(at)).toEqual(header);
  };
  for (let round = 0; round < 5; round++) await killOne(round * 20 * Math.random());
  expect(states).toContain('recording');
});

/** A recording whose process was killed, with 50 rows on disk. */
async function killedRecording(): Promise<string> {
  const at = newFolder();
  const recording = record(at, 50, 'slowly');
  await told(recording, 'started');
  await sleep(1_400);
  await kill(recording);
  return at;
}

let killed = '';
beforeAll(async () => {
  killed = await killedRecording();
});

function copyOfKilled(): string {
  const at = newFolder();
  cpSync(killed, at, { recursive: true });
  return at;
}

test('an unfinished Parquet file of a process that died is replaced, never read', async () => {
  const at = copyOfKilled();
  writeFileSync(join(at, 'series.parquet.unfinished'), 'PAR1 half');
  writeFileSync(join(at, 'series.parquet'), 'PAR1 of an older attempt');
  expect((await completeRecording(at)).rows).toEqual({ series: 50, messages: 50 });
  await expectWholeRows(at);
});

test('a log that is torn at any byte costs the torn flush at most, and nothing is thrown away', async () => {
  const size = readFileSync(join(killed, 'live.duckdb.wal')).length;
  for (const share of [0, 0.1, 0.35, 0.6, 0.85, 0.999]) {
    const at = copyOfKilled();
    truncateSync(join(at, 'live.duckdb.wal'), Math.floor(size * share));
    const header = await completeRecording(at);
    expect(header.state).toBe('partial');
    expect(header.rows.series ?? 0).toBe(header.rows.messages ?? 0);
    const kept = readdirSync(at).some((name) => name.endsWith('.unreadable'));
    expect(kept).toBe(header.absent.some((line) => line.includes("can't be read")));
  }
});

test('flipped bytes in the log never come back as rows', async () => {
  const size = readFileSync(join(killed, 'live.duckdb.wal')).length;
  for (const share of [0.3, 0.6, 0.9]) {
    const at = copyOfKilled();
    const wal = join(at, 'live.duckdb.wal');
    const bytes = readFileSync(wal);
    bytes.fill(0x5a, Math.floor(size * share), Math.floor(size * share) + 16);
    writeFileSync(wal, bytes);
    const header = await completeRecording(at);
    expect(header.state).toBe('partial');
    const { value } = await readTable(at, 'series', { columns: ['value'] });
    expect(value).toEqual(Float64Array.from({ length: value.length }, (_, i) => i));
  }
});

test('with a damaged live file the tables that are whole are kept, a broken one is named, and the file stays', async () => {
  const whole = copyOfKilled();
  await completeRecording(whole);
  const at = copyOfKilled();
  writeFileSync(join(at, 'live.duckdb'), 'no database');
  copyFileSync(join(whole, 'series.parquet'), join(at, 'series.parquet'));
  writeFileSync(join(at, 'messages.parquet'), 'PAR1 half');
  const header = await completeRecording(at);
  expect(header.rows).toEqual({ series: 50 });
  expect(header.absent.join('\n')).toMatch(/live\.duckdb\.unreadable[^]*messages: its Parquet file is damaged/);
  expect(readFileSync(join(at, 'live.duckdb.unreadable'), 'utf8')).toBe('no database');
  expect((await readTable(at, 'series', { columns: ['value'] })).value).toHaveLength(50);
  expect(await completeRecording(at)).toEqual(header);
});

test('without a live file there is nothing to rescue, and the recording says so', async () => {
  const at = copyOfKilled();
  rmSync(join(at, 'live.duckdb'));
  rmSync(join(at, 'live.duckdb.wal'));
  const header = await completeRecording(at);
  expect(header).toMatchObject({ state: 'partial', rows: {} });
  expect(header.absent).toHaveLength(1);
});

test('a recording of a living process is left alone', async () => {
  const at = newFolder();
  const recorder = await startRecording(at, start);
  await expect(completeRecording(at)).rejects.toThrow(`still being written by process ${process.pid}`);
  const header = await recorder.finish('complete');
  expect(await completeRecording(at)).toEqual(header);

  const other = newFolder();
  const recording = record(other, 10, 'slowly');
  await told(recording, 'started');
  await expect(completeRecording(other)).rejects.toThrow('still being written by process');
  await kill(recording);
  expect((await completeRecording(other)).state).toBe('partial');
});
