// `encodelab bench curves` as a user types it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab } from '#lab/lab';
import { runChild } from '#system/child-process';
import { fillLadder, fillScaling } from '../../test/browser/sample-ladder.ts';
import { BUILT_CLI } from '../../test/cli/built-cli.ts';
import { createProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'curves-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'lab');
const node = ['--disable-warning=ExperimentalWarning', BUILT_CLI];
const curves = (...args: string[]) =>
  runChild(process.execPath, [...node, 'bench', 'curves', ...args, '--lab', path], {
    env: { ...process.env, NO_COLOR: '1', TMPDIR: folder },
  });

beforeAll(async () => {
  const lab = await openLab(path);
  await fillLadder(lab);
  await fillScaling(lab);
  await lab.close();
});

test('curves are printed with their points, their BD-rate, what they cost, and why there is none', async () => {
  const { code, stdout, stderr } = await curves('ladder', '--against', 'codec=x264,preset=fast');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/codec=x264 preset=fast +bitrate=400k +394 kbit\/s +30\.80 dB/);
  // What the sample was made with: 47 % of the bits for the same quality; 14 times the CPU at the same rate, less of it at half the rate.
  expect(stdout).toMatch(
    /codec=av1 preset=slow +−53\.1 % +\+2\.27 dB +× 12\.9 +33\.94 dB to 40\.00 dB \(66 % of the reference, 81 % of this\)/,
  );
  expect(stdout).toMatch(
    /codec=x265 preset=slow +– +– +– +this curve can't be compared: it has 3 points, and at least 4/,
  );
  expect(stdout).toContain('2 without results');
});

test('the same as JSON, for a chosen metric', async () => {
  const { stdout } = await curves(
    'ladder',
    '--metric',
    'quality.vmaf',
    '--against',
    'codec=x264 preset=fast',
    '--json',
  );
  const found = JSON.parse(stdout) as {
    metric: { name: string };
    reference: string;
    curves: { label: string; points: unknown[] }[];
    comparisons: { label: string; rate: { ok: boolean; value: number } }[];
  };
  expect(found.metric.name).toBe('quality.vmaf');
  expect(found.reference).toBe('codec=x264 preset=fast');
  expect(found.curves).toHaveLength(6);
  const slow = found.comparisons.find(({ label }) => label === 'codec=x264 preset=slow')!;
  expect(slow.rate.value).toBeCloseTo(-0.12, 2);
});

test.each([
  [['ladder', '--metric', 'quality.xpsn'], 'did you mean quality.xpsnr?'],
  [['ladder', '--against', 'codec=x264'], '2 curves are codec=x264'],
  [['ladder', '--against', 'codec=vp9'], 'name one of: codec=x264 preset=fast; codec=x264 preset=slow'],
  [['scaling'], 'no run of scaling has a picture quality'],
  [['laddr'], 'did you mean ladder?'],
])('%s is told what to do', async (args, todo) => {
  const program = createProgram(() => undefined);
  await expect(program.parseAsync(['bench', 'curves', ...args, '--lab', path], { from: 'user' })).rejects.toThrow(todo);
});
