import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeriesBatch } from '#core/recording';
import { UserError } from '#core/user-error';
import { startChild } from '#system/child-process';
import { monotonicUs, newId } from '#system/clock';
import { expect, test } from 'vitest';
import { fakeHost as fakeGpuHost } from '../../test/measure/fake-host.ts';
import { i915Fdinfo, intelObject, NVIDIA_LINE } from '../../test/measure/gpu-formats.ts';
import { createRunGroup } from './run-group.ts';
import { startSampler, type Sampler } from './sampler.ts';

interface Row {
  readonly timeUs: number;
  readonly value: number;
}

/** Rows of an indicator from all batches. */
function rowsOf(sampler: Sampler, batches: readonly SeriesBatch[], name: string): Row[] {
  const position = sampler.indicators.findIndex((indicator) => indicator.name === name);
  expect(position, name).not.toBe(-1);
  return batches.flatMap((batch) =>
    [...batch.indicator].flatMap((indicator, i) =>
      indicator === position ? [{ timeUs: batch.timeUs[i], value: batch.value[i] }] : [],
    ),
  );
}

/** What a rate adds up to over its intervals. */
function integral(rows: readonly Row[], startUs: number): number {
  let before = startUs;
  let sum = 0;
  for (const { timeUs, value } of rows) {
    sum += (value * (timeUs - before)) / 1e6;
    before = timeUs;
  }
  return sum;
}

test('a busy loop with 200 MB is seen as what it is, on a host that is at least as busy', async () => {
  const batches: SeriesBatch[] = [];
  const sampler = startSampler({ agent: 'guest', intervalMs: 50, onBatch: (batch) => batches.push(batch) });
  const program = `const held = Buffer.alloc(200e6, 1);
    setTimeout(() => { console.log(JSON.stringify([process.cpuUsage(), held.length])); process.exit(); }, 1000);
    setImmediate(function again() { for (let i = 0; i < 1e6; i++); setImmediate(again); });`;
  const child = startChild(process.execPath, ['-e', program]);
  sampler.follow(child.pid!);
  const startUs = monotonicUs();
  const { stdout } = await child.result;
  sampler.stop();

  const [used] = JSON.parse(stdout) as [NodeJS.CpuUsage];
  const usedS = (used.user + used.system) / 1e6;
  const cpu = rowsOf(sampler, batches, 'encoder.cpu');
  // The last interval of a process that ended is not to be had from /proc.
  expect(integral(cpu, startUs)).toBeGreaterThan(usedS - 0.15);
  expect(integral(cpu, startUs)).toBeLessThan(usedS + 0.1);
  expect(usedS).toBeGreaterThan(0.2);

  const memory = Math.max(...rowsOf(sampler, batches, 'encoder.memory').map((row) => row.value));
  expect(memory).toBeGreaterThan(200e6);
  expect(memory).toBeLessThan(450e6);
  expect(rowsOf(sampler, batches, 'encoder.faults.minor').some((row) => row.value > 1000)).toBe(true);
  expect(rowsOf(sampler, batches, 'encoder.threads').some((row) => row.value > 3)).toBe(true);

  const busy = rowsOf(sampler, batches, 'cpu.busy');
  expect(integral(busy, busy[0].timeUs)).toBeGreaterThan(usedS * 0.8);
});

