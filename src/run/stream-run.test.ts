import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openLab } from '#lab/lab';
import { recoverInterruptedRuns } from '#lab/recover';
import { readHeader, readSeries, readTable } from '#recording/read-recording';
import { readStreamState, writeStreamState, type StreamState } from '#recording/stream-state';
import { startChild, type ChildResult } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { recordedMetrics } from './recorded-metrics.ts';
import { resumeStreamRuns } from './stream-resume.ts';
import { startStreamRun, type StreamRunStart } from './stream-run.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';
import { CLIENT, frameRows, GUEST, seriesRows, stepBatch, STREAM_IDENTITY } from '../../test/lab/sample-stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'stream-run-'));
const lab = await openLab(folder);
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

const start = (change: Partial<StreamRunStart> = {}): StreamRunStart => ({
  lab,
  identity: STREAM_IDENTITY,
  environment: TEST_ENVIRONMENT,
  agents: [GUEST, CLIENT],
  endUs: null,
  absent: [],
  memo: null,
  flushAfterMs: 20,
  ...change,
});
const NOTHING = { series: [], frames: [], steps: [] };
const OK = { outcome: 'ok', reason: null, interrupted: false } as const;

test('batches of agents with lists and clocks of their own become one run with metrics', async () => {
  const run = await startStreamRun(start());
  const committed: string[] = [];
  run.onCommitted((agent, instance, number) => committed.push(`${agent} ${instance} ${number}`));
  const nowUs = monotonicUs();
  // The guest's clock is 5 s ahead, the client's 3 s behind.
  run.addClocks([
    { agent: 'guest', timeUs: nowUs + 5e6, offsetUs: 5e6, errorUs: 100 },
    { agent: 'client', timeUs: nowUs - 3e6, offsetUs: -3e6, errorUs: 150 },
  ]);
  await run.window({ stream: 'video', first: 10, last: null });
  await run.span({ fromUs: nowUs });
  for (let frame = 8; frame < 14; frame++) {
    const captureUs = nowUs + 5e6 + (frame - 10) * 20_000;
    const steps = [stepBatch('guest', [{ step: 'capture', frame, startUs: captureUs }])];
    const rows = { series: seriesRows('guest', captureUs, [1, 0.5]), frames: frameRows(frame, captureUs), steps };
    expect(run.add('guest', 'g', frame, rows)).toBe('waiting');
    const present = [{ step: 'present' as const, frame, startUs: captureUs - 8e6 + 30_000 }];
    const shown = {
      ...NOTHING,
      series: seriesRows('client', captureUs - 8e6, [0.25, 2]),
      steps: [stepBatch('client', present)],
    };
    expect(run.add('client', 'c', frame, shown)).toBe('waiting');
  }
  expect(run.add('client', 'c', 13, NOTHING)).toBe('waiting');
  await expect.poll(() => committed).toEqual(expect.arrayContaining(['guest g 13', 'client c 13']));
  expect(run.knownBatch('guest', 'g')).toBe(13);
  expect(run.knownBatch('guest', 'another')).toBeNull();
  expect(run.add('guest', 'g', 12, { ...NOTHING, frames: frameRows(12, nowUs) })).toBe('committed');
  await run.window({ stream: 'video', first: 10, last: 12 });
  await run.span({ toUs: nowUs + 60_000 });
  const ended = await run.end({ ...OK, actual: { preset: 'fast' } });

  expect(ended).toMatchObject({ kind: 'stream', outcome: 'ok', durationS: 0.06 });
  expect(await lab.catalogue.run(run.run.id)).toEqual(ended);
  const header = await readHeader(run.folder);
  expect(header).toMatchObject({ state: 'complete', actual: { preset: 'fast' }, result: ended });
  expect(header.rows).toEqual({ series: 16, frames: 3, steps: 6, phases: 1, clocks: 2 });
  expect(header.indicators.map(({ name }) => name)).toEqual(['cpu.busy', 'sender.cpu', 'receiver.cpu']);
  expect((await readTable(run.folder, 'frames')).frame).toEqual(Float64Array.of(10, 11, 12));
  const client = await readSeries(run.folder, { agent: 'client' });
  expect(client.get('cpu.busy')!.value).toEqual(Float64Array.of(2, 2, 2, 2));
  expect(client.get('receiver.cpu')!.value[0]).toBe(0.25);
  expect(ended.metrics).toMatchObject({
    'stream.rate requested': { value: 50 },
    'stream.rate presented': { value: 50 },
    'stream.drops': { value: 0 },
    'latency p50': { value: 31 },
    'latency.error': { value: 0.25 },
    'guest.sender.cpu': { value: 0.5 },
    // The client's machine is another.
    'host.others': { value: 0.5 },
    'stream.time': { value: 0.06 },
    'client.cpu.busy': { value: 2 },
  });
  // A long one's are computed in a process of its own.
  expect(await recordedMetrics(run.folder, 0)).toEqual({ metrics: ended.metrics, problem: null });
  expect(readdirSync(run.folder).toSorted()).toEqual([
    'clocks.parquet',
    'frames.parquet',
    'phases.parquet',
    'recording.json',
    'series.parquet',
    'steps.parquet',
  ]);
});

