// A campaign as a user has it: two titles encoded again by another ladder, at the places of the old ones.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TitleSummary } from '#core/title';
import { cli, temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const lab = join(folder, 'lab');
const path = (name: string) => join(folder, name);
const json = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const ladder = (name: string, rung: string) =>
  writeFileSync(path(`${name}.yaml`), `name: ${name}\ngop: 1s\nrungs:\n  - ${rung}\naudio: []\n`);

async function encode(source: string, ...more: string[]): Promise<TitleSummary> {
  const made = await cli('encode', path(source), '--ladder', path('old.yaml'), '--lab', lab, '--json', ...more);
  expect(made.code, made.stderr).toBe(0);
  return json(made.stdout).at(-1) as unknown as TitleSummary;
}

const campaign = (...args: string[]) => cli('campaign', ...args, '--lab', lab);

beforeAll(async () => {
  ladder('old', '{encoder: libx264, resolution: 160x90, preset: ultrafast, crf: 30}');
  ladder('new', '{encoder: libx264, resolution: 80x44, preset: ultrafast, crf: 30}');
  ladder('third', '{encoder: libx264, resolution: 40x22, preset: ultrafast, crf: 30}');
  const tiny = { seconds: 2, size: '160x90', audio: false, scenes: ['testsrc2'] };
  for (const name of ['one.mp4', 'two.mp4']) await makeSource(folder, name, tiny);
});

test('a campaign encodes again what is not current at the places of the old titles; one that fails leaves the old', async () => {
  const one = await encode('one.mp4');
  const two = await encode('two.mp4', '--out', path('published two'));
  const dash = (title: TitleSummary) => readFileSync(title.manifests!.dash, 'utf8');

  const wrong = await campaign('start', 'smaller', '--ladder', path('new.yaml'), '--filter', 'hieght>=10');
  expect([wrong.code, wrong.stdout]).toEqual([1, '']);
  expect(wrong.stderr).toContain('hieght>=10');
  expect(wrong.stderr).toContain('Did you mean height?');

  const start = ['start', 'smaller', '--ladder', path('new.yaml'), '--filter', 'codec=h264 height=90'];
  const started = await campaign(...start, '--json');
  expect(started.code, started.stderr).toBe(0);
  expect(JSON.parse(started.stdout)).toMatchObject({ sources: 2, added: 2 });

  const ran = await campaign('run', 'smaller', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const ended = json(ran.stdout).filter(({ event }) => event === 'title');
  expect(ended.map(({ name, state }) => `${String(name)} ${String(state)}`).toSorted()).toEqual([
    'one done',
    'two done',
  ]);
  expect(json(ran.stdout).at(-1)).toMatchObject({
    state: 'ended',
    titles: { done: 2, failed: 0, waiting: 0, underWay: 0 },
    sourceS: { done: 4, left: 0 },
    forecast: { titles: 2 },
  });
  for (const title of [one, two]) expect(dash(title)).toContain('v1-h264-44');
  for (const title of [one, two]) expect(dash(title)).not.toContain('v1-h264-90');
  expect((await campaign('start', 'failing', '--ladder', path('third.yaml'), '--filter', 'name=one')).code).toBe(0);
  writeFileSync(path('one.mp4'), 'no video any more');
  const failed = await campaign('run', 'failing');
  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain('0 of 1 done, 0 under way, 0 waiting, 1 failed');
  expect(failed.stdout).toContain('not a video');
  expect(dash(one)).toContain('v1-h264-44');
  const listed = await campaign('list');
  expect(listed.stdout).toMatch(/failing\s+ended\s+0\s+0\s+1/);
  expect(listed.stdout).toMatch(/smaller\s+ended\s+2\s+0\s+0/);
});
