import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { monotonicUs } from '#system/clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeHost, type FakeHost } from '../../../test/measure/fake-host.ts';
import { NVIDIA_LINE, NVIDIA_LINE_ABSENT } from '../../../test/measure/gpu-formats.ts';
import { sampled } from '../../../test/measure/probe-values.ts';
import { measuredGpus } from './gpu-list.ts';
import { GpuNames } from './gpu-quantity.ts';
import { NVIDIA_FIELDS, NvidiaSmiProbe, parseNvidiaLine, unknownField } from './nvidia-smi.ts';

let host: FakeHost;
beforeEach(() => {
  host = fakeHost(monotonicUs);
  host.write('dev/nvidia0', '');
});
afterEach(() => host.remove());

function open() {
  const gpus = measuredGpus(host.place);
  return sampled(NvidiaSmiProbe.open(host.place, gpus, new GpuNames(gpus.length), 100));
}

const ALL = NVIDIA_FIELDS.map(({ name }) => name);

test('a line becomes values in the units of their quantities', () => {
  const reading = parseNvidiaLine(NVIDIA_LINE, NVIDIA_FIELDS);
  expect(reading).toMatchObject({ address: '0000:01:00.0', index: 0 });
  const values = Object.fromEntries(NVIDIA_FIELDS.map(({ quantity }, i) => [quantity, reading!.values[i]]));
  expect(values).toEqual({
    busy: 0.37,
    encoder: 0.52,
    decoder: 0,
    'memory.busy': 0.11,
    memory: 1523 * 2 ** 20,
    frequency: 1920e6,
    'frequency.video': 1695e6,
    power: 74.21,
    temperature: 58,
    'encoder.sessions': 2,
    'encoder.rate': 119,
    'encoder.latency': 0.00421,
  });
});

test('what a GPU does not tell is absent, and means over no encode at all are too', () => {
  const reading = parseNvidiaLine(NVIDIA_LINE_ABSENT, NVIDIA_FIELDS);
  expect(reading).toMatchObject({ address: '0000:c1:00.0', index: 1 });
  const told = ALL.filter((_, i) => !Number.isNaN(reading!.values[i]));
  expect(told).toEqual(['memory.used', 'clocks.sm', 'clocks.video', 'temperature.gpu']);
  const idle = parseNvidiaLine('00000000:01:00.0, 0, 0, 0, 0, 0, 1, 210, 555, 9.10, 31, 0, 0, 0', NVIDIA_FIELDS)!;
  expect(idle.values.slice(-3)).toEqual([0, NaN, NaN]);
  expect(idle.values[0]).toBe(0);
});

test('lines that are none of values are told apart, and no line throws', () => {
  for (const line of [
    '',
    'No devices were found',
    "NVIDIA-SMI has failed because it couldn't communicate",
    '1, 2, 3',
  ]) {
    expect(parseNvidiaLine(line, NVIDIA_FIELDS)).toBe(null);
  }
  fc.assert(
    fc.property(fc.nat(80), fc.nat(9), fc.string({ maxLength: 6 }), (at, taken, put) => {
      const line = NVIDIA_LINE.slice(0, at) + put + NVIDIA_LINE.slice(at + taken);
      const reading = parseNvidiaLine(line, NVIDIA_FIELDS);
      expect(reading?.values.every((value) => Number.isNaN(value) || value >= 0) ?? true).toBe(true);
    }),
  );
});

test('the error of an unknown field names it', () => {
  const error = 'Field "encoder.stats.averageFps" is not a valid field to query.\n\n';
  expect(unknownField({ stdout: error, stderr: '' })).toBe('encoder.stats.averageFps');
  expect(unknownField({ stdout: NVIDIA_LINE, stderr: '' })).toBe(null);
});

test('values carry the time at which they came, and the program dies with the probe', async () => {
  host.program('nvidia-smi', `echo $$ > ${host.folder}/pid; while :; do echo "${NVIDIA_LINE}"; sleep 0.05; done`);
  const { rows, probe, failure } = open();
  expect(rows()).toEqual([]);
  const startUs = monotonicUs();
  const found: { timeUs: number; value: number }[] = [];
  const power = () => rows().filter(({ name }) => name === 'gpu.power');
  await expect.poll(() => found.push(...power()), { timeout: 30_000 }).toBeGreaterThan(3);
  expect(found.every(({ value }) => value === 74.21)).toBe(true);
  const times = found.map(({ timeUs }) => timeUs);
  expect(times[0]).toBeGreaterThan(startUs - 1e6);
  expect(times.at(-1)).toBeLessThan(monotonicUs());
  expect(times.every((time, i) => i === 0 || time > times[i - 1])).toBe(true);
  expect(failure()).toBe(null);
  const pid = Number(readFileSync(join(host.folder, 'pid'), 'utf8'));
  probe.close();
  await expect.poll(() => isRunning(pid)).toBe(false);
});

