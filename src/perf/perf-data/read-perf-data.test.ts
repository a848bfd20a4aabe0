import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { seededRandom } from '#analysis/random';
import { PerfDataReader } from './perf-data-reader.ts';
import { PerfEvent } from './perf-event.ts';
import type { PerfRecords } from './perf-records.ts';
import { PerfPipe, readPerfFile } from './read-perf-data.ts';
import { MISC, RECORD, SAMPLE } from './record-types.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether perf is there and this user may watch everything with it. */
const canRecord =
  spawnSync('perf', ['record', '-q', '-e', 'cpu-clock,sched:sched_switch', '-a', '-o', '/dev/null', '--', 'true'])
    .status === 0;

const BUSY = ['--', process.execPath, '-e', 'const end = Date.now() + 150; while (Date.now() < end);'];
const SCHEDULER = ['-e', 'sched:sched_switch', '-e', 'sched:sched_wakeup'];
const COMMON = ['record', '-q', '-F', '2500', '-g', '-k', 'CLOCK_MONOTONIC', '-e', 'cpu-clock'];

/** Records into a file of this name. */
function record(name: string, ...options: string[]): string {
  const path = join(folder, name);
  execFileSync('perf', [...COMMON, ...options, '-o', path, ...BUSY]);
  return path;
}

function recordPipe(name: string, ...options: string[]): string {
  const path = join(folder, name);
  const out = execFileSync('perf', [...COMMON, ...options, '-o', '-', ...BUSY], { maxBuffer: 2 ** 28 });
  writeFileSync(path, out);
  return path;
}

/** Samples as lines `event thread cpu time address`, and how many records of other kinds. */
function collector(): PerfRecords & { readonly samples: string[]; readonly counts: Record<string, number> } {
  const samples: string[] = [];
  const counts: Record<string, number> = {};
  const count = (kind: string) => () => void (counts[kind] = (counts[kind] ?? 0) + 1);
  return {
    samples,
    counts,
    sample: ({ event, thread, cpu, timeNs, view, ipAt }) => {
      const address = ipAt < 0 ? 'none' : view.getBigUint64(ipAt, true).toString(16);
      samples.push(`${event.name} ${thread} ${cpu} ${timeNs} ${address}`);
    },
    mapped: count('mapped'),
    named: count('named'),
    forked: count('forked'),
    lost: count('lost'),
    lostSamples: count('lostSamples'),
    throttled: count('throttled'),
    switched: count('switched'),
    kernelSymbol: count('kernelSymbol'),
  };
}

/** The same lines, of `perf script`. */
function script(path: string): string[] {
  const fields = ['-F', 'tid,cpu,time,event,ip', '--ns', '-G'];
  const out = execFileSync('perf', ['script', '-i', path, ...fields], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: 'pipe',
  });
  return out.split('\n').flatMap((line) => {
    const found = /^\s*(-?\d+) \[(\d+)\]\s+(\d+)\.(\d+):\s+(\S+?):\s+([0-9a-f]+)/.exec(line);
    if (found === null) return [];
    const [, thread, cpu, seconds, nanoseconds, event, address] = found;
    return [`${event} ${thread} ${Number(cpu)} ${Number(seconds) * 1e9 + Number(nanoseconds)} ${address}`];
  });
}

