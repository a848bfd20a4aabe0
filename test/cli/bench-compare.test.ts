// `bench compare`, its gate, `bench baseline` and `bench history` as a build has them: results of a lab with a known change, exit codes, and files.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { seededRandom } from '#analysis/random';
import { uuidv7 } from '#core/uuid';
import { newId } from '#system/clock';
import { createProgram } from '../../src/cli/program.ts';
import { openLab } from '#lab/lab';
import { sampleRun } from '../lab/sample-run.ts';
import { cli, temporaryFolder } from './run-cli.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const first = join(folder, 'first');
const second = join(folder, 'second');

/** Speeds of each preset; a benchmark of the same settings, so that cells match. */
const PRESETS = { fast: 200, medium: 100, slow: 50 };
const DAY_MS = 86_400_000;
const BEGIN_MS = Date.UTC(2026, 10, 1);

beforeAll(async () => {
  await fill(first, { main: 1 }, '7.1');
  await fill(second, { same: 1, slower: 0.93, broken: null }, '8.0');
}, 60_000);

/** @param factors by benchmark, of the speed; null where all runs failed */
async function fill(path: string, factors: Readonly<Record<string, number | null>>, build: string): Promise<void> {
  const lab = await openLab(path);
  const random = seededRandom(Object.keys(factors).length);
  for (const [benchmark, factor] of Object.entries(factors)) {
    const cells = Object.keys(PRESETS).map((preset, index) => ({
      index,
      label: `preset=${preset}`,
      properties: { preset },
      settings: { preset },
      sameKey: `${benchmark} ${preset}`,
    }));
    const properties = [{ name: 'preset', values: Object.keys(PRESETS) }];
    const startedAt = new Date(BEGIN_MS).toISOString();
    const file = `${benchmark}.yaml`;
    await lab.catalogue.saveBenchmark(
      { name: benchmark, file, properties, repeat: 5, seed: null, thresholds: [], startedAt },
      cells,
    );
    const runs = cells.flatMap((cell) =>
      [1, 2, 3, 4, 5].map((repeat) => {
        const at = BEGIN_MS + repeat * DAY_MS;
        const noise = 1 + 0.01 * (random() / 2 ** 31 - 1);
        const speed = PRESETS[cell.settings.preset as keyof typeof PRESETS] * noise * (factor ?? 0);
        return {
          ...sampleRun(lab, {
            id: uuidv7(at, crypto.getRandomValues(new Uint8Array(10))),
            benchmark,
            cell: cell.label,
            settings: cell.settings,
            sameKey: cell.sameKey,
            repeat,
          }),
          startedAt: new Date(at).toISOString(),
          outcome: factor === null ? ('failed' as const) : ('ok' as const),
          reason: factor === null ? 'no such encoder' : null,
          durationS: 1,
          metrics:
            factor === null ? {} : { 'encode.fps': { value: speed, unit: 'frame/s', better: 'higher' as const } },
        };
      }),
    );
    await lab.catalogue.restoreRuns(runs);
    await lab.catalogue.saveFacts(new Map(runs.map(({ id }) => [id, { build, machine: 'test' }])));
  }
  await lab.close();
}

