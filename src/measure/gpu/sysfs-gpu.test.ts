import { readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fakeHost, openBelow, type FakeHost } from '../../../test/measure/fake-host.ts';
import { sampled } from '../../../test/measure/probe-values.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { measuredGpus } from './gpu-list.ts';
import { GpuNames } from './gpu-quantity.ts';
import { parseStarredClock, SysfsGpuProbe } from './sysfs-gpu.ts';

const AMD = {
  'device/gpu_busy_percent': '37\n',
  'device/mem_busy_percent': '12\n',
  'device/mem_info_vram_used': '1234567168\n',
  'device/pp_dpm_sclk': '0: 500Mhz\n1: 1200Mhz *\n2: 2500Mhz\n',
  'device/pp_dpm_vclk': '0: 600Mhz *\n1: 1800Mhz\n',
  'device/hwmon/hwmon3/freq1_input': '1187000000\n',
  'device/hwmon/hwmon3/power1_average': '74000000\n',
  'device/hwmon/hwmon3/temp1_input': '53000\n',
};

function open(host: FakeHost) {
  const gpus = measuredGpus(host.place);
  return SysfsGpuProbe.open(host.place, new ByteCursor(Buffer.alloc(4096)), gpus, new GpuNames(gpus.length));
}

test('amdgpu tells load, memory, clocks, power and temperature', () => {
  const host = fakeHost();
  host.card('card0', 'amdgpu', '0000:0a:00.0', '0x1002', AMD);
  const { values, probe } = sampled(open(host));
  const found = values();
  expect(found['gpu.temperature']).toBeCloseTo(53, 9);
  expect(found['gpu.power']).toBeCloseTo(74, 9);
  expect(found['gpu.busy']).toBeCloseTo(0.37, 9);
  expect(found['gpu.memory.busy']).toBeCloseTo(0.12, 9);
  expect(found).toMatchObject({
    'gpu.memory': 1_234_567_168,
    'gpu.frequency': 1_187_000_000,
    'gpu.frequency.video': 600e6,
  });
  expect(probe.indicators.find(({ name }) => name === 'gpu.busy')).toEqual({
    name: 'gpu.busy',
    unit: '1',
    description: 'share of the time in which it worked; from amdgpu',
  });
  probe.close();
  expect(openBelow(host.folder, readlinkSync)).toEqual([]);
  host.remove();
});

test('without sensors the clock is the one with a star, and newer cards have their power under another name', () => {
  const host = fakeHost();
  host.card('card0', 'amdgpu', '0000:0a:00.0', '0x1002', {
    'device/pp_dpm_sclk': AMD['device/pp_dpm_sclk'],
    'device/hwmon/hwmon0/power1_input': '9000000\n',
  });
  const { values, probe } = sampled(open(host));
  expect(values()).toEqual({ 'gpu.frequency': 1200e6, 'gpu.power': 9 });
  probe.close();
  host.remove();
  expect(parseStarredClock(ByteCursor.of('S: 19Mhz *\n0: 500Mhz\n'))).toBe(19e6);
  expect(parseStarredClock(ByteCursor.of('0: 500Mhz\n1: 900Mhz\n'))).toBe(NaN);
});

test('several GPUs are told apart in the order of their addresses: i915 with energy, xe with its tiles', () => {
  const host = fakeHost();
  host.card('card1', 'i915', '0000:00:02.0', '0x8086', {
    gt_act_freq_mhz: '1300\n',
    'device/hwmon/hwmon1/energy1_input': '1000000\n',
  });
  host.card('card0', 'xe', '0000:03:00.0', '0x8086', {
    'device/tile0/gt0/freq0/act_freq': '2400\n',
    'device/tile0/gt1/freq0/act_freq': '0\n',
    'device/hwmon/hwmon2/energy2_input': '5000000\n',
  });
  // A card that tells nothing of its load is no GPU to be measured.
  host.card('card2', 'ast', '0000:00:01.0', '0x1a03');
  const { values, probe } = sampled(open(host));
  expect(values()).toEqual({ 'gpu.frequency[0]': 1300e6, 'gpu.frequency[1]': 2400e6, 'gpu.frequency.video[1]': 0 });
  host.pass(0.5);
  host.write('sys/class/drm/card1/device/hwmon/hwmon1/energy1_input', '6000000\n');
  host.write('sys/class/drm/card0/device/hwmon/hwmon2/energy2_input', '4000000\n');
  expect(values()).toEqual({
    'gpu.frequency[0]': 1300e6,
    'gpu.power[0]': 10,
    'gpu.frequency[1]': 2400e6,
    'gpu.frequency.video[1]': 0,
  });
  probe.close();
  host.remove();
});

test('a card whose driver tells nothing is absent with the reason', () => {
  const host = fakeHost();
  host.card('card0', 'i915', '0000:00:02.0', '0x8086');
  expect(open(host)).toEqual({ absent: [`gpu: i915 tells nothing of card0 in ${host.place.sys}`] });
  host.remove();
});

test("NVIDIA's GPUs are those whose nodes are here, at the addresses that their driver tells", () => {
  const host = fakeHost();
  host.card('card0', 'nvidia', '0000:01:00.0', '0x10de');
  host.card('card1', 'nvidia', '0000:41:00.0', '0x10de');
  host.write('dev/nvidia1', '');
  host.write('dev/nvidiactl', '');
  host.write('proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA L4\nDevice Minor: \t 0\n');
  host.write('proc/driver/nvidia/gpus/0000:41:00.0/information', 'Model: \t\t NVIDIA L4\nDevice Minor: \t 1\n');
  expect(measuredGpus(host.place)).toEqual([
    { driver: 'nvidia', address: '0000:41:00.0', card: 'card1', vendor: '0x10de' },
  ]);
  host.remove();
});