describe.skipIf(!canRecord)('perf.data (needs perf, and the right to watch everything)', () => {
  const files = { one: '', several: '', compressed: '', pipe: '' };
  beforeAll(() => {
    files.one = record('one.data', '--sample-cpu');
    files.several = record('several.data', '-a', ...SCHEDULER);
    files.compressed = record('compressed.data', '-a', '-z', ...SCHEDULER);
    files.pipe = recordPipe('pipe.data', '-a', ...SCHEDULER);
  });

  test.each([
    ['of one event', 'one'],
    ['of several events', 'several'],
    ['with compressed records', 'compressed'],
    ['that perf wrote into a pipe', 'pipe'],
  ] as const)('A recording %s has the very samples that perf script tells, by their times', async (_, name) => {
    const records = collector();
    const reader = await readPerfFile(files[name], records);
    expect(reader).toMatchObject({ stopped: null, damagedRecords: 0 });
    expect(records.samples.length).toBeGreaterThan(10);
    expect(records.samples.toSorted()).toEqual(script(files[name]).toSorted());
    const times = records.samples.map((line) => Number(line.split(' ')[3]));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(records.counts).toMatchObject({ mapped: expect.any(Number), named: expect.any(Number) });
  });

  test('A header tells of the machine, the command and the events', async () => {
    const { features, events, traceFormats } = await readPerfFile(files.several, collector());
    expect(features).toMatchObject({
      hostname: hostname(),
      osRelease: release(),
      version: expect.stringMatching(/^\d/),
    });
    expect(features.commandLine).toContain('CLOCK_MONOTONIC');
    expect(features.cpusOnline).toBeGreaterThan(0);
    expect(events.map(({ name }) => name).slice(0, 3)).toEqual([
      'cpu-clock',
      'sched:sched_switch',
      'sched:sched_wakeup',
    ]);
    expect(events[0]).toMatchObject({ frequencyHz: 2500, clock: 1 });
    expect([...traceFormats.values()].map(({ name }) => name).toSorted()).toEqual([
      'sched:sched_switch',
      'sched:sched_wakeup',
    ]);
    expect([...features.buildIds.values()]).toContainEqual(expect.stringMatching(/^[0-9a-f]{40}$/));
  });

  test('What comes through a pipe may come in any pieces', async () => {
    const bytes = readFileSync(files.pipe);
    const whole = collector();
    await readPerfFile(files.pipe, whole);
    const pieces = collector();
    const pipe = new PerfPipe(pieces, 'pipe');
    for (let at = 0, length = 1; at < bytes.length; at += length, length = (length * 7 + 3) % 4999) {
      await pipe.feed(bytes.subarray(at, at + length));
    }
    pipe.end();
    expect(pieces.samples).toEqual(whole.samples);
    expect(pieces.counts).toEqual(whole.counts);
  });

  test('A file that ends early gives what came before, and says so', async () => {
    const bytes = readFileSync(files.several);
    const path = join(folder, 'short.data');
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    const [whole, half] = [collector(), collector()];
    await readPerfFile(files.several, whole);
    const { stopped } = await readPerfFile(path, half);
    expect(stopped).toMatch(/it ends \d+ bytes after the beginning of a record|bytes are missing at its end/);
    expect(half.samples.length).toBeGreaterThan(0);
    expect(half.samples.length).toBeLessThan(whole.samples.length);
  });

  test('A recording that was killed has its samples, and says what is missing', async () => {
    const bytes = Buffer.from(readFileSync(files.one));
    const [dataAt, dataBytes] = [Number(bytes.readBigUInt64LE(40)), Number(bytes.readBigUInt64LE(48))];
    bytes.writeBigUInt64LE(0n, 48);
    const path = join(folder, 'killed.data');
    writeFileSync(path, bytes.subarray(0, dataAt + dataBytes));
    const [whole, killed] = [collector(), collector()];
    await readPerfFile(files.one, whole);
    expect((await readPerfFile(path, killed)).stopped).toMatch(/not brought to its end/);
    expect(killed.samples).toEqual(whole.samples);
  });

  test('Whatever is changed in a recording, it is read or refused with a sentence', { timeout: 60_000 }, async () => {
    const random = seededRandom(7);
    const path = join(folder, 'changed.data');
    const ends = { refused: 0, stopped: 0, damaged: 0, read: 0 };
    for (const name of ['one', 'several', 'compressed', 'pipe'] as const) {
      const original = readFileSync(files[name]);
      for (let round = 0; round < 50; round++) {
        writeFileSync(path, changed(original, random));
        try {
          const { stopped, damagedRecords } = await readPerfFile(path, collector());
          ends[stopped !== null ? 'stopped' : damagedRecords > 0 ? 'damaged' : 'read']++;
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          ends.refused++;
        }
      }
    }
    for (const count of Object.values(ends)) expect(count).toBeGreaterThan(0);
  });
});