test('a batch that there is no room for is not taken and not acknowledged, and comes again', async () => {
  const rows = 60;
  const run = await startStreamRun(start({ maxWaitingRows: 500 }));
  const committed: number[] = [];
  run.onCommitted((_agent, _instance, number) => committed.push(number));
  const batch = (number: number) => ({
    ...NOTHING,
    series: [
      {
        agent: 'guest',
        indicator: new Uint16Array(rows),
        timeUs: Float64Array.from({ length: rows }, (_, i) => number * rows + i),
        value: new Float64Array(rows),
      },
    ],
  });
  // The disk gets no chance in between: as if it hung.
  const fates = Array.from({ length: 9 }, (_, i) => run.add('guest', 'g', i + 1, batch(i + 1)));
  expect(fates).toEqual([...Array<string>(8).fill('waiting'), 'full']);
  expect(run.add('client', 'c', 1, batch(1))).toBe('full');
  await run.flush();
  expect(committed.at(-1)).toBe(8);
  expect(run.add('guest', 'g', 9, batch(9))).toBe('waiting');
  await run.end(OK);
  const { time_us: timeUs } = await readTable(run.folder, 'series', { columns: ['time_us'] });
  expect(timeUs.length).toBe(9 * rows);
  expect(new Set(timeUs).size).toBe(9 * rows);
  expect((await readHeader(run.folder)).absent).toEqual([]);
});

test('a disk that takes no more leaves every batch with its agent, and the run has failed with what it had', async () => {
  const run = await startStreamRun(start());
  const committed: number[] = [];
  run.onCommitted((_agent, _instance, number) => committed.push(number));
  const batch = (number: number) => ({ ...NOTHING, series: seriesRows('guest', number, [1, 1]) });
  run.add('guest', 'g', 1, batch(1));
  await run.flush();
  // A file can't take the place of a folder: the header can't be written any more.
  const header = join(run.folder, 'recording.json');
  const text = readFileSync(header);
  rmSync(header);
  mkdirSync(header);
  run.setAgent({ ...GUEST, indicators: [...GUEST.indicators, { name: 'new', unit: '1', description: '' }] });
  expect(run.add('guest', 'g', 2, batch(2))).toBe('waiting');
  await expect(run.flush()).rejects.toThrow();
  expect(run.failure).not.toBeNull();
  expect(run.add('guest', 'g', 2, batch(2))).toBe('full');
  expect(run.add('guest', 'g', 3, batch(3))).toBe('full');
  expect(committed).toEqual([1]);
  expect(run.knownBatch('guest', 'g')).toBe(1);
  rmSync(header, { recursive: true });
  writeFileSync(header, text);
  expect(await run.end(OK)).toMatchObject({ outcome: 'failed', interrupted: true, reason: expect.any(String) });
  expect(await readHeader(run.folder)).toMatchObject({ state: 'partial', rows: { series: 2 } });
});

test('a stream without a frame is no result, and has neither a bitrate nor a count of frames', async () => {
  const run = await startStreamRun(start());
  run.add('guest', 'g', 1, { ...NOTHING, series: seriesRows('guest', 1, [1, 1]) });
  const ended = await run.end(OK);
  expect(ended).toMatchObject({ outcome: 'failed', reason: 'no frame was recorded' });
  expect(Object.keys(ended.metrics)).not.toEqual(expect.arrayContaining(['frames']));
  expect(ended.metrics['bitrate']).toBeUndefined();
});

test('few frames in some seconds are told with why, but for a short recording, and where few were wanted', async () => {
  const scarce = { none: 'no frame was recorded: take a wider network', few: 'they tell little' };
  const record = async (seconds: number, frames: number, few: string | null = scarce.few) => {
    const run = await startStreamRun(start());
    const fromUs = monotonicUs() - seconds * 1e6;
    await run.span({ fromUs, toUs: fromUs + seconds * 1e6 });
    await run.window({ stream: 'video', first: 1, last: null });
    for (let n = 1; n <= frames; n++) run.add('guest', 'g', n, { ...NOTHING, frames: frameRows(n, fromUs + n * 1e4) });
    const ended = await run.end({ ...OK, scarce: { ...scarce, few } });
    return { ended, absent: (await readHeader(run.folder)).absent };
  };
  const told = 'only 3 frames were recorded: they tell little';
  expect((await record(8, 3)).absent).toContain(told);
  expect((await record(8, 0)).ended).toMatchObject({ outcome: 'failed', reason: scarce.none });
  for (const { absent } of [await record(1, 3), await record(8, 3, null), await record(8, 10)])
    expect(absent.filter((line) => line.includes('frames were recorded'))).toEqual([]);
});

