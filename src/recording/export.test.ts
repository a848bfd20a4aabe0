import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STEPS, type Step } from '#core/recording';
import { UserError } from '#core/user-error';
import { exportTable, type ExportedRun } from './export.ts';
import { withReader } from './reader.ts';
import { startRecording, type RecordingStart } from './recorder.ts';
import { quoteText } from './sql-text.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';
import { recordStock } from '../../test/lab/sample-spice.ts';

const folder = mkdtempSync(join(tmpdir(), "export o'[x]-"));
afterAll(() => rmSync(folder, { recursive: true }));

const start: RecordingStart = {
  run: 'run-1',
  kind: 'encode',
  settings: {},
  environment: TEST_ENVIRONMENT,
  agents: [{ name: 'local', role: 'guest', host: 'test' }],
  anchor: { monotonicUs: 0, utc: '2026-11-01T12:00:00.000Z' },
  absent: [],
  accounting: 'none',
};

const busy = { name: 'cpu.busy', unit: '1', description: '' };
const memory = { name: 'memory', unit: 'byte', description: '' };

interface Made {
  readonly run: string;
  readonly indicators: RecordingStart['indicators'];
  readonly frames: number;
  /** Step, frame, start, duration, busy, outcome. */
  readonly steps: readonly (readonly [Step, number, number, number, number, number])[];
}

async function make({ run, indicators, frames, steps }: Made): Promise<ExportedRun> {
  const at = join(folder, run);
  const recorder = await startRecording(at, { ...start, run, indicators: indicators ?? [] });
  const numbers = Int32Array.from({ length: frames }, (_, i) => i);
  recorder.addFrames({
    stream: 'video',
    timeBase: [1, 24],
    frame: numbers,
    sourceFrame: numbers,
    pts: Float64Array.from(numbers),
    type: Uint8Array.from(numbers, (frame) => (frame === 0 ? 1 : 2)),
    key: Uint8Array.from(numbers, (frame) => (frame === 0 ? 1 : 0)),
    bytes: numbers.map((frame) => 1000 - frame),
    quantizer: Float32Array.from(numbers, (frame) => (frame === 1 ? NaN : 24.5)),
  });
  recorder.addSteps({
    stream: 'video',
    role: 'guest',
    step: Uint8Array.from(steps, ([step]) => STEPS.indexOf(step)),
    frame: Int32Array.from(steps, ([, frame]) => frame),
    startUs: Float64Array.from(steps, ([, , startUs]) => startUs),
    durationUs: Int32Array.from(steps, ([, , , durationUs]) => durationUs),
    busyUs: Int32Array.from(steps, ([, , , , busyUs]) => busyUs),
    outcome: Uint8Array.from(steps, ([, , , , , outcome]) => outcome),
  });
  recorder.addSeries({
    agent: 'local',
    indicator: Uint16Array.of(0, 1),
    timeUs: Float64Array.of(100, 100),
    value: Float64Array.of(0.5, 4096),
  });
  await recorder.finish('complete');
  return { run, folder: at };
}

let one: ExportedRun;
let two: ExportedRun;
let empty: ExportedRun;
beforeAll(async () => {
  one = await make({
    run: 'run-1',
    indicators: [busy, memory],
    frames: 2,
    steps: [
      ['decode', 0, 10, 5, 5, 0],
      ['encode', 0, 20, 300, 40, 0],
      ['decode', 1, 30, 5, 6, 0],
      ['encode', 1, 40, -1, 41, 0],
    ],
  });
  // Here frame 1 was captured and dropped, and the indicators have another order.
  two = await make({
    run: 'run-2',
    indicators: [memory, busy],
    frames: 1,
    steps: [
      ['capture', 0, 1, 2, 2, 0],
      ['encode', 0, 5, 9, 9, 0],
      ['capture', 1, 50, 2, 2, 1],
    ],
  });
  empty = { run: 'run-3', folder: join(folder, 'run-3') };
  await (await startRecording(empty.folder, { ...start, run: 'run-3' })).finish('complete');
});

