import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { AgentHookResult, StressLoad } from '#live/agent-wire';
import { startLocalAgents } from '#live/local-agents';
import { pageBytes } from '#measure/page-size';
import { AgentBench } from '../../../test/live/agent-bench.ts';

const PAGE_BYTES = pageBytes();
const bench = AgentBench.forEach();

const until = (what: () => boolean, timeout = 30_000) => expect.poll(what, { timeout, interval: 20 }).toBe(true);

async function ready(options: Parameters<AgentBench['start']>[0] = {}): Promise<void> {
  await bench.start(options);
  await until(() => bench.collector.batches.length > 0);
}

const hook = (argv: readonly string[], timeoutMs = 10_000, env = {}) =>
  bench.collector.ask({ name: 'hook', argv, env, timeoutMs }) as Promise<AgentHookResult>;

test('a hook is refused where hooks were not allowed, with what to do', async () => {
  await ready();
  await expect(hook(['true'])).rejects.toThrow(/runs no hooks.*--allow-hooks/);
});

test('a hook runs as an argument list with its environment, and its end is told', async () => {
  await ready({ allowHooks: true });
  expect(await hook(['printf', '%s', 'a b; $HOME'])).toEqual({
    code: 0,
    end: 'exited',
    stdout: 'a b; $HOME',
    stderr: '',
  });
  expect(await hook(['sh', '-c', 'echo $OF_THE_BENCH >&2; exit 3'], 10_000, { OF_THE_BENCH: '7' })).toMatchObject({
    code: 3,
    stderr: '7\n',
  });
  expect(await hook(['sleep', '60'], 100)).toMatchObject({ end: 'timeout', code: null });
  expect(await hook(['no-such-program'])).toMatchObject({
    end: 'not-started',
    stderr: expect.stringContaining('ENOENT'),
  });
  const { stdout } = await hook(['sh', '-c', 'yes | head -c 1000000']);
  expect(stdout.length).toBeLessThanOrEqual(16 * 1024);
});

test('more hooks at once than it carries are refused, and all that run end with the agent', async () => {
  await ready({ allowHooks: true });
  const running = Array.from({ length: 4 }, () => hook(['sleep', '61.5']).catch((error: Error) => error.message));
  await sleep(100);
  await expect(hook(['true'])).rejects.toThrow(/4 hooks run/);
  await bench.stop();
  expect(processes('sleep 61.5')).toEqual([]);
  expect(running).toHaveLength(4);
});

const stress = (load: Partial<StressLoad> | null, leaseMs = 60_000) =>
  bench.collector.ask({
    name: 'stress',
    stress: load === null ? null : { cpu: 0, memoryBytes: 0, gpu: 0, ...load },
    leaseMs,
  });

test('a load uses the CPU that was asked for, and ends when it is taken back', async () => {
  await ready();
  await stress({ cpu: 0.5 });
  const cpuS = () => loads().reduce((sum, one) => sum + one.cpuS, 0);
  const begun = performance.now();
  await until(() => cpuS() > 0.4);
  // Half a core and its own start: not a whole one, however the machine is loaded.
  expect(cpuS() / ((performance.now() - begun) / 1000)).toBeLessThan(0.9);
  const pids = loads().map(({ pid }) => pid);
  await stress({ cpu: 0.5 });
  expect(loads().map(({ pid }) => pid)).toEqual(pids);
  await stress(null);
  expect(loads()).toEqual([]);
});

test('a load holds the memory that was asked for', async () => {
  await ready();
  const memoryBytes = 100 * 1024 * 1024;
  await stress({ memoryBytes });
  await until(() => loads().some(({ rss }) => rss > memoryBytes));
  await stress({ memoryBytes: 2 * memoryBytes });
  await until(() => loads().some(({ rss }) => rss > 2 * memoryBytes));
  expect(loads()).toHaveLength(1);
});

test('a load ends with its lease, and a renewed one does not', async () => {
  await ready();
  await stress({ cpu: 1 }, 1_500);
  await sleep(300);
  await stress({ cpu: 1 }, 5_000);
  // The first one would have ended.
  await sleep(1_500);
  expect(loads()).toHaveLength(1);
  await until(() => loads().length === 0 && bench.collector.texts.some((text) => text.includes('nobody renewed it')));
});

