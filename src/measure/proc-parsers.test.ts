import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteCursor } from './byte-cursor.ts';
import { parseFrequencies } from './cpu-frequency.ts';
import { coresOf, parseCpuTimes } from './cpu-time.ts';
import { deviceKey, parseDisks } from './disk-traffic.ts';
import { parseGroupMemory } from './group-memory.ts';
import { memoryLines, parseMemory } from './memory-use.ts';
import { parseInterfaces } from './network-traffic.ts';
import { pageBytesOf } from './page-size.ts';
import { pressureTotal } from './pressure.ts';
import * as usage from './process-usage.ts';

const ticks = fc.array(fc.nat({ max: 2 ** 48 }), { minLength: 4, maxLength: 10 });

test('every tick of every core of /proc/stat is read, in any order of cores, with a long line of interrupts between', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: 2000 }), { minLength: 1, maxLength: 9 }),
      fc.array(ticks, { minLength: 10, maxLength: 10 }),
      fc.tuple(fc.nat(), fc.nat(), fc.nat()),
      fc.nat({ max: 3000 }),
      (cores, rows, [switches, forks, running], interrupts) => {
        const text = [
          `cpu  ${rows[0].join(' ')}`,
          ...cores.map((core, i) => `cpu${core} ${rows[i + 1].join(' ')}`),
          `intr 5${' 0'.repeat(interrupts)}`,
          `ctxt ${switches}`,
          'btime 1700000000',
          `processes ${forks}`,
          `procs_running ${running}`,
          'procs_blocked 0\nsoftirq 1 2 3\n',
        ].join('\n');
        expect(coresOf(text)).toEqual(cores);
        const times = {
          ticks: new Float64Array((cores.length + 1) * 10),
          rowOfCore: new Map(cores.map((core, i) => [core, i + 1])),
          contextSwitches: NaN,
          forks: NaN,
          running: NaN,
        };
        parseCpuTimes(ByteCursor.of(text), times);
        // Old kernels print fewer kinds: those are zero.
        const expected = rows.slice(0, cores.length + 1).flatMap((row) => [...row, ...Array(10).fill(0)].slice(0, 10));
        expect([...times.ticks]).toEqual(expected);
        expect(times).toMatchObject({ contextSwitches: switches, forks, running });
      },
    ),
  );
});

test('a core that was plugged in later is stepped over', () => {
  const times = { ticks: new Float64Array(20), rowOfCore: new Map([[0, 1]]), contextSwitches: 0, forks: 0, running: 0 };
  parseCpuTimes(ByteCursor.of('cpu  9 8\ncpu0 5 4\ncpu7 3 3\nctxt 12\n'), times);
  expect([...times.ticks.slice(0, 2), ...times.ticks.slice(10, 12)]).toEqual([9, 8, 5, 4]);
  expect(times.contextSwitches).toBe(12);
});

test('the fields of /proc/PID/stat are right whatever a process calls itself', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[ -~\n]{0,15}$/),
      fc.array(fc.nat({ max: 2 ** 40 }), { minLength: 49, maxLength: 49 }),
      (name, n) => {
        // proc_pid_stat(5): field 3 is the state, field 8 can be -1. n[i] is field i + 4.
        const fields = n.map((value, i) => (i === 4 ? '-1' : String(value)));
        const cursor = ByteCursor.of(`42 (${name}) S ${fields.join(' ')}\n`);
        const stat = {
          counters: new Float64Array(usage.COUNTERS),
          childFaults: 0,
          ppid: 0,
          session: 0,
          threads: 0,
          startTicks: 0,
          residentPages: 0,
        };
        expect(usage.parseProcessStat(cursor, stat)).toBe(true);
        const field = (number: number) => n[number - 4];
        expect(stat).toMatchObject({
          ppid: field(4),
          session: field(6),
          childFaults: field(11),
          threads: field(20),
          startTicks: field(22),
          residentPages: field(24),
        });
        expect(Array.from(stat.counters.subarray(0, 3))).toEqual([
          field(10) + field(11),
          field(12) + field(13),
          field(14) + field(15) + field(16) + field(17),
        ]);
      },
    ),
  );
});

test('a torn or empty process stat is no process', () => {
  const stat = {
    counters: new Float64Array(usage.COUNTERS),
    childFaults: 0,
    ppid: 0,
    session: 0,
    threads: 0,
    startTicks: 0,
    residentPages: 0,
  };
  for (const text of ['', '42 (sh', '42 (sh) S 1 2 3']) {
    expect(usage.parseProcessStat(ByteCursor.of(text), stat)).toBe(false);
  }
});