test.each([
  ['nothing', '', 'A perf.data begins with PERFILE2'],
  ['text', 'no perf.data at all, but a text of some length', 'A perf.data begins with PERFILE2'],
  ['of a big-endian machine', `2ELIFREP${'\0'.repeat(96)}`, 'big-endian'],
  ['only a beginning', 'PERFILE2', 'ends within its header'],
  ['a header without anything', `PERFILE2\u0068${'\0'.repeat(95)}`, 'names no events'],
])('A file that is %s is refused with a sentence', async (_, content, sentence) => {
  const path = join(folder, 'foreign.data');
  writeFileSync(path, content);
  const refused = readPerfFile(path, collector());
  await expect(refused).rejects.toThrow(UserError);
  await expect(refused).rejects.toThrow(sentence);
});

test('A file that is not there is refused with a sentence', async () => {
  await expect(readPerfFile(join(folder, 'absent.data'), collector())).rejects.toThrow(UserError);
});

test('A file in place of a pipe is refused with what to do', async () => {
  const pipe = new PerfPipe(collector(), 'standard input');
  await expect(pipe.feed(Buffer.from(`PERFILE2\u0068${'\0'.repeat(95)}`))).rejects.toThrow('perf record -o -');
});

test('A record that claims more bytes than memory has is passed over', async () => {
  const header = Buffer.alloc(16);
  header.write('PERFILE2');
  header.writeBigUInt64LE(16n, 8);
  const record = Buffer.alloc(48);
  record.writeUInt32LE(RECORD.auxTrace, 0);
  record.writeUInt16LE(48, 6);
  record.writeBigUInt64LE(2n ** 60n, 8);
  const pipe = new PerfPipe(collector(), 'pipe');
  await pipe.feed(header);
  await pipe.feed(record);
  for (let i = 0; i < 100; i++) await pipe.feed(Buffer.alloc(1_000_000));
  pipe.end();
  expect(pipe.reader.stopped).toMatch(/it ends/);
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(2 ** 30);
});

test('Records of the kernel that are too short for their fields are read to their end and no further', async () => {
  const attr = new DataView(new ArrayBuffer(96));
  attr.setUint32(24, SAMPLE.tid | SAMPLE.time | SAMPLE.id | SAMPLE.streamId | SAMPLE.cpu | SAMPLE.identifier, true);
  attr.setUint32(40, 1 << 18, true);
  for (let type = 1; type <= RECORD.kernelSymbol; type++) {
    for (let size = 8; size <= 88; size += 4) {
      for (const misc of [0, MISC.out | MISC.buildId]) {
        const record = Buffer.alloc(size);
        record.writeUInt32LE(type, 0);
        record.writeUInt16LE(misc, 4);
        record.writeUInt16LE(size, 6);
        const reader = new PerfDataReader(collector());
        reader.addEvent(new PerfEvent(attr), []);
        await reader.feed(record);
        reader.end();
        expect(reader.stopped).toBeNull();
      }
    }
  }
});

test('Records with times that no clock shows are damaged, and not read', async () => {
  const attr = new DataView(new ArrayBuffer(96));
  attr.setUint32(24, SAMPLE.tid | SAMPLE.time, true);
  const [told, pieces] = [collector(), [5n, 2n ** 62n, 2n ** 64n - 1n, 6n]];
  const reader = new PerfDataReader(told);
  reader.addEvent(new PerfEvent(attr), []);
  for (const timeNs of pieces) {
    const record = Buffer.alloc(24);
    record.writeUInt32LE(RECORD.sample, 0);
    record.writeUInt16LE(24, 6);
    record.writeBigUInt64LE(timeNs, 16);
    await reader.feed(record);
  }
  reader.end();
  expect(told.samples.map((line) => line.split(' ').at(-2))).toEqual(['5', '6']);
  expect(reader.damagedRecords).toBe(2);
});

/** Some bytes written over, mostly where records have their heads; or a piece taken out, doubled or cut off. */
function changed(original: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const at = () => random() % bytes.length;
  const way = random() % 8;
  if (way === 0) return bytes.subarray(0, at());
  if (way === 1) {
    const from = at();
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + (random() % 64))]);
  }
  if (way === 2) {
    const from = at();
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from >> 1)]);
  }
  for (let left = 1 + (random() % 16); left > 0; left--) {
    const place = way < 5 ? at() : (at() >> 3) << 3;
    const value = [0, 0xff, 0x7f, random() & 0xff][random() & 3]!;
    bytes.fill(value, place, place + 1 + (random() % 8));
  }
  if (way === 7) bytes.fill(random() & 0xff, random() % 104, 104);
  return bytes;
}