test('fields that this version does not know are dropped one by one, and remembered', async () => {
  host.program(
    'nvidia-smi',
    `echo x >> ${host.folder}/starts
for field in encoder.stats.averageLatency utilization.decoder; do
  case "$1" in *$field*) echo "Field \\"$field\\" is not a valid field to query."; echo; exit 2;; esac
done
while :; do echo "00000000:01:00.0, 0, 37, 52, 11, 1523, 1920, 1695, 74.21, 58, 2, 119"; sleep 0.05; done`,
  );
  const { values, probe } = open();
  const all: Record<string, number> = {};
  await expect.poll(() => Object.assign(all, values())['gpu.encoder.rate'], { timeout: 30_000 }).toBe(119);
  expect(all).toMatchObject({ 'gpu.encoder': 0.52, 'gpu.memory.busy': 0.11, 'gpu.power': 74.21 });
  expect(all).not.toHaveProperty('gpu.decoder');
  expect(all).not.toHaveProperty('gpu.encoder.latency');
  probe.close();
  expect(starts()).toBe(3);
  const again = open();
  await expect.poll(() => again.values()['gpu.encoder.rate'], { timeout: 30_000 }).toBe(119);
  again.probe.close();
  expect(starts()).toBe(4);
});

test('a program that refuses all fields is started no more often than there are fields', async () => {
  const names = ALL.join(' ');
  host.program(
    'nvidia-smi',
    `echo x >> ${host.folder}/starts
for field in ${names}; do
  case "$1" in *$field*) echo "Field \\"$field\\" is not a valid field to query."; exit 2;; esac
done
exit 3`,
  );
  const { rows, probe, failure } = open();
  await expect.poll(() => (rows(), failure()), { timeout: 30_000 }).toMatch(/^gpu: nvidia-smi ended \(exit 2\): Field/);
  expect(starts()).toBe(ALL.length);
  probe.close();
});

test('several GPUs have their own values; those without an address go by their number', async () => {
  host.write('dev/nvidia1', '');
  const other = NVIDIA_LINE.replace('01:00.0, 0', '41:00.0, 1').replace('74.21', '12.5');
  host.program('nvidia-smi', `while :; do echo "${NVIDIA_LINE}"; echo "${other}"; sleep 0.05; done`);
  const { values, probe } = open();
  const all: Record<string, number> = {};
  await expect.poll(() => Object.assign(all, values())['gpu.power[1]'], { timeout: 30_000 }).toBe(12.5);
  expect(all['gpu.power[0]']).toBe(74.21);
  probe.close();
});

test.for([
  {
    what: 'a driver that is not there',
    script: 'echo "NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver."; exit 9',
    reason:
      "gpu: nvidia-smi ended (exit 9): NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
  },
  {
    what: 'death in the middle',
    script: `echo "${NVIDIA_LINE}"; sleep 0.1; kill -9 $$`,
    reason: 'gpu: nvidia-smi ended (SIGKILL)',
  },
  {
    what: 'a line without an end',
    script: 'while :; do printf "1234567890,1234567890,"; done',
    reason: 'gpu: nvidia-smi printed a line of more than 4096 characters',
  },
  { what: 'no output at all', script: 'exit 0', reason: 'gpu: nvidia-smi ended (exit 0)' },
  { what: 'a program that is none', script: '', reason: /^gpu: nvidia-smi (could not be started|ended)/ },
])('$what is told as the reason, and there are no values from then on', async ({ script, reason }) => {
  host.program('nvidia-smi', script);
  const { rows, probe, failure } = open();
  await expect.poll(() => (rows(), failure()), { timeout: 30_000 }).not.toBe(null);
  expect(failure()).toMatch(reason);
  await sleep(100);
  expect(rows()).toEqual([]);
  probe.close();
});

test.for([
  { what: 'hangs', script: 'sleep 1000' },
  { what: 'prints garbage', script: 'while :; do echo "garbage, more garbage"; sleep 0.02; done' },
])('a program that $what is told, and holds nothing up', async ({ script }) => {
  host.program('nvidia-smi', `echo $$ > ${host.folder}/pid; ${script}`);
  let laterUs = 0;
  const clock = () => monotonicUs() + laterUs;
  const gpus = measuredGpus(host.place);
  const { rows, probe, failure } = sampled(NvidiaSmiProbe.open({ ...host.place, clock }, gpus, new GpuNames(1), 100));
  await sleep(200);
  expect(rows()).toEqual([]);
  expect(failure()).toBe(null);
  laterUs = 10e6;
  await sleep(50);
  expect(rows()).toEqual([]);
  expect(failure()).toBe('gpu: nvidia-smi told nothing for 10 s');
  const pid = Number(readFileSync(join(host.folder, 'pid'), 'utf8'));
  probe.close();
  await expect.poll(() => isRunning(pid)).toBe(false);
});

test('without the program, or without a GPU of its kind, there is no probe', () => {
  const gpus = measuredGpus(host.place);
  expect(NvidiaSmiProbe.open(host.place, gpus, new GpuNames(1), 100)).toEqual({
    absent: ['gpu: nvidia-smi is not installed'],
  });
  host.program('nvidia-smi', 'exit 1');
  expect(NvidiaSmiProbe.open(host.place, [], new GpuNames(0), 100)).toEqual({ absent: [] });
});

function starts(): number {
  return readFileSync(join(host.folder, 'starts'), 'utf8').trim().split('\n').length;
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
    return false;
  }
}
