import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HookCommand } from '#core/benchmark';
import { withValue } from './hook-commands.ts';
import { runHook } from './hooks.ts';

const where = 'bench.yaml:7:5';
const argv = (...words: string[]): HookCommand => ({ kind: 'argv', argv: words, where });
const shell = (line: string): HookCommand => ({ kind: 'shell', line, where });
const options = { timeoutMs: 10_000 };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-hooks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a command runs in the folder it is given, and its success is no problem', async () => {
  const result = await runHook(argv('touch', 'made here'), { ...options, cwd: folder });
  expect(result).toEqual({ ok: true, aborted: false, problem: null });
  expect(await readFile(join(folder, 'made here'), 'utf8')).toBe('');
});

test('a failure tells where it stands, its exit status, and the end of what it wrote', async () => {
  const { ok, problem } = await runHook(shell('echo half done; echo no such display >&2; exit 7'), options);
  expect(ok).toBe(false);
  expect(problem).toMatchObject({ where, what: expect.stringContaining('failed with exit status 7') });
  expect(problem!.what).toContain('    no such display\n    half done');
});

test('a command that hangs is stopped after its time, with all of its children', async () => {
  const { problem } = await runHook(shell('echo waiting; sleep 60 & wait'), { timeoutMs: 300 });
  expect(problem).toMatchObject({
    what: expect.stringContaining('did not end within 0.3 s'),
    todo: expect.stringContaining('hook_timeout'),
  });
  expect(problem!.what).toContain('waiting');
});

test('a program that is not there is told as that', async () => {
  const { problem } = await runHook(argv('no-such-program-here'), options);
  expect(problem!.what).toContain('could not be started: no such program');
});

test("the caller's signal ends it", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const result = await runHook(argv('sleep', '60'), { ...options, signal: controller.signal });
  expect(result).toMatchObject({ ok: false, aborted: true });
});

test('an argument list reaches no shell', async () => {
  const file = join(folder, 'args');
  const command = withValue(
    argv('sh', '-c', 'printf "%s\\n" "$@" > "$0"', file, '$mode', '${mode}x', '$modes'),
    'mode',
    '`id`; $HOME "a\'b $mode $&',
  );
  expect(await runHook(command, options)).toMatchObject({ ok: true });
  expect(await readFile(file, 'utf8')).toBe('`id`; $HOME "a\'b $mode $&\n`id`; $HOME "a\'b $mode $&x\n$modes\n');
});

test('a shell line gets the value as a variable, and nothing of it is carried out', async () => {
  const file = join(folder, 'shell');
  const command = withValue(
    shell(`printf '%s' "$gst_prop_bitrate" > '${file}'`),
    'gst.prop=bitrate',
    '1"; touch broken; "',
  );
  expect(await runHook(command, { ...options, cwd: folder })).toMatchObject({ ok: true });
  expect(await readFile(file, 'utf8')).toBe('1"; touch broken; "');
  await expect(readFile(join(folder, 'broken'))).rejects.toThrow('ENOENT');
});

test('a command of a role never runs here', async () => {
  const { ok, problem } = await runHook({ ...argv('touch', join(folder, 'guest')), role: 'guest' }, options);
  expect(ok).toBe(false);
  expect(problem!.what).toContain('needs the agent of guest');
  await expect(readFile(join(folder, 'guest'))).rejects.toThrow('ENOENT');
});
