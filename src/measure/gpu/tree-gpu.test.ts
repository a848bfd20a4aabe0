import { readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fakeHost, openBelow, type FakeHost } from '../../../test/measure/fake-host.ts';
import { amdgpuFdinfo, i915Fdinfo, xeFdinfo } from '../../../test/measure/gpu-formats.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { SeriesBuffer } from '../series-buffer.ts';
import { TreeGpuProbe } from './tree-gpu.ts';

/** Starts the probe over these processes; `values` takes a sample and tells it by name. */
function follow(host: FakeHost, pids: readonly number[]) {
  const opened = TreeGpuProbe.open(host.place, new ByteCursor(Buffer.alloc(65_536)), 'encoder', {
    pids: (into) => into.push(...pids),
  });
  if (!('probe' in opened)) throw new Error(opened.absent.join());
  const { probe } = opened;
  let failure: string | null = null;
  const values = (): Record<string, number> => {
    const rows: [string, number][] = [];
    const buffer = new SeriesBuffer('a', 100, (batch) => {
      batch.indicator.forEach((position, i) =>
        rows.push([probe.indicators[position].name.replace('encoder.gpu.', ''), batch.value[i]]),
      );
    });
    failure = probe.sample(buffer, 0);
    buffer.flush();
    return Object.fromEntries(rows);
  };
  return { values, probe, failure: () => failure };
}

test('an engine that worked half of the time is half an engine, two at work are two', () => {
  const host = fakeHost();
  host.openDevice(42, 5, i915Fdinfo(1_000, 1e9));
  const { values, probe } = follow(host, [42]);
  expect(values()).toEqual({ memory: 2048 * 1024 });
  host.pass(1);
  host.openDevice(42, 5, i915Fdinfo(500_001_000, 3e9));
  expect(values()).toEqual({ render: 0.5, copy: 0, video: 2, 'video.enhance': 0, memory: 2048 * 1024 });
  probe.close();
  expect(openBelow(host.folder, readlinkSync)).toEqual([]);
  host.remove();
});

test("xe's cycles are a share of its own clock, whatever time passed here", () => {
  const host = fakeHost();
  host.openDevice(42, 5, xeFdinfo(100, 1_000));
  const { values, probe } = follow(host, [42]);
  values();
  host.pass(3);
  host.openDevice(42, 5, xeFdinfo(850, 2_000));
  expect(values()).toMatchObject({ video: 0.75, render: 0 });
  probe.close();
  host.remove();
});

test('several descriptors and processes of one client count once; two clients and two GPUs add up', () => {
  const host = fakeHost();
  const write = (ns: number) => {
    host.openDevice(42, 5, i915Fdinfo(0, ns));
    host.openDevice(42, 6, i915Fdinfo(0, ns));
    host.openDevice(43, 9, i915Fdinfo(0, ns));
    host.openDevice(43, 10, i915Fdinfo(0, ns / 2, 8));
    // Client 14 of another device, as an own number.
    host.openDevice(43, 11, amdgpuFdinfo(0, ns / 4, 0), 'dri/renderD129');
  };
  write(0);
  const { values, probe } = follow(host, [42, 43]);
  expect(values()['memory']).toBe((2048 + 2048 + 65_536 + 2048) * 1024);
  host.pass(1);
  write(400_000_000);
  expect(values()['video']).toBeCloseTo(0.4 + 0.2 + 0.1, 9);
  probe.close();
  host.remove();
});

test('a device that is opened later is found, one that is closed is gone, and the descriptor may become something else', () => {
  const host = fakeHost();
  host.write('dev/dri/renderD128', '');
  host.write('proc/42/fd/0', '');
  const { values, probe } = follow(host, [42]);
  expect(values()).toEqual({});
  host.pass(0.2);
  host.openDevice(42, 5, i915Fdinfo(0, 0));
  expect(values()).toEqual({ memory: 2048 * 1024 });
  host.pass(1);
  host.openDevice(42, 5, i915Fdinfo(0, 250_000_000));
  expect(values()).toMatchObject({ video: 0.25 });
  // The same number is another client now: what it used before was not seen.
  host.pass(1);
  host.openDevice(42, 5, i915Fdinfo(0, 9e9, 99));
  expect(values()).toEqual({ memory: 2048 * 1024 });
  host.pass(1);
  host.openDevice(42, 5, i915Fdinfo(0, 9.5e9, 99));
  expect(values()).toMatchObject({ video: 0.5 });
  host.pass(1);
  host.write('proc/42/fdinfo/5', 'pos:\t0\nflags:\t02\n');
  host.take('proc/42/fd/5');
  expect(values()).toEqual({});
  probe.close();
  expect(openBelow(host.folder, readlinkSync)).toEqual([]);
  host.remove();
});

test('a driver that tells less than before for a while is no negative work, and none counts twice', () => {
  const host = fakeHost();
  const { values, probe } = (() => {
    host.openDevice(42, 5, i915Fdinfo(0, 1e9));
    return follow(host, [42]);
  })();
  values();
  const shares = [0.9e9, 1e9, 1.4e9].map((ns) => {
    host.pass(1);
    host.openDevice(42, 5, i915Fdinfo(0, ns));
    return values()['video'];
  });
  expect(shares[0]).toBe(0);
  expect(shares[1]).toBe(0);
  expect(shares[2]).toBeCloseTo(0.4, 9);
  probe.close();
  host.remove();
});

test('more clients than are kept open are left out, and told', () => {
  const host = fakeHost();
  for (let i = 0; i < 70; i++) host.openDevice(42, i, i915Fdinfo(0, 0, 1000 + i));
  const { values, probe, failure } = follow(host, [42]);
  expect(values()).toEqual({ memory: 64 * 2048 * 1024 });
  expect(failure()).toBe('encoder.gpu: more than 64 clients of GPUs: the others are left out');
  expect(openBelow(host.folder, readlinkSync)).toHaveLength(64);
  probe.close();
  expect(openBelow(host.folder, readlinkSync)).toEqual([]);
  host.remove();
});

test('it is read ten times a second at most', () => {
  const host = fakeHost();
  host.openDevice(42, 5, i915Fdinfo(0, 0));
  const { values, probe } = follow(host, [42]);
  values();
  host.pass(0.05);
  expect(values()).toEqual({});
  host.pass(0.05);
  expect(values()).toMatchObject({ video: 0 });
  probe.close();
  host.remove();
});

test.skipIf(process.getuid?.() === 0)('processes of others are told as absent (skipped: root may read all)', () => {
  const host = fakeHost();
  host.write('dev/dri/renderD128', '');
  const { values, failure } = follow({ ...host, place: { ...host.place, proc: '/proc' } }, [1]);
  expect(values()).toEqual({});
  expect(failure()).toBe('encoder.gpu: /proc/1/fd: EACCES');
  host.remove();
});

test.for([
  { what: 'no /dev/dri', make: () => {}, reason: /there is no .*\/dev\/dri$/ },
  {
    what: 'an empty one',
    make: (host: FakeHost) => host.write('dev/dri/by-path/x', ''),
    reason: /there is no device in/,
  },
])('without a device there is no probe: $what', ({ make, reason }) => {
  const host = fakeHost();
  make(host);
  const opened = TreeGpuProbe.open(host.place, new ByteCursor(Buffer.alloc(10)), 'encoder', { pids: () => {} });
  expect('probe' in opened).toBe(false);
  expect(opened.absent[0]).toMatch(reason);
  host.remove();
});