test('with a run group the CPU of a tree adds up to what the group counted, a child that came and went included', async () => {
  const batches: SeriesBatch[] = [];
  const group = await createRunGroup(newId());
  const sampler = startSampler({ agent: 'guest', intervalMs: 10, onBatch: (batch) => batches.push(batch) });
  const burn = 'my @n; do { @n = times } while $n[0] + $n[1] < 0.2;';
  let output = '';
  const child = startChild(
    ...group.enter('perl', ['-e', `$| = 1; ${burn} if (!fork) { ${burn} exit } wait; print 1; <STDIN>`]),
    {
      openInput: true,
      onStdout: (chunk) => (output += chunk.toString()),
    },
  );
  group.add(child.pid!, 'entered');
  const startUs = monotonicUs();
  sampler.follow(child.pid!, group.account);
  const beforeS = group.read().cpuS!;
  await expect.poll(() => output, { timeout: 30_000 }).toBe('1');
  await sleep(150);
  sampler.stop();
  const afterS = group.read().cpuS!;
  await group.remove();
  await child.result;
  // Each counts its own from its start, and the group from where it was entered.
  expect(afterS).toBeGreaterThan(0.35);
  expect(integral(rowsOf(sampler, batches, 'encoder.cpu'), startUs)).toBeGreaterThan((afterS - beforeS) * 0.95 - 0.01);
  expect(integral(rowsOf(sampler, batches, 'encoder.cpu'), startUs)).toBeLessThan((afterS - beforeS) * 1.05 + 0.01);
  expect(Math.max(...rowsOf(sampler, batches, 'encoder.processes').map((row) => row.value))).toBe(2);
});

test('CPU by kind adds up to busy, and cores add up to the host', async () => {
  const batches: SeriesBatch[] = [];
  const sampler = startSampler({ agent: 'guest', intervalMs: 20, onBatch: (batch) => batches.push(batch) });
  await sleep(300);
  sampler.stop();
  const at = (name: string) => rowsOf(sampler, batches, name).map((row) => row.value);
  const kinds = ['user', 'nice', 'system', 'irq', 'softirq'].map((kind) => at(`cpu.${kind}`));
  at('cpu.busy').forEach((busy, i) => {
    expect(kinds.reduce((sum, kind) => sum + kind[i], 0)).toBeCloseTo(busy, 9);
  });
  const cores = sampler.indicators.filter((indicator) => indicator.name.startsWith('cpu.busy['));
  const startUs = batches[0].timeUs[0];
  const ofCores = cores.reduce((sum, core) => sum + integral(rowsOf(sampler, batches, core.name), startUs), 0);
  // The kernel rounds each line to ticks by itself.
  expect(Math.abs(ofCores - integral(rowsOf(sampler, batches, 'cpu.busy'), startUs))).toBeLessThan(
    0.05 * (cores.length + 1),
  );
});

test('times rise, rates begin with the second sample, and what no process is followed for is not there', async () => {
  const batches: SeriesBatch[] = [];
  const startUs = monotonicUs();
  const sampler = startSampler({ agent: 'guest', intervalMs: 10, onBatch: (batch) => batches.push(batch) });
  await sleep(120);
  sampler.stop();
  const endUs = monotonicUs();
  const memory = rowsOf(sampler, batches, 'memory.used').map((row) => row.timeUs);
  const rates = rowsOf(sampler, batches, 'context_switches').map((row) => row.timeUs);
  expect(rates).toEqual(memory.slice(1));
  expect(memory.every((time, i) => time > (memory[i - 1] ?? 0))).toBe(true);
  expect(memory[0]).toBeGreaterThanOrEqual(startUs);
  expect(memory.at(-1)).toBeLessThanOrEqual(endUs);
  expect(rowsOf(sampler, batches, 'encoder.cpu')).toEqual([]);
  for (const batch of batches) {
    expect(new Set([batch.indicator.length, batch.timeUs.length, batch.value.length]).size).toBe(1);
    expect(batch.value.every(Number.isFinite)).toBe(true);
  }
  sampler.stop();
  const after = batches.length;
  await sleep(50);
  expect(batches.length).toBe(after);
});

test('an account that knows the CPU is asked instead of /proc', () => {
  const place = fakeHost();
  const batches: SeriesBatch[] = [];
  const sampler = startSampler({
    agent: 'a',
    intervalMs: 1000,
    place: place.place,
    onBatch: (one) => batches.push(one),
  });
  let cpuS = 5;
  sampler.follow(1, { cpuSeconds: () => cpuS, pids: () => {} });
  cpuS = 8;
  place.pass(2);
  sampler.stop();
  expect(rowsOf(sampler, batches, 'encoder.cpu')).toEqual([{ timeUs: 12_000_000, value: 1.5 }]);
  place.remove();
});

