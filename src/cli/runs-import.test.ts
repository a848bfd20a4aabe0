// `encodelab runs import` as a user types it: real records of 2020 where they are at hand, and made ones of which all is known.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { RecordingHeader } from '#core/recording';
import type { RunRecord } from '#core/run';
import { randomBelow, seededRandom } from '#analysis/random';
import { openLab } from '#lab/lab';
import { rebuildCatalogue } from '#lab/rebuild-catalogue';
import { readHeader, readSeries, readTable } from '#recording/read-recording';
import { runChild } from '#system/child-process';
import { BUILT_CLI } from '../../test/cli/built-cli.ts';
import { EXIT } from './exit-code.ts';
import { createProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const node = ['--disable-warning=ExperimentalWarning', BUILT_CLI];

async function importInto(lab: string, ...files: string[]) {
  const lines = { stdout: '', stderr: '' };
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void (lines.stdout += `${line}\n`));
  const error = vi.spyOn(console, 'error').mockImplementation((line: string) => void (lines.stderr += `${line}\n`));
  let code: number = EXIT.ok;
  try {
    const args = ['node', 'encodelab', 'runs', 'import', ...files, '--json', '--lab', join(folder, lab)];
    await createProgram((status) => (code = status)).parseAsync(args);
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
  return { code, stderr: stripVTControlCharacters(lines.stderr), runs: runsOf(lines.stdout) };
}

function runsOf(stdout: string) {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as RunRecord & { run: string });
}

const recordings = (lab: string) => readdirSync(join(folder, lab, 'recordings'));
const recording = (lab: string, run: string) => join(folder, lab, 'recordings', run);

const OFFSET_US = 5_000_000;
const DRIFT = 30e-6;
const FRAMES = 600;

/** A record with known clocks: the server's is 5 s ahead and gains 30 ppm; frame 100 never reaches the client. */
function madeRecord(): string {
  const random = seededRandom(4);
  const began = 1_600_000_000_000_000;
  const frames = Array.from({ length: FRAMES }, (_, i) => {
    const captureUs = began + i * 33_333;
    const endUs = captureUs + 9_000 + randomBelow(500, random);
    const server = (timeUs: number) => Math.round(timeUs + OFFSET_US + DRIFT * (timeUs - began));
    const arrivedUs = endUs + 300 + (i % 7 === 0 ? 0 : randomBelow(900, random));
    return {
      size: 10_000 + randomBelow(90_000, random),
      captureUs,
      endUs,
      serverUs: server(arrivedUs),
      clientUs: arrivedUs + 800,
    };
  });
  const table = (head: string, rows: readonly unknown[]) => [head, JSON.stringify(rows), '[]'];
  const received = frames.filter((_, i) => i !== 100);
  return [
    JSON.stringify([[frames[50]!.serverUs, 'guest', '!changed']]),
    ...table(
      '#guest.guest|guest.msg_ts;guest.time;guest.frame_size;guest.capture_duration;guest.encode_duration;guest.send_duration',
      frames.map(({ endUs, captureUs, size }) => [
        endUs,
        captureUs / 1e6,
        size,
        0.004,
        0.004,
        (endUs - captureUs - 8_000) / 1e6,
      ]),
    ),
    ...table(
      '#server.host|host.msg_ts;host.frame_size;host.mm_time',
      frames.map(({ serverUs, size }, i) => [serverUs, size, i]),
    ),
    ...table(
      '#client.client|client.msg_ts;client.frame_size;client.decode_duration;client.keyframe;client.queue',
      received.map(({ clientUs, size }, i) => [clientUs, size, 0.0005, i % 30 === 0 ? 1 : 0, 1]),
    ),
    '',
  ].join('\n');
}