test('the frame journey has one row for each frame, with the times of its steps and nothing for what is not known', async () => {
  const to = join(folder, 'journey.csv');
  expect(await exportTable([one], 'frames', 'csv', to)).toBe(2);
  expect(readFileSync(to, 'utf8').trim().split('\n')).toEqual([
    'run,stream,frame,source_frame,pts,time_base_num,time_base_den,type,key,bytes,quantizer,role,outcome,' +
      'decode_start_us,decode_duration_us,decode_busy_us,scale_start_us,scale_duration_us,scale_busy_us,' +
      'encode_start_us,encode_duration_us,encode_busy_us',
    'run-1,video,0,0,0,1,24,I,true,1000,24.5,guest,ok,10,5,5,,,,20,300,40',
    'run-1,video,1,1,1,1,24,P,false,999,,guest,ok,30,5,6,,,,40,,41',
  ]);
});

test('a journey over machines has a row for each role, and tells when the frame was captured on the reference clock', async () => {
  const at = join(folder, 'stream');
  const recorder = await startRecording(at, {
    ...start,
    run: 'stream',
    kind: 'stream',
    agents: [
      { name: 'laptop', role: 'client', host: 'b' },
      { name: 'guest', role: 'guest', host: 'a' },
    ],
  });
  // The guest's clock runs away from the reference by 1 µs in 10; the client's is 1,000 behind. The relay is the guest's.
  recorder.addClocks([
    { agent: 'guest', timeUs: 1000, offsetUs: 500, errorUs: 3 },
    // Nobody would believe this one.
    { agent: 'guest', timeUs: 1400, offsetUs: -7000, errorUs: 8000 },
    { agent: 'guest', timeUs: 2000, offsetUs: 600, errorUs: 4 },
    { agent: 'laptop', timeUs: 0, offsetUs: -1000, errorUs: 7 },
  ]);
  const step = (role: string, name: Step, frame: number, startUs: number, outcome = 0) =>
    recorder.addSteps({
      stream: 'video',
      role,
      step: Uint8Array.of(STEPS.indexOf(name)),
      frame: Int32Array.of(frame),
      startUs: Float64Array.of(startUs),
      durationUs: Int32Array.of(9),
      busyUs: Int32Array.of(-1),
      outcome: Uint8Array.of(outcome),
    });
  recorder.addFrames({
    stream: 'video',
    timeBase: [1, 1_000_000],
    frame: Int32Array.of(0),
    sourceFrame: Int32Array.of(-1),
    pts: Float64Array.of(900),
    type: Uint8Array.of(1),
    key: Uint8Array.of(1),
    bytes: Int32Array.of(77),
    quantizer: Float32Array.of(NaN),
  });
  step('client', 'present', 0, 100);
  step('server', 'send', 0, 2500);
  step('guest', 'encode', 0, 950);
  step('guest', 'capture', 0, 900);
  step('guest', 'capture', 1, 1500, 3);
  await recorder.finish('complete');
  const to = join(folder, 'stream.csv');
  await exportTable([{ run: 'stream', folder: at }], 'frames', 'csv', to);
  const [head, ...rows] = readFileSync(to, 'utf8').trim().split('\n');
  const wanted = ['frame', 'bytes', 'role', 'outcome', 'capture_start_us', 'encode_start_us', 'send_start_us'];
  wanted.push('present_start_us', 'capture_us', 'clock_offset_us', 'clock_error_us');
  const columns = wanted.map((name) => head!.split(',').indexOf(name));
  expect(rows.map((row) => columns.map((column) => row.split(',')[column]).join(' '))).toEqual([
    '0 77 guest ok 900 950   400 500 3',
    '0 77 server ok   2500  400 600 4',
    '0 77 client ok    100 400 -1000 7',
    '1  guest late 1500    950 550 4',
  ]);
  // Beside an encode everything has its row still.
  expect(await exportTable([one, { run: 'stream', folder: at }], 'frames', 'csv', to)).toBe(6);
});

test("frames of a stock SPICE server have no time of capture, and the guest's clock is nobody's", async () => {
  const at = join(folder, 'stock');
  await recordStock(at, { hasLogs: true });
  const to = join(folder, 'stock.json');
  // Beside a session whose guest captured, each has its own clocks.
  await exportTable(
    [
      { run: 'stock', folder: at },
      { run: 'stream', folder: join(folder, 'stream') },
    ],
    'frames',
    'json',
    to,
  );
  const rows = JSON.parse(readFileSync(to, 'utf8')) as Record<string, number | string | null>[];
  const stock = rows.filter(({ run }) => run === 'stock');
  expect(stock.map(({ frame, role, capture_us }) => [frame, role, capture_us])).toEqual(
    [0, 1, 2, 3].flatMap((frame) => [[frame, 'server', null], ...(frame < 3 ? [[frame, 'client', null]] : [])]),
  );
  expect(stock[0]).toMatchObject({ send_start_us: 1_000_000, encode_start_us: 991_000, clock_offset_us: 1_000_000 });
  expect(rows.find(({ run, role }) => run === 'stream' && role === 'client')).toMatchObject({ capture_us: 400 });
});

