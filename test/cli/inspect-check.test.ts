import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SourceFinding } from '#core/source-check';
import { cli, temporaryFolder } from './run-cli.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function clip(name: string, soundS: number): string {
  const file = join(folder, name);
  const inputs = ['testsrc2=size=320x180:rate=25:duration=4', `sine=duration=${soundS}`];
  const args = [...inputs.flatMap((input) => ['-f', 'lavfi', '-i', input]), '-c:v', 'libx264', '-preset', 'ultrafast'];
  execFileSync('ffmpeg', ['-v', 'error', ...args, file]);
  return file;
}

test('a checked source ends with status 0, its warnings are listed, and --json is one object', async () => {
  const file = clip('warned.mp4', 3.6);
  const told = await cli('inspect', file, '--check');
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).toMatch(/^warning +audio-length: audio stream 1 ends 0\.\d+ s before the picture/m);
  const { code, stdout } = await cli('inspect', file, '--check', '--json');
  expect(code).toBe(0);
  const json = JSON.parse(stdout) as { findings: SourceFinding[]; scenes: number[]; decodedFrames: number };
  expect(json).toMatchObject({
    scenes: [0],
    decodedFrames: 100,
    findings: [{ fault: 'audio-length', level: 'warning' }],
  });
});

test('a fault that is an error is told on both outputs, and the status is 1', async () => {
  const { code, stdout, stderr } = await cli('inspect', clip('short.mp4', 1), '--check', '--json');
  expect(code).toBe(1);
  expect((JSON.parse(stdout) as { findings: SourceFinding[] }).findings).toMatchObject([{ level: 'error' }]);
  expect(stderr).toMatch(/short\.mp4: audio stream 1 ends .* before the picture\n {2}Look/);
});
