import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amdgpuFdinfo, i915Fdinfo, MSM_FDINFO, PANFROST_FDINFO, xeFdinfo } from '../../../test/measure/gpu-formats.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { ENGINE_KINDS } from './engine-kind.ts';
import { newDrmUsage, parseFdinfo } from './fdinfo.ts';

function read(text: string) {
  const usage = newDrmUsage();
  const found = parseFdinfo(ByteCursor.of(text), usage);
  const told = (column: Float64Array) =>
    Object.fromEntries(ENGINE_KINDS.flatMap((kind, i) => (Number.isNaN(column[i]) ? [] : [[kind, column[i]]])));
  return {
    found,
    clientId: usage.clientId,
    device: usage.device,
    busyNs: told(usage.busyNs),
    cycles: told(usage.cycles),
    totalCycles: told(usage.totalCycles),
    memoryBytes: usage.memoryBytes,
  };
}

test('i915 tells nanoseconds; a capacity is no engine', () => {
  expect(read(i915Fdinfo(25_662_044_495, 1_000))).toEqual({
    found: true,
    clientId: 7,
    device: 0x0000_00_02_0,
    busyNs: { render: 25_662_044_495, copy: 0, video: 1_000, 'video.enhance': 0 },
    cycles: {},
    totalCycles: {},
    memoryBytes: 2048 * 1024,
  });
});

test('xe tells cycles', () => {
  const told = read(xeFdinfo(28_257_900, 7_655_183_225));
  expect(told).toMatchObject({ found: true, clientId: 3, device: 0x0000_03_00_0, busyNs: {} });
  expect(told.cycles).toEqual({ render: 0, copy: 0, video: 28_257_900, 'video.enhance': 0, compute: 0 });
  expect(new Set(Object.values(told.totalCycles))).toEqual(new Set([7_655_183_225]));
  expect(told.memoryBytes).toBe((23_992 + 192) * 1024);
});

test('amdgpu has encoders and decoders apart: both are video, and all memory counts', () => {
  const told = read(amdgpuFdinfo(500, 3_000, 40));
  expect(told.busyNs).toEqual({ render: 500, compute: 5000, copy: 0, video: 3_040 });
  expect(told).toMatchObject({ clientId: 14, device: 0x0000_0a_00_0, memoryBytes: (65_536 + 2048) * 1024 });
});

test('a GPU that is no PCI device has no address; an engine without a name here is another one', () => {
  expect(read(PANFROST_FDINFO)).toMatchObject({
    clientId: 83,
    device: NaN,
    busyNs: { render: 6005 },
    memoryBytes: 2 ** 20,
  });
  expect(read(MSM_FDINFO)).toMatchObject({ busyNs: { render: 123_456, other: 7 }, memoryBytes: 4096 });
});

test('a file that is none of a DRM device is told as such', () => {
  expect(read('pos:\t0\nflags:\t02\nmnt_id:\t15\n').found).toBe(false);
  expect(read('').found).toBe(false);
});

test('whatever the bytes, reading comes to an end and never throws', () => {
  const true_ = [i915Fdinfo(1, 2), xeFdinfo(3, 4), amdgpuFdinfo(5, 6, 7), PANFROST_FDINFO, MSM_FDINFO];
  const change = fc.tuple(fc.nat(900), fc.nat(20), fc.string({ maxLength: 8, unit: 'binary' }));
  fc.assert(
    fc.property(fc.constantFrom(...true_), fc.array(change, { maxLength: 6 }), (text, changes) => {
      let mutated = text;
      for (const [at, taken, put] of changes) mutated = mutated.slice(0, at) + put + mutated.slice(at + taken);
      const usage = newDrmUsage();
      const cursor = ByteCursor.of(mutated);
      parseFdinfo(cursor, usage);
      expect(cursor.done).toBe(true);
      for (const column of [usage.busyNs, usage.cycles, usage.totalCycles]) {
        expect(column.every((value) => Number.isNaN(value) || value >= 0)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