test('I/O of a process: what went through calls, and what reached a disk', () => {
  const counters = new Float64Array(usage.COUNTERS);
  const text = 'rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\ncancelled_write_bytes: 7\n';
  usage.parseProcessIo(ByteCursor.of(text), counters);
  expect([
    counters[usage.INPUT_BYTES],
    counters[usage.OUTPUT_BYTES],
    counters[usage.READ_BYTES],
    counters[usage.WRITE_BYTES],
  ]).toEqual([1, 2, 5, 6]);
});

test('memory is found by name, wherever its line is', () => {
  const names = ['MemTotal', 'MemAvailable', 'Buffers', 'Cached', 'SReclaimable', 'SwapTotal', 'SwapFree'];
  const others = ['MemFree', 'SwapCached', 'Active(anon)', 'HugePages_Total', 'DirectMap4k', 'CachedX'];
  fc.assert(
    fc.property(fc.shuffledSubarray([...names, ...others], { minLength: 13 }), (order) => {
      const text = order.map((name, i) => `${name}:${' '.repeat(9)}${i} kB\n`).join('');
      const bytes = new Float64Array(names.length);
      parseMemory(ByteCursor.of(text), memoryLines(text), bytes);
      expect([...bytes]).toEqual(names.map((name) => order.indexOf(name) * 1024));
    }),
  );
});

test('the total of each pressure line', () => {
  const cursor = ByteCursor.of(
    'some avg10=0.12 avg60=0.06 avg300=0.25 total=13955488\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n',
  );
  expect([pressureTotal(cursor), pressureTotal(cursor), pressureTotal(cursor)]).toEqual([13955488, 7, NaN]);
});

test('only the wanted disks are read, with short and long lines of old and new kernels', () => {
  const text = [
    '   7       0 loop0 9 9 9 9 9 9 9 9 9 9 9',
    ' 254       0 vda 32103 7686 2371346 14552 12163 22037 3467864 9378 0 5468 24322 4095 58 89560 298 2294 92',
    ' 254       1 vda1 1 1 1 1 1 1 1 1 1 1 1',
    ' 259       0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11',
    '',
  ].join('\n');
  const into = new Float64Array(6);
  const rows = new Map([
    [deviceKey(254, 0), 0],
    [deviceKey(259, 0), 1],
  ]);
  parseDisks(ByteCursor.of(text), rows, into);
  expect([...into]).toEqual([2371346, 3467864, 5468, 3, 7, 10]);
});

test('interfaces are told apart though one name begins another, with and without a blank behind the colon', () => {
  const text =
    'Inter-|   Receive  |  Transmit\n face |bytes    packets\n' +
    '  eth0:     10    1    0    0    0     0          0         0     20    1    0    0    0     0       0          0\n' +
    'eth01:30 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0\n' +
    '    lo:    3193      29    0    0    0     0          0         0     3194      29    0    0    0     0       0          0\n';
  const into = new Float64Array(4).fill(NaN);
  parseInterfaces(ByteCursor.of(text), [Buffer.from('lo'), Buffer.from('eth0')], into);
  expect([...into]).toEqual([3193, 3194, 10, 20]);
});

test('frequencies of cpuinfo with their fraction, by number of the core', () => {
  const text =
    'processor\t: 4\ncpu MHz\t\t: 2445.424\nbogomips: 1\n\nprocessor\t: 0\ncpu MHz\t\t: 800\nprocessor\t: 9\n';
  const hertz = new Float64Array(2).fill(NaN);
  parseFrequencies(
    ByteCursor.of(text),
    new Map([
      [0, 0],
      [4, 1],
    ]),
    hertz,
  );
  expect(hertz[0]).toBe(800e6);
  expect(hertz[1]).toBeCloseTo(2445.424e6, 0);
});

test('memory of a group without its files, in both versions', () => {
  expect(parseGroupMemory(ByteCursor.of('cache 9\nrss 1\ntotal_cache 9\ntotal_rss 5\ntotal_shmem 2\n'), 1)).toBe(7);
  expect(parseGroupMemory(ByteCursor.of('anon 5\nfile 9\nkernel 1\nshmem 2\n'), 2)).toBe(7);
  expect(parseGroupMemory(ByteCursor.of('anon 5\n'), 2)).toBeNaN();
});

test('the page size stands in the auxiliary vector', () => {
  const auxv = new BigUint64Array([33n, 7n, 6n, 16384n, 0n, 0n]);
  expect(pageBytesOf(Buffer.from(auxv.buffer))).toBe(16384);
  expect(pageBytesOf(Buffer.alloc(16))).toBeNull();
});
