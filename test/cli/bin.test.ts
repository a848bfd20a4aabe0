// The executable itself: which Node it takes, and what it says where there is none that will do.

import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runChild } from '#system/child-process';
import { temporaryFolder } from './run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isBuilt = existsSync(join(root, 'dist', 'cli', 'main.js'));
const systemNode = '/usr/bin/node';
const oldNode =
  existsSync(systemNode) && Number(/v(\d+)/.exec((await runChild(systemNode, ['--version'])).stdout)?.[1]) < 24;

test.skipIf(!isBuilt)('it runs from a checkout, under the Node that came with the packages', async () => {
  const result = await runChild(join(root, 'bin', 'encodelab'), ['--version']);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(result).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test.skipIf(!oldNode)('with a Node that is too old it says so in one line (needs an old /usr/bin/node)', async () => {
  const folder = join(temporaryFolder(), 'bin');
  mkdirSync(folder);
  copyFileSync(join(root, 'bin', 'encodelab'), join(folder, 'encodelab'));
  const result = await runChild('sh', [join(folder, 'encodelab')], { env: { PATH: '/usr/bin:/bin' } });
  expect(result.code).toBe(1);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
  expect(result.stderr).toMatch(/Node \d+\.\d+\.\d+ is too old/);
});

test.skipIf(!isBuilt)('a wrong command line ends with 2 and a nearest word, help with 0', async () => {
  const bin = join(root, 'bin', 'encodelab');
  const wrong = await runChild(bin, ['inspekt']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('inspect');
  expect((await runChild(bin, ['bench', 'run', '--help'])).code).toBe(0);
  expect((await runChild(bin, ['bench', 'plan'])).code).toBe(2);
});