test.for([
  [{ cpu: 10_000 }, /10000 cores/],
  [{ memoryBytes: 2 ** 52 }, /bytes of memory/],
  [{ gpu: 1 }, /no GPU/],
] as const)('a load that this machine can not carry is refused: %s', async ([load, reason]) => {
  await ready();
  await expect(stress(load)).rejects.toThrow(reason);
  expect(loads()).toEqual([]);
});

test('a load dies with an agent that is killed, and the agent comes back as another instance', async () => {
  const { url, token } = bench.collector;
  const args = { guest: ['--process', String(process.pid)], client: ['--no-such-option'] };
  const agents = startLocalAgents({ collector: url, token, roles: ['guest'], args });
  await until(() => bench.collector.valuesOf('program.memory').length > 0);
  await stress({ cpu: 1, memoryBytes: 1024 * 1024 });
  await until(() => loads().length === 2);
  const started = loads();
  process.kill(agents.pids.get('guest')!, 'SIGKILL');
  await until(() => started.every((one) => statOf(one.pid) === null));
  await until(() => new Set(bench.collector.hellos.map(({ instance }) => instance)).size === 2);
  expect(readFileSync(`/proc/${agents.pids.get('guest')}/cmdline`, 'utf8')).not.toContain(token);
  const pid = agents.pids.get('guest')!;
  await agents.close();
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

test('a kept file comes in pieces as it is, stays for another time, and goes with its folder', async () => {
  await ready();
  const path = (await bench.collector.ask({ name: 'keep-folder', run: 'run-1' })) as string;
  const content = Buffer.from(Array.from({ length: 700_000 }, (_, i) => (i * 7919) % 256));
  writeFileSync(join(path, 'received.kept'), content);
  writeFileSync(join(path, 'empty'), '');
  for (let time = 1; time <= 2; time++) {
    bench.collector.files.length = 0;
    await bench.collector.ask({ name: 'fetch', run: 'run-1', file: 'received.kept' });
    expect(Buffer.concat(bench.collector.files.map(({ bytes }) => bytes)).equals(content)).toBe(true);
    expect(bench.collector.files.map(({ last }) => last)).toEqual([false, false, true]);
    expect(bench.collector.files.map(({ offset }) => offset)).toEqual([0, 262_144, 524_288]);
  }
  bench.collector.files.length = 0;
  await bench.collector.ask({ name: 'fetch', run: 'run-1', file: 'empty' });
  expect(bench.collector.files).toMatchObject([{ last: true, offset: 0, problem: null }]);
  await bench.collector.ask({ name: 'drop-folder', run: 'run-1' });
  await expect(bench.collector.ask({ name: 'fetch', run: 'run-1', file: 'received.kept' })).rejects.toThrow(
    /no received.kept/,
  );
  expect(bench.collector.files.at(-1)).toMatchObject({ last: true, problem: expect.stringContaining('received.kept') });
});

test('no name leads out of the folder', async () => {
  await ready();
  const path = (await bench.collector.ask({ name: 'keep-folder', run: 'run-1' })) as string;
  symlinkSync('/etc/hostname', join(path, 'link'));
  for (const file of ['../../secret', '/etc/hostname', '..', '', 'a/b', '.hidden', 'link', 'a\0b']) {
    await expect(bench.collector.ask({ name: 'fetch', run: 'run-1', file })).rejects.toThrow();
  }
  for (const run of ['..', '../x', '', '/tmp', 'a/b']) {
    await expect(bench.collector.ask({ name: 'keep-folder', run })).rejects.toThrow(/not the id of a run/);
    await expect(bench.collector.ask({ name: 'drop-folder', run })).rejects.toThrow(/not the id of a run/);
  }
});

interface Load {
  readonly pid: string;
  readonly cpuS: number;
  readonly rss: number;
}

/** Loads that agents of this process, or of its children, have started. */
function loads(): Load[] {
  return processes('stress-child').flatMap((pid): Load[] => {
    const stat = statOf(pid);
    if (stat === null || !isOurs(pid)) return [];
    return [{ pid, cpuS: (Number(stat[11]) + Number(stat[12])) / 100, rss: Number(stat[21]) * PAGE_BYTES }];
  });
}

function isOurs(pid: string): boolean {
  const parent = statOf(pid)?.[1];
  return parent !== undefined && (parent === String(process.pid) || (Number(parent) > 1 && isOurs(parent)));
}

/** Fields of /proc/PID/stat from the state on; null where it is gone or only a zombie. */
function statOf(pid: string): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : fields;
  } catch {
    return null;
  }
}

function processes(words: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words);
    } catch {
      return false; // It ended while we looked.
    }
  });
}
