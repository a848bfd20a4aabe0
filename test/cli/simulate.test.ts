// Simulations on the command line: what they end with.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, temporaryFolder } from './run-cli.ts';

const file = join(temporaryFolder(), 'work.yaml');
writeFileSync(
  file,
  "fleet: '1*c4:4cpu,8GB,3.6/h'\nclasses: {a: {duration: 10s, cpu: 1, memory: 5GB}}\ntitles: [{stages: [a: 4]}]",
);
const simulate = (...args: string[]) => cli('simulate', file, '--seeds', '1', ...args);
const SMALL = ['--fleet', '1*c4:4cpu,4GB,3.6/h'];

test('work that fits no worker is a failure with neither makespan nor cost, and says why', async () => {
  const { code, stdout } = await simulate(...SMALL);
  expect(code).toBe(1);
  expect(stdout).toContain('4 items fit no worker of the fleet');
  expect(stdout).toMatch(/^makespan +–$/m);
  const json = await simulate(...SMALL, '--json');
  expect(json.code).toBe(1);
  expect(json.stderr).toContain('4 items fit no worker of the fleet');
  const [told] = (JSON.parse(json.stdout) as { results: object[] }).results;
  expect(told).toMatchObject({ makespanS: null, costHeld: null, turnAroundS: { p50: null }, unfinishedTitles: 1 });
  const mix = await simulate(...SMALL, '--best-mix', '--deadline', '1h');
  expect(mix.code).toBe(1);
  expect(mix.stdout).toContain('not all work fits any mix');
}, 60_000);

test('work that is done is a success, and nothing is told beside it', async () => {
  const { code, stdout, stderr } = await simulate();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^makespan +40 s$/m);
  expect(stdout).toMatch(/^cost +0\.04$/m);
}, 60_000);

test('a goal that no mix meets is a threshold that is not met', async () => {
  const missed = await simulate('--best-mix', '--budget', '0.000001');
  expect(missed.code).toBe(99);
  expect(missed.stdout).toContain('no mix was found that does it; nearest');
  const json = await simulate('--best-mix', '--budget', '0.000001', '--json');
  expect({ code: json.code, stderr: json.stderr }).toEqual({
    code: 99,
    stderr: 'no mix was found that meets the goal; the nearest is told\n',
  });
  expect((await simulate('--best-mix', '--budget', '1000')).code).toBe(0);
}, 60_000);