test('an end that the disk does not take can be told again when there is room', async () => {
  const run = await startStreamRun(start());
  run.add('guest', 'g', 1, { ...NOTHING, series: seriesRows('guest', 1, [1, 1]) });
  await run.flush();
  const state = join(run.folder, 'stream.json');
  rmSync(state);
  mkdirSync(state);
  const end = { outcome: 'failed', reason: 'the disk was full', interrupted: true } as const;
  await expect(run.end(end)).rejects.toThrow(/can't be written/);
  expect(await lab.catalogue.run(run.run.id)).toMatchObject({ outcome: null });
  rmSync(state, { recursive: true });
  expect(await run.end(end)).toMatchObject(end);
  expect(await lab.catalogue.run(run.run.id)).toMatchObject(end);
});

/**
 * A collector with two agents inside: each brings batch n (frame n, a row of series) until it is killed, beginning a few
 * batches before the last that it knows to be acknowledged. Tells every acknowledgement.
 */
const COLLECTOR = `
  import { openLab } from ${JSON.stringify(new URL('../lab/lab.ts', import.meta.url).href)};
  import { resumeStreamRuns } from ${JSON.stringify(new URL('./stream-resume.ts', import.meta.url).href)};
  import { startStreamRun } from ${JSON.stringify(new URL('./stream-run.ts', import.meta.url).href)};
  import { frameRows, GUEST, CLIENT, seriesRows, stepBatch, STREAM_IDENTITY } from
    ${JSON.stringify(new URL('../../test/lab/sample-stream.ts', import.meta.url).href)};
  import { setTimeout as sleep } from 'node:timers/promises';
  const [path, environment, end] = process.argv.slice(1);
  const lab = await openLab(path);
  let [run] = await resumeStreamRuns(lab);
  if (run === undefined) {
    run = await startStreamRun({ lab, identity: STREAM_IDENTITY, environment: JSON.parse(environment),
      agents: [GUEST], endUs: null, absent: [], memo: { from: 'the test' }, flushAfterMs: 5 });
    await run.window({ stream: 'video', first: 1, last: null });
    console.log('run ' + run.run.id);
  } else console.log('memo ' + run.state.memo.from);
  run.setAgent(GUEST);
  run.setAgent(CLIENT);
  run.onCommitted((agent, instance, number) => console.log(agent + ' ' + number));
  const next = new Map(['guest', 'client'].map((agent) => [agent, Math.max(1, (run.knownBatch(agent, 'i') ?? 0) - 3)]));
  const bring = (agent) => {
    const n = next.get(agent);
    next.set(agent, n + 1);
    const series = seriesRows(agent, n * 1000, [n, n]);
    run.add(agent, 'i', n, agent === 'guest'
      ? { series, frames: frameRows(n, n * 1000), steps: [] }
      : { series, frames: [], steps: [stepBatch('client', [{ step: 'present', frame: n, startUs: n * 1000 }])] });
  };
  for (let i = 0; end !== 'end' || i < 20; i++) {
    bring('guest');
    bring('client');
    await sleep(1);
  }
  await run.flush();
  console.log('ending');
  await run.end({ outcome: 'ok', reason: null, interrupted: false });
  console.log('ended');`;

interface Collector {
  text(): string;
  /** Waits until it has told that. */
  told(what: string): Promise<void>;
  /** Kills it, or finds it dead. */
  kill(): Promise<void>;
  readonly result: Promise<ChildResult>;
}

function collect(end: 'never' | 'end'): Collector {
  let text = '';
  const node = ['--conditions=encodelab-source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e'];
  const child = startChild(process.execPath, [...node, COLLECTOR, folder, JSON.stringify(TEST_ENVIRONMENT), end], {
    onStdout: (chunk) => (text += chunk.toString()),
  });
  return {
    text: () => text,
    async told(what) {
      while (!text.includes(what)) {
        const result = await Promise.race([child.result, sleep(2)]);
        if (result !== undefined) throw new Error(`the collector ended: ${result.stderr}`);
      }
    },
    async kill() {
      child.kill();
      await child.result;
    },
    result: child.result,
  };
}

test('a collector that is killed at random moments loses no acknowledged batch and keeps none twice', async () => {
  const acknowledged = new Map<string, number>();
  const note = (text: string) => {
    for (const [, agent, number] of text.matchAll(/^(guest|client) (\d+)\n/gm))
      acknowledged.set(agent!, Number(number));
  };
  const first = collect('never');
  await first.told('client 10');
  await sleep(Math.random() * 300);
  await first.kill();
  note(first.text());
  const id = /run (.*)/.exec(first.text())![1]!;
  for (let round = 0; round < 5; round++) {
    // From its first moment on: what it does to go on may be cut off as well.
    const next = collect('never');
    if (round % 2 === 0) await next.told('memo');
    await sleep(Math.random() * (round % 2 === 0 ? 300 : 1000));
    await next.kill();
    note(next.text());
    // Another process may look for what a killed bench left: this is none of it.
    expect(await recoverInterruptedRuns(lab)).toEqual([]);
    expect(await lab.catalogue.run(id)).toMatchObject({ outcome: null });
  }
  const last = collect('end');
  expect((await last.result).stderr).toBe('');
  note(last.text());
  expect(last.text()).toContain('memo the test');
  expect(acknowledged.get('guest')).toBeGreaterThanOrEqual(10);
  const at = lab.recordingFolder(id);
  for (const [agent, table] of [
    ['guest', 'frames'],
    ['client', 'steps'],
  ] as const) {
    const { frame } = await readTable(at, table, { columns: ['frame'] });
    expect(frame.length).toBeGreaterThanOrEqual(acknowledged.get(agent)!);
    expect(frame).toEqual(Float64Array.from({ length: frame.length }, (_, i) => i + 1));
    const series = await readSeries(at, { agent });
    expect(series.get('cpu.busy')!.value).toEqual(frame);
  }
  const ended = await lab.catalogue.run(id);
  expect(ended).toMatchObject({ outcome: 'ok', interrupted: false });
  expect((await readHeader(at)).absent.filter((line) => line.startsWith('collector: it was killed'))).not.toEqual([]);
});

test('a recording that can not be gone on with is ended as killed, with its metrics, by a collector or by a bench', async () => {
  const killedRun = async (change: Partial<StreamState>) => {
    const collector = collect('never');
    await collector.told('client 10');
    await collector.kill();
    const id = /run (.*)/.exec(collector.text())![1]!;
    const at = lab.recordingFolder(id);
    await writeStreamState(at, { ...(await readStreamState(at))!, ...change });
    return id;
  };
  const killed = { outcome: 'killed', interrupted: true, reason: 'the collector was killed while it recorded' };
  const over = { endUs: monotonicUs() - 120e6 };
  const byCollector = await killedRun(over);
  expect(await resumeStreamRuns(lab)).toEqual([]);
  const run = (await lab.catalogue.run(byCollector))!;
  expect(run).toMatchObject(killed);
  expect(run.metrics['frames']!.value).toBeGreaterThan(5);
  expect((await readHeader(lab.recordingFolder(byCollector))).result).toEqual(run);

  const byBench = await killedRun(over);
  expect(await recoverInterruptedRuns(lab)).toMatchObject([{ id: byBench, ...killed }]);
  expect((await readHeader(lab.recordingFolder(byBench))).state).toBe('partial');

  // Since the host was started anew its clock means something else.
  const beforeReboot = await killedRun({ boot: 'another' });
  expect(await resumeStreamRuns(lab)).toEqual([]);
  expect(await lab.catalogue.run(beforeReboot)).toMatchObject(killed);
});

test('a run that is killed while it ends has the same end, whenever that was', async () => {
  const states = new Set<string>();
  for (let round = 0; round < 4; round++) {
    const collector = collect('end');
    await collector.told('ending');
    await sleep(round * 12 * Math.random());
    await collector.kill();
    const id = /run (.*)/.exec(collector.text())![1]!;
    const at = lab.recordingFolder(id);
    states.add(`${(await readHeader(at)).state} ${(await readStreamState(at)) === null}`);
    for (const run of await resumeStreamRuns(lab)) await run.end(OK);
    const run = (await lab.catalogue.run(id))!;
    expect(run).toMatchObject({ outcome: 'ok', interrupted: false, metrics: { frames: { value: 20 } } });
    expect(await readHeader(at)).toMatchObject({
      state: 'complete',
      result: run,
      rows: { frames: 20, steps: 20, series: 80 },
    });
    expect(readdirSync(at)).not.toContain('stream.json');
  }
  expect(states).toContain('recording false');
});