describe('a made record', () => {
  const path = join(folder, 'codec=gst.vp8.x_bitrate=8000.rec');
  writeFileSync(path, madeRecord());

  it('becomes a run with the steps, clocks and metrics of a stream', async () => {
    const { code, stderr, runs } = await importInto('made', path);
    expect(stderr).toContain('1 imported, 0 were there already, 0 could not');
    expect(code).toBe(0);
    const [run] = runs as [(typeof runs)[0]];
    expect(run).toMatchObject({
      kind: 'stream',
      outcome: 'ok',
      benchmark: null,
      cell: 'codec=gst.vp8.x bitrate=8000k',
      settings: { codec: 'gst.vp8.x', bitrate: '8000k' },
    });
    expect(run.metrics['frames']?.value).toBe(FRAMES);
    expect(run.metrics['encode.time']?.value).toBeCloseTo(4, 2);
    const at = recording('made', run.run);
    const clocks = await readTable(at, 'clocks');
    for (const [row, agent] of clocks.agent.entries()) {
      if (agent !== 'guest') continue;
      const timeUs = clocks.time_us[row]!;
      // The smallest delay, 300 µs, is in it: frames alone can't tell.
      const truth = -(OFFSET_US + DRIFT * (timeUs - 1.6e15) + 300);
      expect(Math.abs(clocks.offset_us[row]! - truth)).toBeLessThanOrEqual(clocks.error_us[row]! + 5);
      expect(clocks.error_us[row]!).toBeLessThan(100);
    }
    const steps = await readTable(at, 'steps');
    const count = (role: string, step: string) =>
      steps.step.filter((name, i) => name === step && steps.role[i] === role).length;
    expect([count('guest', 'encode'), count('server', 'receive'), count('client', 'decode')]).toEqual([
      FRAMES,
      FRAMES,
      FRAMES - 1,
    ]);
    expect(steps.frame.filter((frame, i) => frame === 100 && steps.role[i] === 'client')).toHaveLength(0);
    const messages = await readTable(at, 'messages');
    expect(messages.text).toEqual(['!changed']);
    const series = await readSeries(at, { agent: 'server' });
    expect(series.get('server.host.mm_time')?.value).toHaveLength(FRAMES);
    const header: RecordingHeader = await readHeader(at);
    expect(header.state).toBe('complete');
    expect(header.absent.join('\n')).toMatch(/clock of guest: its offset contains the smallest delay/);
  });

  it('is not imported twice, under whatever name', async () => {
    const other = join(folder, 'renamed.rec');
    writeFileSync(other, madeRecord());
    const { code, stderr, runs } = await importInto('made', path, other);
    expect(stderr).toContain('0 imported, 2 were there already');
    expect(code).toBe(0);
    expect(new Set(runs.map(({ run }) => run)).size).toBe(1);
    expect(recordings('made')).toHaveLength(1);
  });

  it('of the same settings is another repeat of the same cell', async () => {
    const again = join(folder, 'again/codec=gst.vp8.x_bitrate=8000.rec');
    mkdirSync(dirname(again));
    writeFileSync(again, madeRecord().replace('!changed', '!changed again'));
    const { runs } = await importInto('made', again, path);
    expect(runs.map(({ repeat, cell }) => [repeat, cell])).toEqual([
      [2, 'codec=gst.vp8.x bitrate=8000k'],
      [1, 'codec=gst.vp8.x bitrate=8000k'],
    ]);
  });

  it('that is cut off is told, and the good ones beside it are imported', async () => {
    const pipe = join(folder, 'pipe.rec');
    await runChild('mkfifo', [pipe]);
    const cut = join(folder, 'cut.rec');
    writeFileSync(cut, madeRecord());
    truncateSync(cut, 60_000);
    const foreign = join(folder, 'foreign.rec');
    writeFileSync(foreign, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]));
    const { code, stderr, runs } = await importInto(
      'mixed',
      cut,
      foreign,
      join(folder, 'nowhere.rec'),
      folder,
      pipe,
      path,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/cut\.rec:\d+: .*cut off/);
    expect(stderr).toMatch(/foreign\.rec:1: .*no `\.rec` record/);
    expect(stderr).toMatch(/pipe\.rec: it is no regular file/);
    expect(stderr).toMatch(/nowhere\.rec: there is no such file/);
    expect(stderr).toMatch(/1 imported, 0 were there already, 5 could not be imported/);
    expect(runs).toHaveLength(1);
    expect(recordings('mixed')).toEqual([runs[0]!.run]);
    // The same from a shell.
    const args = [...node, 'runs', 'import', cut, path, '--lab', join(folder, 'mixed')];
    const shell = await runChild(process.execPath, args);
    expect(shell.code).toBe(1);
    expect(shell.stdout).toMatch(/^[\da-f-]{36} {2}codec=gst\.vp8\.x bitrate=8000k {2}\(was there already\)\n$/);
  });

  it('in a study is a cell of its benchmark, and leaves a benchmark of the user alone', async () => {
    const study = join(folder, 'study/webgl');
    mkdirSync(study, { recursive: true });
    writeFileSync(join(study, 'bitrate=1000.rec'), madeRecord());
    writeFileSync(join(folder, 'study/matrix.csv'), '# made\ncodec=vp8 | webgl | bitrate=1000\n');
    await runChild('tar', ['-czf', 'study.tgz', 'study'], { cwd: folder });
    const { code, runs } = await importInto('study-lab', join(folder, 'study.tgz'));
    expect(code).toBe(0);
    expect(runs).toMatchObject([{ benchmark: 'study', cell: 'codec=vp8 bitrate=1000' }]);
    const lab = await openLab(join(folder, 'study-lab'));
    try {
      expect(await lab.catalogue.cells('study')).toMatchObject([{ properties: { codec: 'vp8', bitrate: '1000' } }]);
      expect([...(await lab.catalogue.results('study')).values()].flat()).toHaveLength(1);
      const known = (await lab.catalogue.benchmark('study'))!;
      await lab.catalogue.deleteRuns([runs[0]!.run]);
      await lab.catalogue.saveBenchmark({ ...known, file: 'benchmarks/study.yaml' }, []);
    } finally {
      await lab.close();
    }
    // What an import left that was broken off is in the way of nobody.
    const again = await importInto('study-lab', join(folder, 'study/webgl/bitrate=1000.rec'));
    expect(again.stderr).toContain('1 imported');
    expect(again.runs).toMatchObject([{ benchmark: 'study (imported)' }]);
  });
});

