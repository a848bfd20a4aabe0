// `encodelab encoders` as a user types it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EncoderInfo } from '#core/encoder';
import { runChild } from '#system/child-process';
import { takeKnownEncoders } from '../../test/browser/known-encoders.ts';
import { BUILT_CLI } from '../../test/cli/built-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'encoders-cli-'));
beforeAll(() => takeKnownEncoders(join(folder, 'lab', 'cache')));
afterAll(() => rmSync(folder, { recursive: true }));
const node = ['--disable-warning=ExperimentalWarning', BUILT_CLI];
const env = { ...process.env, NO_COLOR: '1', ENCODELAB_LAB: join(folder, 'lab') };
const encoders = (...args: string[]) =>
  runChild(process.execPath, [...node, 'encoders', ...args], { env, tailBytes: 4_000_000 });

test('the encoders are listed with their device, and those that do not work here only with --all', async () => {
  const some = await encoders();
  expect(some.code).toBe(0);
  expect(some.stdout).toMatch(/^name +codec +kind +threads/);
  expect(some.stdout).toMatch(/^libx264 +h264 +software +other +\d+ +libx264 H/m);
  expect(some.stdout).not.toMatch(/not here/);
  expect(some.stderr).toMatch(/more are compiled in/);
  const all = await encoders('--all');
  expect(all.stdout).toMatch(/^h264_vaapi +h264 +vaapi/m);
  expect(all.stdout).toMatch(/^xface .* not here: .*48x48/m);
});

test('one encoder is shown with what it takes while it encodes, and quickly the next time', async () => {
  const first = await encoders('zmbv');
  expect(first.code).toBe(0);
  expect(first.stderr).toMatch(/finding out what zmbv takes while it encodes: 0 of \d+ parameters/);
  expect(first.stdout).toMatch(/^name +type +live +range +default +description/m);
  expect(first.stdout).toMatch(/^g +int +(yes|no|unknown) /m);
  expect(first.stdout).toMatch(/takes a new value while it encodes/);
  const again = await encoders('zmbv', '--json');
  expect(again.stderr).toBe('');
  const encoder = JSON.parse(again.stdout) as EncoderInfo;
  expect(encoder.parameters.map(({ live }) => live?.state)).not.toContain(undefined);
  expect(encoder.parameters.find(({ name }) => name === 'g')?.live?.how).toMatch(/\w/);
});

test('with --no-live nothing is tried, and the names inside of key lists are shown', async () => {
  const { stdout, stderr, code } = await encoders('libx264', '--no-live');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^crf +float + -1\.\. +-1/m);
  expect(stdout).toMatch(/names inside of x264-params, with the default where the library tells it\n8x8dct=1 /);
  expect(stdout).not.toMatch(/takes a new value/);
});

test('what there is not is told with the nearest', async () => {
  expect((await encoders('libx246')).stderr).toMatch(/there is no encoder "libx246".*\n.*did you mean libx264/);
  expect((await encoders('hevc')).stderr).toMatch(/hevc is a codec; its encoders here: .*libx265/);
  const missing = await encoders('--engine', join(folder, 'no-ffmpeg'));
  expect(missing.code).toBe(1);
  expect(missing.stderr).toMatch(/no-ffmpeg/);
});
