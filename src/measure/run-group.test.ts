import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#system/clock';
import { runChild, startChild } from '#system/child-process';
import { afterEach, expect, test } from 'vitest';
import { groupName } from './group-folder.ts';
import { ownCgroups } from './own-cgroup.ts';
import { createRunGroup, type RunGroup } from './run-group.ts';

const places = ownCgroups();
const made: RunGroup[] = [];

afterEach(async () => {
  for (const group of made.splice(0)) await group.remove();
});

async function group(only?: Partial<NonNullable<typeof places>>): Promise<RunGroup> {
  const none = { cpuacct: null, cpu: null, memory: null, unified: null };
  const one = await createRunGroup(newId(), only === undefined ? places : { ...none, ...only });
  made.push(one);
  return one;
}

const alive = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');

/** Two children that burn 0.25 s of CPU each, 200 MB in the parent, then a line with the CPU of all, and then it waits. */
const PROGRAM = `
  sub burn { my @b = times; while (1) { my @n = times; last if $n[0]+$n[1]-$b[0]-$b[1] >= $_[0] } }
  $| = 1; my $size = 200 * 1024 * 1024; my $held = ''; vec($held, $size - 1, 8) = 1;
  for (1..2) { if (!fork) { undef $held; burn(0.25); exit } }
  1 while wait > 0; select(undef, undef, undef, 0.3); my @t = times; print $t[0] + $t[1] + $t[2] + $t[3], "\\n"; <STDIN>;`;

async function runProgram(one: RunGroup) {
  let output = '';
  const child = startChild(...one.enter('perl', ['-e', PROGRAM]), {
    openInput: true,
    onStdout: (chunk) => (output += chunk.toString()),
  });
  one.add(child.pid!, 'entered');
  await expect.poll(() => output, { timeout: 30_000 }).toContain('\n');
  const use = { ...one.read(), toldS: Number(output) };
  child.kill();
  await child.result;
  return use;
}

const kinds = [
  { accounting: 'cgroup-v1', only: undefined },
  { accounting: 'cgroup-v2', only: { unified: places?.unified ?? null } },
  { accounting: 'proc', only: {} },
] as const;

test.for(kinds)('$accounting tells 0.5 CPU seconds and 200 MB of a tree as they were', async ({ accounting, only }) => {
  const one = await group(only);
  // A host that permits no group gives its reason and counts by /proc: the numbers must be right all the same.
  if (one.accounting !== accounting)
    expect([one.accounting, one.reason]).toEqual(['proc', expect.stringContaining(':')]);
  const use = await runProgram(one);
  // What it tells itself is in ticks of 10 ms, several of them cut off.
  expect(use.toldS).toBeGreaterThan(0.48);
  expect(Math.abs(use.cpuS! - use.toldS)).toBeLessThan(0.08);
  expect(use.memoryPeak).toBeGreaterThan(200 * 2 ** 20);
  expect(use.memoryPeak).toBeLessThan(640 * 2 ** 20);
  if (use.memoryPeakWithCache !== null) expect(use.memoryPeakWithCache).toBeGreaterThanOrEqual(use.memoryPeak! * 0.99);
  await one.remove();
  expect(one.read().cpuS).toBeGreaterThanOrEqual(use.cpuS!);
});

test.for(kinds)('$accounting: what is left running is killed, and nothing else', async ({ only }) => {
  const one = await group(only);
  const outside = startChild('sleep', ['120']);
  let grandchild = 0;
  const child = startChild('sh', ['-c', 'sleep 120 & echo $!; wait'], {
    onStdout: (chunk) => (grandchild = Number(chunk.toString())),
  });
  one.add(child.pid!);
  await expect.poll(() => grandchild).not.toBe(0);
  await sleep(250);
  await one.remove();
  await expect.poll(() => [alive(child.pid!), alive(grandchild)]).toEqual([false, false]);
  expect(alive(outside.pid!)).toBe(true);
  outside.kill();
  await Promise.all([child.result, outside.result]);
});

test('a child that was there before the group is added with its parent', async () => {
  const one = await group();
  let grandchild = 0;
  const child = startChild('sh', ['-c', 'sleep 120 & echo $!; wait'], {
    onStdout: (chunk) => (grandchild = Number(chunk.toString())),
  });
  await expect.poll(() => grandchild).not.toBe(0);
  one.add(child.pid!);
  if (one.account !== null) {
    const pids: number[] = [];
    one.account.pids(pids);
    expect(new Set(pids)).toEqual(new Set([child.pid!, grandchild]));
  }
  await one.remove();
  await expect.poll(() => alive(grandchild)).toBe(false);
  await child.result;
});

test('a group whose maker died is removed with what runs in it; those of the living stay', async () => {
  const mine = await group();
  if (mine.accounting !== 'cgroup-v1') return expect(mine.reason).not.toBeNull();
  const parent = places!.cpuacct!.folder;
  const [prefix, namespace] = groupName('x').split('.');
  const stale = `${parent}/${[prefix, namespace, 2 ** 22 + 1, 5, 'gone'].join('.')}`;
  mkdirSync(stale);
  // It made a group of its own, for a program that measured others.
  const within = `${stale}/${[prefix, namespace, 2 ** 22 + 2, 6, 'within'].join('.')}`;
  mkdirSync(within);
  const leftover = startChild('sh', ['-c', 'echo $$ > "$0/cgroup.procs"; exec sleep 120', stale]);
  await expect.poll(() => readFileSync(`${stale}/cgroup.procs`, 'utf8')).toBe(`${leftover.pid}\n`);
  const next = await group();
  expect(existsSync(stale)).toBe(false);
  expect((await leftover.result).signal).toBe('SIGKILL');
  expect(mine.read().cpuS).toBe(0);
  expect(next.read().cpuS).toBe(0);
});

test('a process that has ended already is no error, and this process itself is refused', async () => {
  const one = await group();
  one.add(2 ** 30);
  expect(() => one.add(process.pid)).toThrow('for children');
  expect(one.read().memoryPeak ?? 0).toBe(0);
});

test('arguments reach the program as they are, and a program that is not there says so', async () => {
  const one = await group();
  const odd = ['a b', '$(id)', '"', '--', '', '*', '\n;exit 3'];
  const [command, args] = one.enter('printf', ['[%s]', ...odd]);
  const result = await runChild(command, args);
  expect(result.stdout).toBe(odd.map((argument) => `[${argument}]`).join(''));
  const missing = await runChild(...one.enter('no-such-program-here', []));
  expect(missing.end === 'not-started' || missing.code === 127).toBe(true);
});