test('a baseline of one lab gates benchmarks of another: 0 for the same, 99 for worse, 1 for nothing to compare, 2 for usage', async () => {
  const file = join(folder, 'main.json');
  const saved = await inside('bench', 'baseline', 'save', 'main', 'main', '--file', file, '--lab', first);
  expect(saved.code).toBe(0);
  const summary = join(folder, 'summary.md');
  const gate = (benchmark: string, ...more: string[]) =>
    cli('bench', 'compare', '--baseline-file', file, benchmark, '--gate', '--lab', second, ...more);
  const [same, slower, broken, usage] = await Promise.all([
    gate('same', '--json'),
    gate('slower', '--max-worse', '5%', '--markdown', summary),
    gate('broken'),
    cli('bench', 'compare', 'same', '--lab', second),
  ]);
  expect(same.code, same.stderr).toBe(0);
  expect(JSON.parse(same.stdout)).toMatchObject({
    gate: { state: 'passed', reasons: [] },
    facts: [{ name: 'build', a: ['7.1'], b: ['8.0'] }],
    match: { pairs: 3, onlyA: [] },
  });
  expect(slower.code, slower.stderr).toBe(99);
  expect(slower.stdout).toContain('build differs: 7.1 against 8.0');
  expect(slower.stderr).toMatch(/encode\.fps is worse, over all cells: −\d/);
  expect(readFileSync(summary, 'utf8')).toContain('❌ **Worse**');
  expect(broken.code).toBe(1);
  expect(broken.stderr).toMatch(/runs failed in 3 cells: preset=\w+ \(no such encoder\)/);
  const lenient = ['--baseline-file', file, 'slower', '--gate', '--max-worse', 'encode.fps=8%', '--lab', second];
  expect((await inside('bench', 'compare', ...lenient)).code).toBe(0);
  expect([usage.code, usage.stderr]).toEqual([2, expect.stringContaining('does not name two sides')]);
});

/** The same commands in this process: a process of its own takes a second or two. */
async function inside(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const told = { stdout: '', stderr: '', code: 0 };
  const out = vi.spyOn(console, 'log').mockImplementation((text: string) => void (told.stdout += `${text}\n`));
  const error = vi.spyOn(console, 'error').mockImplementation((text: string) => void (told.stderr += `${text}\n`));
  try {
    await createProgram((code) => (told.code = code)).parseAsync(['node', 'encodelab', ...args]);
  } catch (cause) {
    told.stderr += (cause as Error).message;
    told.code = 1;
  } finally {
    out.mockRestore();
    error.mockRestore();
  }
  return told;
}

test('a baseline is kept, listed, replaced and deleted; a damaged one and one of a newer version are told', async () => {
  const baseline = (...args: string[]) => inside('bench', 'baseline', ...args, '--lab', first);
  expect((await baseline('save', 'kept', 'main')).stdout).toContain('kept: 3 cells, 1 metrics');
  const path = join(first, 'baselines', 'kept.json');
  const good = readFileSync(path, 'utf8');
  writeFileSync(join(first, 'baselines', 'cut.json'), good.slice(0, 100));
  writeFileSync(join(first, 'baselines', 'newer.json'), good.replace('"version":1', '"version":9'));
  const list = await baseline('list');
  expect(list.stdout).toMatch(/kept +main/);
  expect(list.stderr).toContain('the baseline is damaged: it is no JSON');
  const cut = await inside('bench', 'compare', '--baseline', 'cut', 'main', '--gate', '--lab', first);
  expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining('damaged')]);
  const newer = await inside('bench', 'compare', '--baseline', 'newer', 'main', '--lab', first);
  expect([newer.code, newer.stderr]).toEqual([1, expect.stringContaining('newer encodelab')]);
  expect((await baseline('show', 'kep')).stderr).toContain('did you mean kept?');
  expect((await baseline('show', 'kept')).stdout).toMatch(/preset=fast +encode\.fps +\d+ frame\/s +5/);
  expect((await baseline('save', '../kept', 'main')).stderr).toContain("can't be the name of a baseline");
  expect((await baseline('delete', 'kept')).code).toBe(0);
  expect(existsSync(path)).toBe(false);
});

test('two benchmarks, and two values of a setting, are compared', async () => {
  const compare = async (...args: string[]) => {
    const { stdout } = await inside('bench', 'compare', ...args, '--json', '--lab', second);
    return (JSON.parse(stdout) as { overall: { effect: number; verdict: string }[] }).overall[0]!;
  };
  const benchmarks = await compare('same', 'slower');
  expect(benchmarks.effect).toBeCloseTo(0.93, 1);
  expect(benchmarks.verdict).toBe('worse');
  expect((await compare('same', '--by', 'preset', '--a', 'fast', '--b', 'slow')).effect).toBeCloseTo(0.25, 1);
});