const sample = fileURLToPath(new URL('../../../shared/data/study-keyframes/sample.tgz', import.meta.url));
const without = existsSync(sample) ? '' : ' (skipped: ../shared/data/study-keyframes is not here)';

describe.skipIf(!existsSync(sample))(`the real records of January 2020${without}`, () => {
  it('become a benchmark of five cells, whose clocks agree with each other from record to record', async () => {
    const { code, stderr, runs } = await importInto('real', sample);
    expect(stderr).toContain('5 imported');
    expect(code).toBe(0);
    expect(new Set(runs.map(({ benchmark }) => benchmark))).toEqual(new Set(['study_keyframes']));
    const byPeriod = new Map(runs.map((run) => [run.settings['keyframe-period'], run]));
    expect(new Set(byPeriod.keys())).toEqual(new Set([30, 150, 300, 600, 600_000]));
    // Keyframes were made as asked: one in 30 of 1124 frames.
    expect(byPeriod.get(30)!.metrics['keyframes']?.value).toBe(37);
    expect(byPeriod.get(600_000)!.metrics['keyframes']?.value).toBe(0);
    const clocks: { readonly timeUs: number; readonly offsetUs: number; readonly errorUs: number }[] = [];
    for (const { run } of runs.toSorted((a, b) => (a.run < b.run ? -1 : 1))) {
      const rows = await readTable(recording('real', run), 'clocks');
      const at = rows.agent.indexOf('guest');
      clocks.push({ timeUs: rows.time_us[at]!, offsetUs: rows.offset_us[at]!, errorUs: rows.error_us[at]! });
    }
    // Nobody told the clocks; but one line holds for all five, minutes apart: the guest loses some 22 ppm.
    const [first, last] = [clocks[0]!, clocks.at(-1)!];
    const drift = (last.offsetUs - first.offsetUs) / (last.timeUs - first.timeUs);
    expect(drift * 1e6).toBeGreaterThan(-24);
    expect(drift * 1e6).toBeLessThan(-20);
    for (const { timeUs, offsetUs, errorUs } of clocks)
      expect(Math.abs(offsetUs - first.offsetUs - drift * (timeUs - first.timeUs))).toBeLessThanOrEqual(
        errorUs + first.errorUs,
      );
    for (const { metrics } of runs) {
      expect(metrics['latency p50']!.value).toBeGreaterThan(30);
      expect(metrics['latency p50']!.value).toBeLessThan(50);
      expect(metrics['decode.time']!.value).toBeCloseTo(0.96, 1);
    }
  });

  it('lose no column: what is no step is a series, of every row', async () => {
    const header = await readHeader(recording('real', recordings('real')[0]!));
    const names = header.indicators.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'memory.free',
        'gpu.render',
        'guest.capture.msg_ts',
        'guest.guest.encode_duration',
        'frame.rate',
        'server.host.mm_time',
        'client.client.creation_time',
        'client.frames_time_to_drop.in_queue_time',
        'process.cpu.user',
      ]),
    );
    const series = await readSeries(recording('real', recordings('real')[0]!), { agent: 'client' });
    expect(series.get('client.client.creation_time')!.value).toHaveLength(1124);
  });
});