test('values of a host whose files are known', () => {
  const host = fakeHost();
  const batches: SeriesBatch[] = [];
  const sampler = startSampler({
    agent: 'a',
    intervalMs: 1000,
    place: host.place,
    onBatch: (one) => batches.push(one),
  });
  host.pass(2);
  host.write(
    'proc/stat',
    'cpu  300 0 100 900 50 0 0 40 0 0\ncpu0 300 0 100 900 50 0 0 40 0 0\nctxt 5000\nprocesses 70\nprocs_running 3\n',
  );
  host.write('proc/pressure/io', 'some avg10=1.00 total=500000\nfull avg10=1.00 total=200000\n');
  host.write('proc/diskstats', '8 0 sda 1 1 2000 1 1 1 4000 1 0 1500 1\n8 1 sda1 1 1 9999 1 1 1 9999 1 0 1 1\n');
  host.write('proc/net/dev', 'a\nb\n lo: 700 0 0 0 0 0 0 0 700 0\neth0: 4000 0 0 0 0 0 0 0 9000 0\n');
  sampler.stop();
  const last = (name: string) => rowsOf(sampler, batches, name).at(-1)?.value;
  expect({
    busy: last('cpu.busy'),
    core: last('cpu.busy[0]'),
    user: last('cpu.user'),
    iowait: last('cpu.iowait'),
    steal: last('cpu.steal'),
    switches: last('context_switches'),
    forks: last('forks'),
    queue: last('run_queue'),
    used: last('memory.used'),
    cached: last('memory.cached'),
    swap: last('memory.swap'),
    some: last('pressure.io.some'),
    full: last('pressure.io.full'),
    read: last('disk.read'),
    write: last('disk.write'),
    diskBusy: last('disk.busy'),
    receive: last('network.receive'),
    transmit: last('network.transmit'),
    loopback: last('network.loopback'),
  }).toEqual({
    busy: 1.5,
    core: 1.5,
    user: 1,
    iowait: 0.25,
    steal: 0.2,
    switches: 2000,
    forks: 10,
    queue: 2,
    used: 600 * 1024,
    cached: 180 * 1024,
    swap: 20 * 1024,
    some: 0.25,
    full: 0.1,
    read: 256_000,
    write: 512_000,
    diskBusy: 0.75,
    receive: 1500,
    transmit: 4000,
    loopback: 100,
  });
  host.remove();
});