test('a long journey is joined piece by piece, and no row is lost, doubled or out of order', async () => {
  const at = join(folder, 'long');
  const recorder = await startRecording(at, { ...start, run: 'long', kind: 'stream' });
  recorder.addClocks([{ agent: 'local', timeUs: 0, offsetUs: 0, errorUs: 1 }]);
  for (const [stream, count] of [
    ['video', 24_000],
    ['video 2', 1000],
  ] as const) {
    const frame = Int32Array.from({ length: count }, (_, i) => i + 7);
    for (const [role, step] of [
      ['guest', 'capture'],
      ['guest', 'encode'],
      ['client', 'present'],
    ] as const)
      recorder.addSteps({
        stream,
        role,
        frame,
        step: new Uint8Array(count).fill(STEPS.indexOf(step)),
        startUs: Float64Array.from(frame),
        durationUs: new Int32Array(count),
        busyUs: new Int32Array(count),
        outcome: new Uint8Array(count),
      });
  }
  await recorder.finish('complete');
  const to = join(folder, 'long.parquet');
  expect(await exportTable([one, { run: 'long', folder: at }], 'frames', 'parquet', to)).toBe(2 + 50_000);
  await withReader(async (connection) => {
    const result = await connection.run(
      `WITH rows AS (SELECT *, row_number() OVER () AS place FROM read_parquet([${quoteText(to.replace('[', '[[]'))}])),
        long AS (SELECT * FROM rows WHERE run = 'long')
       SELECT CAST(count(DISTINCT (stream, frame, role)) AS INTEGER), CAST(min(place) AS INTEGER),
         CAST(count(*) FILTER (capture_us = frame AND coalesce(encode_start_us, present_start_us) = frame) AS INTEGER),
         (SELECT bool_and(sorted) FROM (SELECT (stream, frame, length(role)) >
           lag((stream, frame, length(role))) OVER (ORDER BY place) AS sorted FROM long))
       FROM long`,
    );
    // The client comes after the guest, and has the longer name.
    expect((await result.getRows())[0]).toEqual([50_000, 3, 50_000, true]);
  });
});

test('many runs follow one another as they were named, and a dropped frame has its steps all the same', async () => {
  const to = new PassThrough();
  const [rows, json] = await Promise.all([
    exportTable([two, empty, one], 'frames', 'json', to).finally(() => to.end()),
    text(to),
  ]);
  expect(rows).toBe(4);
  const frames = JSON.parse(json) as Record<string, unknown>[];
  expect(frames.map(({ run, frame }) => [run, frame])).toEqual([
    ['run-2', 0],
    ['run-2', 1],
    ['run-1', 0],
    ['run-1', 1],
  ]);
  expect(frames[1]).toMatchObject({ bytes: null, outcome: 'dropped', capture_start_us: 50, encode_start_us: null });
  expect(frames[2]).toMatchObject({ capture_start_us: null, encode_busy_us: 40 });
  // One object a line, so that a line-by-line reader has an easy life too.
  expect(json.trim().split('\n')).toHaveLength(6);
});

test('series go by the names of their indicators, whatever their position was in each recording', async () => {
  const to = join(folder, 'series.csv');
  await exportTable([one, two], 'series', 'csv', to);
  expect(readFileSync(to, 'utf8').trim().split('\n')).toEqual([
    'run,agent,indicator,unit,time_us,value',
    'run-1,local,cpu.busy,1,100,0.5',
    'run-1,local,memory,byte,100,4096.0',
    'run-2,local,memory,byte,100,0.5',
    'run-2,local,cpu.busy,1,100,4096.0',
  ]);
});

