import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OneTimeLinks, Sessions, readServerToken } from './tokens.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'encodelab-tokens-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('the token of a lab is made once, and only its owner can read it', async () => {
  const lab = await folder();
  const tokens = await Promise.all(Array.from({ length: 8 }, () => readServerToken(lab)));
  expect(new Set(tokens).size).toBe(1);
  expect((await stat(join(lab, 'server-token'))).mode & 0o777).toBe(0o600);
  expect((await readFile(join(lab, 'server-token'), 'utf8')).trim()).toBe(tokens[0]);
});

test('a damaged token file is an error that says what to do', async () => {
  const lab = await folder();
  await writeFile(join(lab, 'server-token'), '\n');
  await expect(readServerToken(lab)).rejects.toThrow(/damaged\n {2}delete this file/);
});

test('a link works once', () => {
  const links = new OneTimeLinks();
  const [first, second] = [links.create(), links.create()];
  expect(links.use(first)).toBe(true);
  expect(links.use(first)).toBe(false);
  expect(links.use('')).toBe(false);
  expect(links.use(second)).toBe(true);
});

test('of more sessions than are kept, the one that has been quiet longest goes', () => {
  const sessions = new Sessions();
  const ids = Array.from({ length: 256 }, () => sessions.create());
  expect(sessions.has(ids[0])).toBe(true);
  sessions.create();
  expect(sessions.has(ids[0])).toBe(true);
  expect(sessions.has(ids[1])).toBe(false);
});