test('benchmarks that share all their runs are not compared; of those that share some it is told', async () => {
  const compare = (b: string) => inside('bench', 'compare', 'main', b, '--lab', first);
  const lab = await openLab(first);
  const record = (await lab.catalogue.benchmark('main'))!;
  const cells = await lab.catalogue.cells('main');
  await lab.catalogue.saveBenchmark({ ...record, name: 'again' }, cells);
  const own = cells.map((cell, i) => (i === 0 ? { ...cell, sameKey: 'changed fast' } : cell));
  await lab.catalogue.saveBenchmark({ ...record, name: 'partly' }, own);
  const runs = (await lab.catalogue.runs({ benchmark: 'main' })).filter(({ sameKey }) => sameKey === 'main fast');
  await lab.catalogue.restoreRuns(
    runs.map((run) => ({ ...run, benchmark: 'partly', sameKey: 'changed fast', id: newId() })),
  );
  await lab.close();
  const same = await compare('again');
  expect([same.code, same.stdout]).toEqual([1, '']);
  expect(same.stderr).toContain('main and again have the same 15 runs');
  const partly = await compare('partly');
  expect(partly.code, partly.stderr).toBe(0);
  expect(partly.stdout).toContain('10 of 20 runs are on both sides');
});

test('runs of a whole benchmark are left out, those that it took over too, and taken in again', async () => {
  const runs = (...args: string[]) => inside('runs', ...args, '--lab', first);
  const counted = async () => {
    const lab = await openLab(first);
    const results = [...(await lab.catalogue.results('again')).values()].flat().length;
    await lab.close();
    return results;
  };
  expect(await counted()).toBe(15);
  const out = await runs('exclude', '--benchmark', 'again', '--reason', 'before the new BIOS');
  expect([out.stderr, await counted()]).toEqual(['15 runs left out\n', 0]);
  expect((await runs('exclude', '--benchmark', 'again', '--reason', 'x')).stderr).toBe('0 runs left out\n');
  expect((await runs('exclude', '--benchmark', 'agin', '--reason', 'x')).stderr).toContain('did you mean again?');
  expect((await runs('exclude', '--reason', 'x')).stderr).toContain('which runs?');
  const back = await runs('include', '--benchmark', 'again');
  expect([back.stderr, await counted()]).toEqual(['15 runs taken in again\n', 15]);
});

test('where no cells pair, the setting to ignore is named', async () => {
  const lab = await openLab(second);
  const record = (await lab.catalogue.benchmark('same'))!;
  const [cell] = await lab.catalogue.cells('same');
  const pairs = [
    ['x264', 'fast'],
    ['x264', 'slow'],
    ['svt', '8'],
    ['svt', '10'],
  ] as const;
  const cells = pairs.map(([codec, preset], index) => ({
    ...cell!,
    index,
    label: `${codec} ${preset}`,
    properties: { codec, preset },
    settings: { codec, preset },
    sameKey: `codecs ${codec} ${preset}`,
  }));
  await lab.catalogue.saveBenchmark({ ...record, name: 'codecs' }, cells);
  await lab.catalogue.restoreRuns(
    cells.map(({ label, settings, sameKey }) => ({
      ...sampleRun(lab, { benchmark: 'codecs', cell: label, settings, sameKey }),
      outcome: 'ok' as const,
      metrics: { bitrate: { value: settings.codec === 'svt' ? 4e6 : 2e6, unit: 'bit/s', better: null } },
    })),
  );
  await lab.close();
  const compare = (...more: string[]) =>
    inside('bench', 'compare', 'codecs', '--by', 'codec', '--a', 'x264', '--b', 'svt', '--lab', second, ...more);
  const nothing = await compare();
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('--ignore preset compares them without')]);
  expect((await compare('--ignore', 'preset')).code).toBe(0);
  // A bitrate has no better side by itself.
  const gate = ['--ignore', 'preset', '--gate', '--few-repeats'];
  expect((await compare(...gate, '--metric', 'bitrate')).stderr).toContain('--better bitrate=lower');
  const worse = await compare(...gate, '--better', 'bitrate=lower');
  expect([worse.code, worse.stderr]).toEqual([99, expect.stringContaining('bitrate is worse')]);
  expect((await compare(...gate, '--better', 'bitrate=higher')).code).toBe(0);
  expect((await compare('--better', 'bitrat=lower')).stderr).toContain('did you mean bitrate?');
});