it('makes benchmarks of hyperfine, CSV and trees; twice the same adds nothing; a lost catalogue finds them again', async () => {
  const place = join(folder, 'tables');
  mkdirSync(join(place, 'tree', 'one'), { recursive: true });
  writeFileSync(join(place, 'h.json'), JSON.stringify({ results: [{ command: 'a', times: [1, 2, 3] }] }));
  writeFileSync(join(place, 't.csv'), 'codec,rate (frame/s)\nx264,10\nx264,11\nvp9,4\n');
  writeFileSync(join(place, 'tree', 'one', 'settings'), 'codec=vp9\n');
  writeFileSync(join(place, 'tree', 'one', 'r.json'), '{"fps": 5}');
  writeFileSync(join(place, 'd.yaml'), 'metrics: [{name: fps, file: r.json, value: fps}]\n');
  const files = ['h.json', 't.csv', 'tree'].map((name) => join(place, name));
  const first = await importInto('tables-lab', ...files, '--describe', join(place, 'd.yaml'));
  expect(first.code).toBe(0);
  expect(first.stderr).toContain('t.csv: settings: codec; metrics: rate (frame/s)\n');
  expect(first.stderr).toContain('7 imported, 0 were there already, 0 could not be imported\n');
  expect(first.runs.map(({ benchmark, repeat }) => `${benchmark} ${repeat}`)).toEqual([
    'h 1',
    'h 2',
    'h 3',
    't 1',
    't 2',
    't 1',
    'tree 1',
  ]);
  const again = await importInto('tables-lab', ...files, '--describe', join(place, 'd.yaml'));
  expect(again.stderr).toContain('0 imported, 7 were there already, 0 could not be imported\n');
  for (const name of readdirSync(join(folder, 'tables-lab')))
    if (name.startsWith('catalogue')) rmSync(join(folder, 'tables-lab', name));
  const lab = await openLab(join(folder, 'tables-lab'));
  try {
    expect(await rebuildCatalogue(lab)).toEqual({ restored: 7, skipped: 0 });
    expect((await lab.catalogue.runs({ benchmark: 't' })).map(({ metrics }) => metrics['rate']?.value)).toHaveLength(3);
  } finally {
    await lab.close();
  }
});

it('keeps two files with the same settings apart: they are two benchmarks, and no repeats of each other', async () => {
  const place = join(folder, 'apart');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'before.csv'), 'codec,constructor,encode.fps\nx264,a,10\n');
  writeFileSync(join(place, 'after.csv'), 'codec,constructor,encode.fps\nx264,a,9\n');
  const { runs } = await importInto('apart-lab', join(place, 'before.csv'), join(place, 'after.csv'));
  expect(runs.map(({ repeat }) => repeat)).toEqual([1, 1]);
  expect(runs[0]!.metrics['encode.fps']).toEqual({ value: 10, unit: 'frame/s', better: 'higher' });
  const lab = await openLab(join(folder, 'apart-lab'));
  try {
    const results = [...(await lab.catalogue.results('after')).values()].flat();
    expect(results.map(({ metrics }) => metrics['encode.fps']?.value)).toEqual([9]);
  } finally {
    await lab.close();
  }
});

