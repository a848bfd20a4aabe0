import { expect, test } from 'vitest';
import type { LibraryQuality } from '#core/profile';
import type { Images } from '../image.ts';
import { PerfDataReader } from '../perf-data/perf-data-reader.ts';
import { PerfEvent } from '../perf-data/perf-event.ts';
import { PerfSample } from '../perf-data/perf-sample.ts';
import { namedImage } from '../symbols/named-image.ts';
import { perfMapImage } from '../symbols/perf-map-image.ts';
import { PerfAssembly } from './perf-assembly.ts';

const IMAGES: Images = {
  file: (path) => namedImage(path, 'user', null),
  kernel: () => namedImage('[kernel]', 'kernel', null),
  vdso: () => namedImage('[vdso]', 'user', null),
  perfMap: (process) => perfMapImage(process, '/nowhere'),
};
const CODE = 0x1000;

/** Processes that each ran code of their own making. */
function assemblyOf(...processes: number[]): PerfAssembly {
  const assembly = new PerfAssembly(IMAGES);
  const reader = new PerfDataReader(assembly);
  const attr = new DataView(new ArrayBuffer(96));
  // PERF_TYPE_SOFTWARE, cpu-clock.
  attr.setUint32(0, 1, true);
  const event = new PerfEvent(attr);
  reader.addEvent(event, []);
  assembly.readFrom(reader);
  for (const [i, process] of [0, ...processes].entries()) {
    const mapping = { process, path: '//anon', buildId: null, start: CODE, end: CODE + 4096, fileOffset: 0 };
    assembly.mapped(mapping);
    const sample = new PerfSample();
    sample.view = new DataView(new ArrayBuffer(8));
    sample.view.setBigInt64(0, BigInt(CODE + 16), true);
    assembly.sample(
      Object.assign(sample, { event, timeNs: 1000 * (i + 1), process, thread: process, cpu: 0, ipAt: 0 }),
    );
  }
  return assembly;
}

const todoOf = (quality: readonly LibraryQuality[] | undefined) =>
  quality!.find(({ library }) => library === '[jit]')!.todo;

test('of code without a map the process of the run is named, and no stranger', () => {
  const assembly = assemblyOf(1033, 2975);
  const { header } = assembly.takenOf([2975], assembly.profile(null));
  expect(todoOf(header.ownQuality)).toMatch(/^Process 2975 ran code that it made itself and left no perf-2975\.map/);
});

test('of all that ran the others are counted', () => {
  const todo = todoOf(assemblyOf(1033, 2975, 2976).profile(null).header.quality);
  expect(todo).toMatch(/^Processes \d+ and \d others ran code/);
});
