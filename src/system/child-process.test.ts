import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runChild, startChild, type RunningChild } from './child-process.ts';

/** A zombie that nobody has collected yet is dead. */
const alive = (pid: number) => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
  } catch {
    return false;
  }
};

test('a child that exits tells its status and what it wrote', async () => {
  const result = await runChild('sh', ['-c', 'echo out; echo err >&2; exit 3']);
  expect(result).toMatchObject({ end: 'exited', code: 3, stdout: 'out\n', stderr: 'err\n', truncated: false });
});

test('a program that is not there is an end of its own, with the cause', async () => {
  const result = await runChild('no-such-program-here', []);
  expect(result.end).toBe('not-started');
  expect(result.cause?.code).toBe('ENOENT');
});

test('after a time-out the whole group is gone, a grandchild with the pipes included', async () => {
  let pid = 0;
  const began = performance.now();
  const result = await runChild('sh', ['-c', 'sleep 60 & echo $!; wait'], {
    timeoutMs: 200,
    onStdout: (chunk) => (pid = Number(chunk.toString())),
  });
  expect(result.end).toBe('timeout');
  // Not after its own minute.
  expect(performance.now() - began).toBeLessThan(30_000);
  await expect.poll(() => alive(pid)).toBe(false);
});

test('a grandchild that outlives its parent does not hold the result back, and is killed', async () => {
  const began = performance.now();
  const result = await runChild('sh', ['-c', 'sleep 60 & echo $!; exit 0']);
  expect(result.end).toBe('exited');
  expect(performance.now() - began).toBeLessThan(30_000);
  await expect.poll(() => alive(Number(result.stdout))).toBe(false);
});

test('what a child leaves behind is told by its names; what it waited for, what is dead, and what we ended is not', async () => {
  const leftBy = async (script: string, end?: (child: RunningChild) => void) => {
    const told: string[] = [];
    const child = startChild('sh', ['-c', script], {
      onLeft: (names) => told.push(...names),
      onStdout: () => end?.(child),
    });
    await child.result;
    return told;
  };
  expect(await leftBy('sleep 60 & exit 0')).toEqual(['sleep']);
  expect(await leftBy('sleep 60 >/dev/null 2>&1 & exit 0')).toEqual(['sleep']);
  expect(await leftBy('sleep 0.05 & wait')).toEqual([]);
  // Nobody waits for the first one: it is dead, and may stay so for long.
  expect(await leftBy('true & sleep 0.05')).toEqual([]);
  expect(await leftBy('sleep 60 & echo begun; wait', (child) => child.kill())).toEqual([]);
});

test('a child that ignores SIGTERM is killed after the grace period', async () => {
  let isReady = false;
  const child = startChild('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
    graceMs: 200,
    onStdout: () => (isReady = true),
  });
  await expect.poll(() => isReady).toBe(true);
  child.end();
  const result = await child.result;
  expect(result.signal).toBe('SIGKILL');
});

test('only the end of a long output is kept', async () => {
  const result = await runChild('sh', ['-c', 'yes line | head -c 1000000; echo last'], { tailBytes: 1000 });
  expect(result.stdout.length).toBeLessThanOrEqual(1000);
  expect(result.stdout.endsWith('last\n')).toBe(true);
  expect(result.truncated).toBe(true);
});

test('a child dies with its parent, even when that is killed', async () => {
  const script = `import { startChild } from ${JSON.stringify(new URL('./child-process.ts', import.meta.url).href)};
    console.log(startChild('sleep', ['60']).pid);`;
  let pid = 0;
  const parent = startChild(process.execPath, ['--conditions=encodelab-source', '--input-type=module', '-e', script], {
    onStdout: (chunk) => (pid = Number(chunk.toString())),
  });
  while (pid === 0) await sleep(20);
  expect(alive(pid)).toBe(true);
  process.kill(parent.pid!, 'SIGKILL');
  await parent.result;
  await expect.poll(() => alive(pid)).toBe(false);
});