it('says what to do with a tree without a description, and with JSON of something else', async () => {
  const place = join(folder, 'odd');
  mkdirSync(join(place, 'tree'), { recursive: true });
  writeFileSync(join(place, 'x.json'), '{"fps": 5}');
  const { code, stderr } = await importInto('odd-lab', join(place, 'tree'), join(place, 'x.json'));
  expect(code).toBe(1);
  expect(stderr).toContain('Say so in an import description: --describe FILE.yaml');
  expect(stderr).toContain('this JSON is none that `hyperfine --export-json` writes');
});

it('gives a run without a told start the time of its file, and knows it again when the file is written anew', async () => {
  const file = join(folder, 'touched.csv');
  writeFileSync(file, 'codec,x (s)\na,1\na,2\n');
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  const { runs } = await importInto('touched-lab', file);
  for (const { run, startedAt } of runs) {
    expect(Number.parseInt(run.replace('-', '').slice(0, 12), 16)).toBe(1_700_000_000_000);
    expect(startedAt).toBe('2023-11-14T22:13:20.000Z');
  }
  utimesSync(file, 1_800_000_000, 1_800_000_000);
  const again = await importInto('touched-lab', file, '--benchmark', 'renamed');
  expect(again.stderr).toContain('0 imported, 2 were there already');
  expect(again.runs.map(({ run }) => run)).toEqual(runs.map(({ run }) => run));
});

it('says what a tree lacks, once for all of its runs, and nothing of one that lacks nothing', async () => {
  const place = join(folder, 'lacking');
  for (const [run, fps] of [
    ['one', '"abc"'],
    ['three', '9'],
    ['two', 'null'],
  ] as const) {
    mkdirSync(join(place, 'tree', run), { recursive: true });
    writeFileSync(join(place, 'tree', run, 'settings'), `run=${run}\n`);
    writeFileSync(join(place, 'tree', run, 'exit_code'), '0\n');
    writeFileSync(join(place, 'tree', run, 'r.json'), `{"fps": ${fps}, "bytes": 7}`);
  }
  const describe = (metric: string) => {
    writeFileSync(join(place, `${metric}.yaml`), `metrics: [{name: ${metric}, file: r.json, value: ${metric}}]\n`);
    return ['--describe', join(place, `${metric}.yaml`)];
  };
  const lacking = await importInto('lacking-lab', join(place, 'tree'), ...describe('fps'));
  expect(lacking.stderr).toContain('tree: fps: r.json has no number at fps (one and 1 more)\n');
  const whole = await importInto('whole-lab', join(place, 'tree'), ...describe('bytes'));
  expect(whole.stderr).not.toContain('no number');
});

it('takes a column for a setting where it is said to be one', async () => {
  const file = join(folder, 'said.csv');
  writeFileSync(file, 'codec,encode.fps,x (s)\na,30,1\na,60,2\n');
  const { runs } = await importInto('said-lab', file, '--setting', 'encode.fps');
  expect(runs.map(({ settings }) => settings['encode.fps'])).toEqual([30, 60]);
  expect((await importInto('said-lab', file, '--setting', 'fps')).stderr).toContain('there is no column "fps"');
});

it('takes a metric of no direction for a wrong command line, and a head without rows for a file that fails', async () => {
  const file = join(folder, 'head.csv');
  writeFileSync(file, 'codec,fps (frame/s)\n');
  vi.spyOn(process.stderr, 'write').mockReturnValueOnce(true).mockReturnValueOnce(true);
  const wrong = importInto('head-lab', file, '--metric', 'fps:frame/s:sideways');
  await expect(wrong).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  expect(await importInto('head-lab', file)).toMatchObject({ code: EXIT.failed, runs: [] });
});
