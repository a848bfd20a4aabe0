import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { AgentBench } from '../../../test/live/agent-bench.ts';
import { FollowedProgram } from './followed-program.ts';

const bench = AgentBench.forEach();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const until = (what: () => boolean) => expect.poll(what, { timeout: 30_000, interval: 20 }).toBe(true);

/** A program of that name: `sleep` under another. */
async function begin(name: string): Promise<ChildProcess> {
  const child = spawn('sleep', ['60'], { argv0: name });
  children.push(child);
  await once(child, 'spawn');
  return child;
}

test('a program is found by its name, newest first, and found again after it was started anew', async () => {
  const name = `followed-program-${process.pid}`;
  const followed: (number | null)[] = [];
  const messages: string[] = [];
  const program = new FollowedProgram({
    program: `/usr/bin/${name}`,
    lookMs: 10,
    follow: (pid) => followed.push(pid),
    unfollow: () => followed.push(null),
    onChanged: () => undefined,
    onMessage: (text) => messages.push(text),
  });
  expect(program.failure).toBe(`program: no process is named ${name}`);
  const first = await begin(name);
  await until(() => followed.length === 1);
  expect(program.failure).toBe(null);
  const second = await begin(name);
  first.kill('SIGKILL');
  await until(() => followed.length === 3);
  second.kill('SIGKILL');
  await until(() => followed.length === 4);
  expect(followed).toEqual([first.pid, null, second.pid, null]);
  expect(program.failure).toMatch(/no process is named/);
  expect(messages).toEqual([
    `measures the process ${name}, pid ${first.pid}`,
    `the process ${name}, pid ${first.pid}, has ended`,
    `measures the process ${name}, pid ${second.pid}`,
    `the process ${name}, pid ${second.pid}, has ended`,
  ]);
  program.close();
});

test('of several programs of one name it says how many there are, and which one is measured', async () => {
  const name = `followed-of-several-${process.pid}`;
  const children = [await begin(name), await begin(name), await begin(name)];
  const followed: number[] = [];
  const messages: string[] = [];
  const program = new FollowedProgram({
    program: name,
    follow: (pid) => followed.push(pid),
    unfollow: () => undefined,
    onChanged: () => undefined,
    onMessage: (text) => messages.push(text),
  });
  program.close();
  expect(children.map(({ pid }) => pid)).toContain(followed[0]);
  expect(messages).toEqual([
    `3 processes are called ${name}: the newest, pid ${followed[0]}, is measured; --process PID chooses another`,
  ]);
});

test('an agent measures a process that it is told, and tells when it has ended', async () => {
  const child = await begin('sleep');
  await bench.start({ process: String(child.pid) });
  await until(() => bench.collector.valuesOf('program.memory').length > 1);
  await until(() => bench.collector.valuesOf('program.cpu').length > 1);
  expect(bench.collector.texts).toContain(`measures the process sleep, pid ${child.pid}`);
  child.kill('SIGKILL');
  await until(
    () => bench.collector.indicators.at(-1)?.absent.includes(`program: process ${child.pid} has ended`) === true,
  );
  // While there was no process there was no value, and no zero.
  expect(Math.min(...bench.collector.valuesOf('program.processes'))).toBeGreaterThan(0);
});
