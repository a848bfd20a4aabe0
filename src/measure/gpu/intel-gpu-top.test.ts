import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { monotonicUs } from '#system/clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeHost, type FakeHost } from '../../../test/measure/fake-host.ts';
import { INTEL_OBJECT_BY_ENGINE, intelObject } from '../../../test/measure/gpu-formats.ts';
import { sampled } from '../../../test/measure/probe-values.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { measuredGpus } from './gpu-list.ts';
import { GpuNames } from './gpu-quantity.ts';
import { IntelGpuTopProbe, parseIntelGpuTop } from './intel-gpu-top.ts';
import { SysfsGpuProbe } from './sysfs-gpu.ts';

let host: FakeHost;
beforeEach(() => {
  host = fakeHost(monotonicUs);
  host.card('card0', 'i915', '0000:00:02.0', '0x8086');
});
afterEach(() => host.remove());

function open() {
  const gpus = measuredGpus(host.place);
  return sampled(IntelGpuTopProbe.open(host.place, gpus, new GpuNames(gpus.length), 100));
}

/** A program that prints a text, waits, and prints the next. */
function prints(texts: readonly string[], end: string): void {
  texts.forEach((text, i) => host.write(`bin/text-${i}`, text));
  host.program(
    'intel_gpu_top',
    `for i in ${[...texts.keys()].join(' ')}; do cat ${host.folder}/bin/text-$i; sleep 0.05; done; ${end}`,
  );
}

test('an object tells engines by class, frequency and power', () => {
  const found = parseIntelGpuTop(intelObject(52.5))!;
  expect(found.render).toBeCloseTo(0.08314239, 9);
  expect(found).toMatchObject({
    busy: 0.525,
    video: 0.525,
    'video.enhance': 0,
    copy: 0,
    frequency: 1300e6,
    power: 4.25,
  });
  expect(found).not.toHaveProperty('compute');
});

test('engines by themselves have the mean of their class; what the hardware lacks is absent', () => {
  const found = parseIntelGpuTop(INTEL_OBJECT_BY_ENGINE)!;
  expect(found).toMatchObject({ busy: 0.8, video: 0.5, render: 0.02, 'video.enhance': 0.04, frequency: 0 });
  expect(found).not.toHaveProperty('power');
});

test('the oldest version tells the power by another name', () => {
  const old = INTEL_OBJECT_BY_ENGINE.replace('"rc6"', '"power": { "value": 2.5, "unit": "W" },\n"rc6"');
  expect(parseIntelGpuTop(old)).toMatchObject({ power: 2.5, busy: 0.8 });
});

test('a first period in which nothing can be measured, and what is no object of the program, tell nothing', () => {
  expect(parseIntelGpuTop(intelObject(100, 0.295595))).toBe(null);
  for (const text of ['{}', '{"period": 3}', '{"period": {"duration": "x"}}', 'null', '{"engines": [', '']) {
    expect(parseIntelGpuTop(text)).toBe(null);
  }
  const odd = '{"period":{"duration":100},"engines":{"Video":null,"Render/3D":{"busy":"7"},"X":{"busy":5}},"power":[]}';
  expect(parseIntelGpuTop(odd)).toEqual({ busy: 0.05 });
});

test('no text throws', () => {
  const text = intelObject(12);
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(30), fc.string({ maxLength: 8 }), (at, taken, put) => {
      const found = parseIntelGpuTop(text.slice(0, at) + put + text.slice(at + taken));
      expect(Object.values(found ?? {}).every((value) => typeof value === 'number')).toBe(true);
    }),
  );
});

