import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLab } from '#lab/lab';
import { SavedStats } from '#server/saved-stats';
import { fillFewRuns } from '../../test/explore/few-runs.ts';
import { createProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-stat-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  const lab = await openLab(folder);
  await fillFewRuns(lab, 'bunny');
  await new SavedStats(folder).save({
    name: 'key period',
    expression: 'mean(gaps(frames.number where key))',
    unit: null,
    better: null,
  });
  await lab.close();
});

async function printed(...args: readonly string[]): Promise<{ out: string; err: string }> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    await createProgram(() => undefined).parseAsync(['explore', 'stat', ...args, '--lab', folder], { from: 'user' });
    return { out: log.mock.calls.flat().join('\n'), err: error.mock.calls.flat().join('\n') };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

test('the value of each run stands in a table with its unit; why a run has none is told beside it', async () => {
  const { out, err } = await printed('mean(gaps(frames.number where key))', 'bunny');
  const lines = out.split('\n');
  expect(lines[0]).toMatch(/^run +benchmark +cell +repeat +value/);
  expect(lines).toHaveLength(2 + 6);
  expect(lines[2]).toMatch(/bunny +codec=x264 preset=veryfast bitrate=1M +2 +120 frame$/);
  // The one that was killed has one keyframe.
  expect(lines.at(-1)).toMatch(/3 +killed$/);
  expect(err).toBe('1 run has no value: there is nothing to compute it from');
});

test('as JSON a saved stat is asked for by its name', async () => {
  const { out } = await printed('key period', '--json');
  const told = JSON.parse(out) as { runs: { value: number | null }[] };
  expect(told).toMatchObject({ version: 1, expression: 'mean(gaps(frames.number where key))', unit: 'frame' });
  expect(told.runs.filter(({ value }) => value === 120)).toHaveLength(5);
});

test('what no run has is told with what may have been meant; what one run has is not', async () => {
  expect((await printed('mean(frames.bites)', 'bunny')).err.split('\n')).toEqual([
    '6 runs have no value: its recording has no frames.bites',
    'expression:6: there is no column frames.bites; did you mean frames.bytes?',
  ]);
  expect((await printed('metric("nix")')).err).toMatch(/expression:8: there is no metric nix; there are encode\.fps/);
  expect((await printed('1 / (2 - 2)')).err).toBe('6 runs have no value: it is divided by zero');
  expect((await printed('mean(frames.bytes where bytes < 0)')).err).toBe(
    '6 runs have no value: there is nothing to compute it from',
  );
});

test('an expression that begins with a minus is told where to stand, and a misspelt option is not', async () => {
  const said = async (...args: string[]) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await expect(printed(...args)).rejects.toThrow('unknown option');
    const text = write.mock.calls.flat().join('');
    write.mockRestore();
    return text;
  };
  expect(await said('-mean(frames.bytes)')).toContain("explore stat -- '-mean(…)'");
  expect(await said('x', '--jsno')).not.toContain('explore stat --');
});

test('units that can not be added are refused with their place', async () => {
  await expect(printed('mean(frames.bytes) + mean(cpu.busy)')).rejects.toThrow(
    "expression:20: byte and core can't be added",
  );
});

test('a mistake is told with its place, and a benchmark that was meant is named', async () => {
  await expect(printed('mean(frames.bytes wher key)')).rejects.toThrow(/expression:19: `\)` is expected/);
  await expect(printed('sum(frames.key)', 'buny')).rejects.toThrow(
    /no benchmark "buny" in this lab\s+did you mean bunny\?/,
  );
});
