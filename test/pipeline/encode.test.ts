// A title as a user makes it: one command, real encoders, a published stream that decodes.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TitleSummary } from '#core/title';
import { cli, temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';

const folder = temporaryFolder();
const lab = join(folder, 'lab');
const ladder = join(folder, 'ladder.yaml');
const SECONDS = 8;
const FRAMES = SECONDS * 24;
let source = '';

beforeAll(async () => {
  source = await makeSource(folder, 'two scenes.mp4', { seconds: SECONDS });
  writeFileSync(
    ladder,
    `name: small
gop: 1s
rungs:
  - {encoder: libx264, resolution: 320x180, preset: ultrafast, crf: 28}
  - {encoder: libvpx-vp9, resolution: 160x90, crf: 40, b: 0, deadline: realtime, cpu-used: 8}
audio:
  - {codec: aac, bitrate: 64k, channels: 2}
`,
  );
});

const encode = (...more: string[]) => cli('encode', source, '--ladder', ladder, '--chunk', '3s', '--lab', lab, ...more);
const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a source becomes a published title with every frame of every rung, and the same command again makes nothing twice', async () => {
  const made = await encode('--json');
  expect(made.code, made.stderr).toBe(0);
  const events = lines(made.stdout);
  const summary = events.at(-1) as unknown as TitleSummary;
  expect(summary).toMatchObject({ outcome: 'done', reason: null });
  const video = summary.renditions.filter(({ width }) => width !== null);
  expect(video.map(({ codec, width, height, frames }) => ({ codec, width, height, frames }))).toEqual([
    { codec: 'h264', width: 320, height: 180, frames: FRAMES },
    { codec: 'vp9', width: 160, height: 90, frames: FRAMES },
  ]);
  expect(summary.renditions.map(({ codec }) => codec)).toContain('aac');
  const { hls, dash } = summary.manifests!;
  expect(readFileSync(dash, 'utf8')).toContain('type="static"');
  expect(readFileSync(hls, 'utf8')).toContain('#EXT-X-STREAM-INF');
  const before = statSync(dash).mtimeMs;

  const again = await encode('--json');
  expect(again.code, again.stderr).toBe(0);
  expect(lines(again.stdout).at(-1)).toEqual(summary);
  expect(lines(again.stdout).length).toBeLessThan(4);
  expect(statSync(dash).mtimeMs).toBe(before);

  const listed = await cli('titles', 'list', '--lab', lab);
  expect(listed.stdout).toContain('two scenes');
  const shown = await cli('titles', 'show', summary.title, '--lab', lab);
  expect(shown.stdout).toContain('320x180');
  const deleted = await cli('titles', 'delete', summary.title, '--lab', lab);
  expect(deleted.code, deleted.stderr).toBe(0);
  expect(existsSync(join(lab, 'titles', summary.title))).toBe(false);
  expect(existsSync(dirname(dash))).toBe(true);
});

test('what is not there, no video, or not understood is refused with what to do, before anything is made', async () => {
  const missing = await cli('encode', join(folder, 'none.mp4'), '--lab', lab);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('there is no such file');
  const noLadder = await cli('encode', source, '--ladder', 'wep', '--lab', lab);
  expect(noLadder.code).toBe(1);
  expect(noLadder.stderr).toContain('web');
  const nothing = await cli('encode', source, '--ladder', ladder, '--chunk', '4s', '--resume', '--lab', lab);
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain('--resume');
  const text = join(folder, 'text.mp4');
  writeFileSync(text, 'this is no video');
  const noVideo = await cli('encode', text, '--ladder', ladder, '--lab', lab, '--json');
  expect(noVideo.code).toBe(1);
  expect(lines(noVideo.stdout).at(-1)).toMatchObject({ outcome: 'failed', renditions: [], manifests: null });
});