test('values come as they are told, a file of the driver tells its quantity first, and the end is told', async () => {
  host.write('sys/class/drm/card0/gt_act_freq_mhz', '900\n');
  prints(['[\n', intelObject(100, 0.3), `,\n${intelObject(25)}`, `,\n${intelObject(75)}`], 'exec sleep 0.2');
  const gpus = measuredGpus(host.place);
  const names = new GpuNames(gpus.length);
  const files = sampled(SysfsGpuProbe.open(host.place, new ByteCursor(Buffer.alloc(100)), gpus, names));
  const program = sampled(IntelGpuTopProbe.open(host.place, gpus, names, 100));
  expect(files.probe.indicators.map(({ name }) => name)).toEqual(['gpu.frequency']);
  expect(program.probe.indicators.map(({ name }) => name)).not.toContain('gpu.frequency');
  const found: { name: string; timeUs: number; value: number }[] = [];
  await expect
    .poll(() => found.push(...program.rows().filter(({ name }) => name === 'gpu.video')), { timeout: 30_000 })
    .toBe(2);
  expect(found.map(({ value }) => value)).toEqual([0.25, 0.75]);
  expect(found[1].timeUs).toBeGreaterThan(found[0].timeUs);
  await expect.poll(() => (program.rows(), program.failure())).toBe('gpu: intel_gpu_top ended (exit 0)');
  program.probe.close();
  files.probe.close();
});

test.for([
  {
    what: 'no right to the counters',
    script: `printf 'Failed to initialize PMU! (Permission denied)\\n\\nWhen running as a normal user CAP_PERFMON is required to access performance\\nmonitoring.\\n' >&2; exit 1`,
    reason:
      'gpu: intel_gpu_top ended (exit 1): Failed to initialize PMU! (Permission denied) When running as a normal user CAP_PERFMON is required to access performance monitoring.',
  },
  {
    what: 'an object without an end',
    script: `echo '{'; while :; do printf '"engines": {"Video/0": {"busy": 1},'; done`,
    reason: 'gpu: intel_gpu_top printed an object of more than 256 KiB',
  },
  {
    what: 'death in the middle',
    script: `cat <<'X'\n[ ${intelObject(5)},\n{ "period": {\nX\nsleep 0.1; kill -11 $$`,
    reason: /^gpu: intel_gpu_top ended \(SIGSEGV\)$/,
  },
])('$what is told as the reason', async ({ script, reason }) => {
  host.program('intel_gpu_top', script);
  const { rows, probe, failure } = open();
  await expect.poll(() => (rows(), failure()), { timeout: 30_000 }).not.toBe(null);
  if (typeof reason === 'string') expect(failure()).toBe(reason);
  else expect(failure()).toMatch(reason);
  probe.close();
});

test('each of several GPUs has a program of its own, and all die with the probe', async () => {
  host.card('card1', 'i915', '0000:03:00.0', '0x8086');
  host.write('bin/text', intelObject(25));
  host.program(
    'intel_gpu_top',
    `echo "$$ $*" >> ${host.folder}/starts; while :; do cat ${host.folder}/bin/text; sleep 0.05; done`,
  );
  const { values, probe } = open();
  const all: Record<string, number> = {};
  await expect
    .poll(() => Object.keys(Object.assign(all, values())).sort(), { timeout: 30_000 })
    .toContain('gpu.video[1]');
  await expect.poll(() => Object.assign(all, values())['gpu.video[0]'], { timeout: 30_000 }).toBe(0.25);
  const starts = readFileSync(join(host.folder, 'starts'), 'utf8').trim().split('\n').toSorted();
  const device = (card: string) => `-J -s 100 -d drm:${host.place.dev}/dri/${card}`;
  expect(starts.map((line) => line.replace(/^\d+ /, '')).toSorted()).toEqual([device('card0'), device('card1')]);
  probe.close();
  await sleep(50);
  for (const line of starts) await expect.poll(() => isGone(Number(line.split(' ')[0]))).toBe(true);
});

test('xe has no counters that the program reads: there is no probe', () => {
  host.take('sys/class/drm/card0');
  host.card('card1', 'xe', '0000:03:00.0', '0x8086');
  host.program('intel_gpu_top', 'exit 1');
  expect(IntelGpuTopProbe.open(host.place, measuredGpus(host.place), new GpuNames(1), 100)).toEqual({ absent: [] });
});

function isGone(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
    return true;
  }
}