test('what is not there is told with what is', async () => {
  const compare = (...args: string[]) => inside('bench', 'compare', ...args, '--lab', second);
  expect((await compare('same', 'slowr')).stderr).toContain('did you mean slower?');
  expect((await compare('same', 'slower', '--metric', 'encode.fp')).stderr).toContain('did you mean encode.fps?');
  expect((await compare('same', '--by', 'presett', '--a', 'x', '--b', 'y')).stderr).toContain('did you mean preset?');
  expect((await compare('same', '--by', 'preset', '--a', 'fast', '--b', 'x')).stderr).toContain('fast, medium, slow');
});

test('a history tells where a benchmark changed, and says that few runs tell little', async () => {
  const { stdout } = await inside('bench', 'history', 'same', '--lab', second);
  expect(stdout).toContain('3 histories (a metric of a cell each), 0 of them with a change');
  expect(stdout).toContain('3 have fewer than 8 runs');
});

test('a benchmark without a history says why', async () => {
  const { stdout } = await inside('bench', 'history', 'broken', '--lab', second);
  expect(stdout).toContain('no history: ');
  const one = await inside('bench', 'history', 'same', '--metric', 'encode.fps', '--lab', second);
  expect(one.stdout).not.toContain('no history');
});

test('what hyperfine tells once is compared as one observation, and its times as what they are', async () => {
  const lab = join(folder, 'hyperfine');
  const write = (name: string, user: number, factor: number) => {
    const times = [1, 1.01, 0.99, 1.02, 0.98, 1.005].map((time) => time * factor);
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify({ results: [{ command: 'x', user, system: 0.1, times }] }));
    return path;
  };
  await inside('runs', 'import', write('ha', 0.5, 1), write('hb', 0.512, 1.3), '--lab', lab);
  const gate = ['bench', 'compare', 'ha', 'hb', '--lab', lab, '--gate'];
  const mean = await inside(...gate, '--metric', 'cpu.user mean', '--max-worse', '1%');
  expect([mean.code, mean.stdout]).toEqual([1, expect.stringContaining('too few repeats')]);
  expect((await inside(...gate, '--metric', 'wall')).code).toBe(99);
  const { stdout } = await inside('bench', 'report', 'ha', '--lab', lab);
  expect(stdout).toMatch(/cell +runs +wall .*\n.*\n.* 6\/6 +1\.00 s ±2\.0 % /);
  expect(stdout).not.toContain('(a to b)');
});

test('a report counts what went well of what was measured, and calls the range of few repeats a range, the ends of an interval an interval', async () => {
  const lab = join(folder, 'uneven');
  const results = [
    { command: 'x', times: [1, 2, 3], exit_codes: [0, 1, 0] },
    { command: 'y', times: [1, 1], exit_codes: [0, 0] },
    { command: 'z', times: [4.5, 7.4, 7.5, 7.6, 8.8, 8.9] },
  ];
  writeFileSync(join(folder, 'uneven.json'), JSON.stringify({ results }));
  await inside('runs', 'import', join(folder, 'uneven.json'), '--lab', lab);
  const { stdout } = await inside('bench', 'report', 'uneven', '--lab', lab);
  expect(stdout).toMatch(/command=x +2\/3 +2 s \(1 to 3\) +.*exit code 1/);
  expect(stdout).toMatch(/command=y +2\/2 +1 s *\n/);
  expect(stdout).toMatch(/command=z +6\/6 +7\.55 s \(4\.50 to 8\.90\)/);
  expect(stdout).toContain('(a to b) is the range of the repeats: a 95 % interval takes 6 of them');
  expect(stdout).toContain('(a to b) is the 95 % interval of the median where there are 6 repeats or more');
});
