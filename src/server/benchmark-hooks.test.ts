import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Collector } from '#live/collector-types';
import { runPlacedHook } from './benchmark-hooks.ts';

const FILE = `
session: spice
source: x11::0
settings: { encoder: libx264 }
matrix:
  display: { ico: , moving: 'testsrc2=rate=30' }
hooks:
  display:
    before: { guest: show $display }
`;

let folder: string;
let commands: string[];
/** The agents' side of it. */
const agents = {
  hook: (role: string, argv: readonly string[]) => {
    commands.push(`${role}: ${argv.join(' ')}`);
    return Promise.resolve({ code: 0, end: 'exited', stdout: '', stderr: '' });
  },
} as unknown as Collector;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'encodelab-test-'));
  commands = [];
  writeFileSync(join(folder, 'shown.yaml'), FILE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a hook of an agent gets what a named value stands for, and only values of the file', async () => {
  const place = { file: join(folder, 'shown.yaml'), moment: 'before', property: 'display', index: 0 } as const;
  await runPlacedHook(agents, { ...place, value: 'ico' }, 1_000);
  await runPlacedHook(agents, { ...place, value: 'moving' }, 1_000);
  expect(commands).toEqual(['guest: show ico', 'guest: show testsrc2=rate=30']);
  await expect(runPlacedHook(agents, { ...place, value: 'testsrc2=rate=30' }, 1_000)).rejects.toThrow(/has no value/);
  await expect(runPlacedHook(agents, { ...place, value: '/bin/sh' }, 1_000)).rejects.toThrow(/has no value/);
});