test('Parquet says the same as CSV', async () => {
  const to = join(folder, 'frames.parquet');
  const csv = join(folder, 'frames.csv');
  await exportTable([one, two], 'frames', 'parquet', to);
  await withReader(async (connection) => {
    await connection.run(
      `COPY (FROM read_parquet([${quoteText(to.replace('[', '[[]'))}])) TO ${quoteText(csv)} (HEADER)`,
    );
  });
  const direct = join(folder, 'direct.csv');
  await exportTable([one, two], 'frames', 'csv', direct);
  expect(readFileSync(csv, 'utf8')).toBe(readFileSync(direct, 'utf8'));
});

test('without rows there is a header and no more, and JSON is an empty array', async () => {
  const to = join(folder, 'empty');
  expect(await exportTable([empty], 'phases', 'csv', to)).toBe(0);
  expect(readFileSync(to, 'utf8')).toBe('run,phase,start_us,end_us,cpu_s\n');
  await exportTable([empty], 'frames', 'json', to);
  expect(JSON.parse(readFileSync(to, 'utf8'))).toEqual([]);
  await exportTable([], 'series', 'csv', to);
  expect(readFileSync(to, 'utf8')).toBe('run,agent,indicator,unit,time_us,value\n');
});

test('a file that is there is replaced whole, a link is followed, a device is written to, and nothing is left beside', async () => {
  const out = mkdtempSync(join(folder, 'out-'));
  const file = join(out, "it's; DROP TABLE frames --.csv");
  writeFileSync(file, 'old');
  symlinkSync(file, join(out, 'link'));
  await exportTable([one], 'steps', 'csv', join(out, 'link'));
  expect(readFileSync(file, 'utf8')).toMatch(/^run,stream,frame,step,/);
  await exportTable([one], 'steps', 'csv', '/dev/null');
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  expect(readdirSync(out)).toHaveLength(2);
});

test('a pipe gets the export', async () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const [, written] = await Promise.all([
    exportTable([one], 'frames', 'csv', fifo),
    import('node:fs/promises').then(({ readFile }) => readFile(fifo, 'utf8')),
  ]);
  expect(written.split('\n')).toHaveLength(4);
});

test('a stream that breaks is an error, and no temporary file stays behind', async () => {
  const broken = (error: Error) => new Writable({ write: (_, __, done) => done(error) });
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = temporary;
  try {
    const gone = new PassThrough();
    gone.destroy();
    await expect(exportTable([one], 'frames', 'csv', gone)).rejects.toMatchObject({ code: 'EPIPE' });
    const epipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    await expect(exportTable([one], 'frames', 'csv', broken(epipe))).rejects.toMatchObject({ code: 'EPIPE' });
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    await expect(exportTable([one], 'frames', 'csv', broken(full))).rejects.toThrow(/^the output: .*the disk is full/);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
  expect(readdirSync(temporary)).toEqual([]);
});

test('a run that is named twice is written once', async () => {
  const to = join(folder, 'twice.csv');
  expect(await exportTable([one, two, { ...one, folder: `${one.folder}/` }], 'frames', 'csv', to)).toBe(4);
});

test.each(['cut off', 'overwritten in its middle'])('a table that was %s is named by the error', async (damage) => {
  const made = await make({ run: `damaged ${damage}`, indicators: [busy, memory], frames: 20_000, steps: [] });
  const path = join(made.folder, 'frames.parquet');
  const bytes = readFileSync(path);
  if (damage === 'cut off') writeFileSync(path, bytes.subarray(0, bytes.length / 2));
  else writeFileSync(path, bytes.fill(0xa5, 200, bytes.length / 2));
  const out = mkdtempSync(join(folder, 'damaged-'));
  const error = await exportTable([one, made], 'frames', 'csv', join(out, 'to.csv')).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).problems).toMatchObject([{ what: expect.stringContaining('damaged'), where: path }]);
  expect(readdirSync(out)).toEqual([]);
  expect(await exportTable([one, made], 'series', 'csv', join(out, 'to.csv'))).toBe(4);
});

test('what can not be written or read is an error that names it', async () => {
  await expect(exportTable([one], 'frames', 'csv', join(folder, 'no/such/folder.csv'))).rejects.toThrow(UserError);
  await expect(exportTable([one], 'frames', 'csv', folder)).rejects.toThrow(/a folder stands where a file is needed/);
  await expect(exportTable([one], 'frames', 'csv', '/dev/full')).rejects.toThrow(/the disk is full/);
  await expect(exportTable([{ run: 'x', folder: join(folder, 'none') }], 'frames', 'csv', '/dev/null')).rejects.toThrow(
    /there is no recording here/,
  );
});