test('GPUs and power of a host are sampled with all else, and a program of theirs dies with the sampler', async () => {
  const host = fakeHost();
  const gpu = fakeGpuHost(monotonicUs);
  gpu.card('card0', 'i915', '0000:00:02.0', '0x8086', { gt_act_freq_mhz: '1100\n' });
  gpu.card('card1', 'amdgpu', '0000:0a:00.0', '0x1002', { 'device/gpu_busy_percent': '50\n' });
  gpu.write('dev/nvidia0', '');
  gpu.write('sys/class/powercap/intel-rapl:0/name', 'package-0\n');
  gpu.write('sys/class/powercap/intel-rapl:0/energy_uj', '1000000\n');
  gpu.openDevice(process.pid, 5, i915Fdinfo(0, 0));
  gpu.write(`proc/${process.pid}/stat`, readFileSync('/proc/self/stat', 'latin1'));
  for (const file of ['stat', 'meminfo', 'self/stat'])
    cpSync(join(host.folder, 'proc', file), join(gpu.place.proc, file));
  gpu.write('bin/object', intelObject(30));
  gpu.program('intel_gpu_top', `while :; do cat ${gpu.folder}/bin/object; sleep 0.05; done`);
  const told = join(gpu.folder, 'told');
  gpu.program('nvidia-smi', `while :; do echo "${NVIDIA_LINE}"; echo $$ >> ${told}; sleep 0.05; done`);
  const batches: SeriesBatch[] = [];
  const startUs = monotonicUs();
  const sampler = startSampler({
    agent: 'a',
    intervalMs: 20,
    place: gpu.place,
    onBatch: (one) => batches.push(one),
  });
  sampler.follow(process.pid);
  const sampledSince = (us: number) =>
    ['power.package[0]', 'encoder.gpu.video', 'gpu.video[0]', 'gpu.power[2]'].every(
      (name) => (rowsOf(sampler, batches, name).at(-1)?.timeUs ?? 0) > us,
    );
  // What changes is seen against what was there before: of each something has to be.
  await expect.poll(() => sampledSince(startUs), { timeout: 30_000 }).toBe(true);
  gpu.openDevice(process.pid, 5, i915Fdinfo(0, 50_000_000));
  gpu.write('sys/class/powercap/intel-rapl:0/energy_uj', '3000000\n');
  const changedUs = monotonicUs();
  await expect.poll(() => readFileSync(told, 'latin1').split('\n').length, { timeout: 30_000 }).toBeGreaterThan(5);
  await expect.poll(() => sampledSince(changedUs + 100_000), { timeout: 30_000 }).toBe(true);
  sampler.stop();
  const endUs = monotonicUs();
  const last = (name: string) => rowsOf(sampler, batches, name).at(-1)?.value;
  expect(last('gpu.frequency[0]')).toBe(1100e6);
  expect(last('gpu.video[0]')).toBe(0.3);
  expect(last('gpu.busy[1]')).toBe(0.5);
  expect(last('gpu.power[2]')).toBe(74.21);
  // 2 J in all, and 50 ms of an engine, whatever the intervals were in which they came.
  const power = rowsOf(sampler, batches, 'power.package[0]');
  expect(integral(power, power[0].timeUs)).toBeCloseTo(2, 0);
  const video = rowsOf(sampler, batches, 'encoder.gpu.video');
  expect(integral(video, video[0].timeUs)).toBeGreaterThan(0.03);
  expect(integral(video, video[0].timeUs)).toBeLessThan(0.08);
  for (const { name } of sampler.indicators) {
    const times = rowsOf(sampler, batches, name).map(({ timeUs }) => timeUs);
    expect(times.every((time, i) => time >= (times[i - 1] ?? startUs) && time <= endUs)).toBe(true);
  }
  expect(new Set(sampler.indicators.map(({ name }) => name)).size).toBe(sampler.indicators.length);
  expect(sampler.absent.filter((reason) => /gpu|power/.test(reason))).toEqual([]);
  const pid = readFileSync(told, 'latin1').split('\n')[0];
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
  gpu.remove();
  host.remove();
});

test('what is not there is absent with its reason, and the rest goes on', () => {
  const host = fakeHost();
  for (const path of ['proc/pressure', 'proc/net', 'proc/cpuinfo', 'proc/diskstats']) host.take(path);
  const batches: SeriesBatch[] = [];
  const sampler = startSampler({
    agent: 'a',
    intervalMs: 1000,
    place: host.place,
    onBatch: (one) => batches.push(one),
  });
  expect(sampler.absent.map((reason) => reason.replaceAll(host.folder, ''))).toEqual([
    'cpu.frequency: no cpufreq, and /proc/cpuinfo: ENOENT',
    'pressure.cpu: /proc/pressure/cpu: ENOENT',
    'pressure.memory: /proc/pressure/memory: ENOENT',
    'pressure.io: /proc/pressure/io: ENOENT',
    'disk: /proc/diskstats: ENOENT',
    'network: /proc/net/dev: ENOENT',
    'power: no RAPL counter in /sys/class/powercap',
    'gpu: there is no GPU whose load can be told',
    'encoder.gpu: there is no /dev/dri',
  ]);
  expect(sampler.indicators.some((one) => /disk|network|pressure|frequency|gpu|power/.test(one.name))).toBe(false);
  sampler.stop();
  expect(rowsOf(sampler, batches, 'memory.used')).toHaveLength(1);
  host.remove();
});

