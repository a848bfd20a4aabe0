import { chmodSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeHost, openBelow, type FakeHost } from '../../test/measure/fake-host.ts';
import { sampled } from '../../test/measure/probe-values.ts';
import { ByteCursor } from './byte-cursor.ts';
import { PowerProbe } from './power.ts';

const RANGE = 262_143_328_850;

/** A zone as the kernel has it: its folder is a link into the tree of devices. */
function zone(host: FakeHost, folder: string, name: string, energyUj: number): void {
  host.write(`sys/devices/virtual/powercap/${folder}/name`, `${name}\n`);
  host.write(`sys/devices/virtual/powercap/${folder}/energy_uj`, `${energyUj}\n`);
  host.write(`sys/devices/virtual/powercap/${folder}/max_energy_range_uj`, `${RANGE}\n`);
  host.link(`sys/class/powercap/${folder}`, `../../devices/virtual/powercap/${folder}`);
}

function open(host: FakeHost) {
  return PowerProbe.open(host.place, new ByteCursor(Buffer.alloc(4096)));
}

test('packages, their parts and the platform have their power, each by the name of its package', () => {
  const host = fakeHost();
  const write = (uj: number) => {
    zone(host, 'intel-rapl:0', 'package-0', 1e9 + uj);
    zone(host, 'intel-rapl:0:0', 'core', 5e8 + uj / 2);
    zone(host, 'intel-rapl:0:1', 'dram', 7 + uj / 10);
    zone(host, 'intel-rapl:1', 'package-1', uj * 2);
    zone(host, 'intel-rapl:1:0', 'dram', uj / 5);
    zone(host, 'intel-rapl:2', 'psys', uj * 4);
    // The same package once more, by another way.
    zone(host, 'intel-rapl-mmio:0', 'package-0', uj);
  };
  write(0);
  const { values, probe } = sampled(open(host));
  expect(values()).toEqual({});
  host.pass(2);
  write(20e6);
  expect(values()).toEqual({
    'power.package[0]': 10,
    'power.core[0]': 5,
    'power.dram[0]': 1,
    'power.package[1]': 20,
    'power.dram[1]': 2,
    'power.psys': 40,
  });
  expect(new Set(probe.indicators.map(({ unit }) => unit))).toEqual(new Set(['W']));
  probe.close();
  expect(openBelow(host.folder, readlinkSync)).toEqual([]);
  host.remove();
});

test('a counter that comes to the end of its range goes on from zero', () => {
  const host = fakeHost();
  zone(host, 'intel-rapl:0', 'package-0', RANGE - 3e6);
  const { values, probe } = sampled(open(host));
  values();
  host.pass(1);
  zone(host, 'intel-rapl:0', 'package-0', 4e6);
  expect(values()).toEqual({ 'power.package[0]': 7 });
  probe.close();
  host.remove();
});

test('the dies of one package add up', () => {
  const host = fakeHost();
  const write = (uj: number) => {
    zone(host, 'intel-rapl:0', 'package-0-die-0', uj);
    zone(host, 'intel-rapl:1', 'package-0-die-1', uj * 3);
  };
  write(0);
  const { values, probe } = sampled(open(host));
  values();
  host.pass(1);
  write(5e6);
  expect(values()).toEqual({ 'power.package[0]': 20 });
  probe.close();
  host.remove();
});

test('it is read ten times a second at most, and a counter that fails later is told', () => {
  const host = fakeHost();
  zone(host, 'intel-rapl:0', 'package-0', 0);
  const { values, probe, failure } = sampled(open(host));
  values();
  host.pass(0.05);
  zone(host, 'intel-rapl:0', 'package-0', 5e6);
  expect(values()).toEqual({});
  host.pass(0.05);
  expect(values()).toEqual({ 'power.package[0]': 50 });
  host.pass(0.1);
  zone(host, 'intel-rapl:0', 'package-0', NaN);
  expect(values()).toEqual({});
  expect(failure()).toBe(null);
  probe.close();
  host.remove();
});

test('without zones the reason is told', () => {
  const host = fakeHost();
  expect(open(host)).toEqual({ absent: [`power: no RAPL counter in ${host.place.sys}/class/powercap`] });
  zone(host, 'intel-rapl:0', 'package-0', 0);
  host.take('sys/devices/virtual/powercap/intel-rapl:0/energy_uj');
  const path = join(host.place.sys, 'class/powercap/intel-rapl:0/energy_uj');
  expect(open(host)).toEqual({ absent: [`power.package[0]: ${path}: ENOENT`] });
  host.remove();
});

test.skipIf(process.getuid?.() === 0)('counters for root only are told as such (skipped: root may read all)', () => {
  const host = fakeHost();
  zone(host, 'intel-rapl:0', 'package-0', 0);
  chmodSync(join(host.folder, 'sys/devices/virtual/powercap/intel-rapl:0/energy_uj'), 0o200);
  expect(open(host).absent[0]).toMatch(/energy_uj: EACCES$/);
  host.remove();
});