test('a counter that begins anew gives no value, never a negative one', () => {
  const host = fakeHost();
  const batches: SeriesBatch[] = [];
  const sampler = startSampler({
    agent: 'a',
    intervalMs: 1000,
    place: host.place,
    onBatch: (one) => batches.push(one),
  });
  host.pass(1);
  host.write('proc/net/dev', 'a\nb\n lo: 0 0 0 0 0 0 0 0 0 0\neth0: 5 0 0 0 0 0 0 0 6 0\n');
  sampler.stop();
  expect(rowsOf(sampler, batches, 'network.receive')).toEqual([]);
  host.remove();
});

test('without any /proc there is nothing but reasons', () => {
  const batches: SeriesBatch[] = [];
  const sampler = startSampler({
    agent: 'a',
    place: { proc: '/nowhere', sys: '/nowhere', dev: '/nowhere' },
    onBatch: (one) => batches.push(one),
  });
  sampler.follow(process.pid);
  sampler.stop();
  expect(sampler.indicators).toEqual([]);
  expect(sampler.absent).toContain('encoder: there is no /nowhere/PID/stat to read');
  expect(batches).toEqual([]);
});

test('several trees have names of their own, and values only while they are followed', () => {
  const host = fakeHost();
  const batches: SeriesBatch[] = [];
  const sampler = startSampler({
    agent: 'a',
    intervalMs: 1000,
    prefixes: ['sender', 'receiver'],
    place: { ...host.place, proc: '/proc' },
    onBatch: (one) => batches.push(one),
  });
  sampler.follow(process.pid, null, 'receiver');
  host.pass(1);
  sampler.stop();
  expect(rowsOf(sampler, batches, 'receiver.memory').length).toBeGreaterThan(0);
  expect(rowsOf(sampler, batches, 'sender.memory')).toEqual([]);
  const left = startSampler({
    agent: 'a',
    intervalMs: 1000,
    prefixes: ['sender'],
    place: { ...host.place, proc: '/proc' },
    onBatch: (one) => batches.push(one),
  });
  batches.length = 0;
  left.follow(process.pid, null, 'sender');
  left.unfollow('sender');
  host.pass(1);
  left.stop();
  expect(rowsOf(left, batches, 'memory.used').length).toBeGreaterThan(0);
  expect(rowsOf(left, batches, 'sender.memory')).toEqual([]);
  host.remove();
});

test.for([9, 10_001, NaN])('an interval of %s ms is refused', (intervalMs) => {
  expect(() => startSampler({ agent: 'a', intervalMs, onBatch: () => {} })).toThrow(UserError);
});

/** A host of one core whose files and clock the test writes. */
function fakeHost() {
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write(
    'proc/stat',
    'cpu  100 0 0 0 0 0 0 0 0 0\ncpu0 100 0 0 0 0 0 0 0 0 0\nctxt 1000\nprocesses 50\nprocs_running 1\n',
  );
  write(
    'proc/meminfo',
    'MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\nBuffers: 50 kB\nCached: 100 kB\nSReclaimable: 30 kB\nSwapTotal: 90 kB\nSwapFree: 70 kB\n',
  );
  for (const one of ['cpu', 'memory', 'io']) write(`proc/pressure/${one}`, 'some total=0\nfull total=0\n');
  write('proc/diskstats', '8 0 sda 1 1 1000 1 1 1 2000 1 0 0 1\n8 1 sda1 1 1 1 1 1 1 1 1 0 1 1\n');
  write('proc/net/dev', 'a\nb\n lo: 500 0 0 0 0 0 0 0 500 0\neth0: 1000 0 0 0 0 0 0 0 1000 0\n');
  write('proc/cpuinfo', 'processor : 0\ncpu MHz : 1000.5\n');
  cpSync('/proc/self/stat', join(folder, 'proc/self/stat'), { recursive: true });
  mkdirSync(join(folder, 'sys/block/sda'), { recursive: true });
  let nowUs = 10_000_000;
  return {
    folder,
    place: { proc: join(folder, 'proc'), sys: join(folder, 'sys'), dev: join(folder, 'dev'), clock: () => nowUs },
    write,
    pass: (seconds: number) => (nowUs += seconds * 1e6),
    take: (path: string) => rmSync(join(folder, path), { recursive: true }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
