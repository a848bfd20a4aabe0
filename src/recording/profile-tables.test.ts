import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import {
  FUNCTION_KINDS,
  INSTRUCTION_KINDS,
  LEAVING_REASONS,
  PROFILE_VERSION,
  SYMBOL_SOURCES,
  type Profile,
  type ProfileHeader,
} from '#core/profile';
import { PROFILE_TABLES } from '#core/recording';
import { exportTable } from './export.ts';
import { readProfile, writeProfile } from './profile-tables.ts';
import { readHeader, readTable } from './read-recording.ts';
import { startRecording, type RecordingStart } from './recorder.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'profile-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const newFolder = () => join(folder, String(++count));

const start: RecordingStart = {
  run: '019a3c2e-0000-7000-8000-000000000001',
  kind: 'encode',
  settings: {},
  environment: TEST_ENVIRONMENT,
  agents: [{ name: 'local', role: 'guest', host: 'test' }],
  anchor: { monotonicUs: 5, utc: '2026-11-01T12:00:00.000Z' },
  absent: [],
  accounting: 'proc',
};

const HEADER: ProfileHeader = {
  version: PROFILE_VERSION,
  tool: 'perf 6.1.192',
  file: null,
  clock: 'monotonic',
  startNs: 1e15 + 1,
  endNs: 1e15 + 5e9,
  frequencyHz: 999,
  weightUnit: 'ns',
  sampleNs: 1_001_001,
  cpus: [0, 1],
  scope: 'system',
  stacks: 'frame-pointers',
  lost: 0,
  throttled: null,
  overheadCpuS: 0.25,
  absent: ['scheduler events: perf may not read tracefs'],
  quality: [{ library: 'libx264.so.164', samples: 9, named: 7, rooted: 1, todo: 'Build it with frame pointers.' }],
};

async function stored(profile: Profile): Promise<string> {
  const at = newFolder();
  const recorder = await startRecording(at, start);
  await recorder.finish('complete', { profile: await writeProfile(at, profile) });
  return at;
}

const word = fc.string({ unit: 'grapheme', maxLength: 12 });
const wholeNs = fc.maxSafeNat();
const code = (names: readonly string[]) => fc.nat(names.length - 1);

/** Rows of numbers, as columns. */
function columns<Rows extends object>(rows: readonly Rows[], kinds: { readonly [K in keyof Rows]: ArrayType }) {
  const names = Object.keys(kinds) as (keyof Rows)[];
  return Object.fromEntries(names.map((name) => [name, kinds[name].from(rows.map((row) => row[name] as number))])) as {
    [K in keyof Rows]: never;
  };
}

interface ArrayType {
  from(values: readonly number[]): unknown;
}

const anyProfile: fc.Arbitrary<Profile> = fc
  .record({
    libraries: fc.uniqueArray(word, { minLength: 1, maxLength: 5 }),
    functions: fc.nat(20),
    nodes: fc.nat(40),
    threads: fc.integer({ min: 1, max: 6 }),
    hasSpans: fc.boolean(),
    hasWeights: fc.boolean(),
  })
  .chain(({ libraries, functions, nodes, threads, hasSpans, hasWeights }) => {
    const rows = <Row>(row: fc.Arbitrary<Row>, length: number) =>
      fc.array(row, { minLength: length, maxLength: length });
    const thread = fc.nat(threads - 1);
    const cpu = fc.integer({ min: -1, max: 300 });
    const stack = fc.integer({ min: -1, max: nodes - 1 });
    return fc.record<Profile>(
      {
        header: fc.constant(HEADER),
        libraries: fc.constant(libraries),
        functions: rows(
          fc.record({
            name: word,
            library: fc.nat(libraries.length - 1),
            kind: code(FUNCTION_KINDS),
            source: code(SYMBOL_SOURCES),
          }),
          functions,
        ).map((table) => ({
          ...columns(table, { name: Array, library: Uint32Array, kind: Uint8Array, source: Uint8Array }),
          name: table.map(({ name }) => name),
        })),
        stacks: rows(fc.tuple(fc.nat(), fc.nat()), functions === 0 ? 0 : nodes).map((table) => ({
          parent: Int32Array.from(table, ([parent], node) => (parent % (node + 1)) - 1),
          function: Uint32Array.from(table, ([, called]) => called % functions),
        })),
        threads: rows(fc.tuple(fc.integer({ min: -1, max: 2 ** 22 }), fc.nat(2 ** 22), word, word), threads).map(
          (table) => ({
            process: Int32Array.from(table, ([process]) => process),
            thread: Int32Array.from(table, ([, number]) => number),
            processName: table.map(([, , name]) => name),
            name: table.map(([, , , name]) => name),
          }),
        ),
        samples: fc
          .array(
            fc.record({
              timeNs: wholeNs,
              cpu,
              thread,
              stack,
              instruction: code(INSTRUCTION_KINDS),
              weight: fc.double(),
            }),
            { maxLength: 60 },
          )
          .map((table) => {
            const { weight, ...others } = columns(table, {
              timeNs: Float64Array,
              cpu: Int16Array,
              thread: Uint32Array,
              stack: Int32Array,
              instruction: Uint8Array,
              weight: Float64Array,
            });
            return { ...others, weight: hasWeights ? weight : null };
          }),
        spans: fc
          .array(
            fc.record({
              startNs: wholeNs,
              endNs: wholeNs,
              cpu,
              thread,
              left: code(LEAVING_REASONS),
              stack,
              readyNs: fc.oneof(wholeNs, fc.constant(Number.NaN)),
              waker: fc.integer({ min: -1, max: threads - 1 }),
            }),
            { maxLength: 60 },
          )
          .map((table) =>
            !hasSpans
              ? null
              : columns(table, {
                  startNs: Float64Array,
                  endNs: Float64Array,
                  cpu: Int16Array,
                  thread: Uint32Array,
                  left: Uint8Array,
                  stack: Int32Array,
                  readyNs: Float64Array,
                  waker: Int32Array,
                }),
          ),
        losses: fc
          .array(fc.record({ timeNs: wholeNs, cpu, samples: fc.nat() }), { maxLength: 5 })
          .map((table) => columns(table, { timeNs: Float64Array, cpu: Int16Array, samples: Float64Array })),
      },
      { noNullPrototype: true },
    );
  });

test('whatever a profile holds is read back as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(anyProfile, async (profile) => {
      expect(await readProfile(await stored(profile))).toStrictEqual(profile);
    }),
    { numRuns: 7, endOnFailure: true },
  );
});

/** Of more rows than one vector and one group of rows hold. */
function longProfile(rows: number): Profile {
  const number = Float64Array.from({ length: rows }, (_, i) => i);
  return {
    header: HEADER,
    libraries: ['libx264.so.164', '[kernel]'],
    functions: {
      name: ['main', 'encode', 'schedule'],
      library: Uint32Array.of(0, 0, 1),
      kind: Uint8Array.of(1, 1, 2),
      source: Uint8Array.of(2, 0, 3),
    },
    stacks: { parent: Int32Array.of(-1, 0, 1), function: Uint32Array.of(0, 1, 2) },
    threads: {
      process: Int32Array.of(7, 7),
      thread: Int32Array.of(7, 8),
      processName: ['x264', 'x264'],
      name: ['x264', 'worker'],
    },
    samples: {
      timeNs: number.map((i) => 1e15 + i * 1001),
      cpu: Int16Array.from(number, (i) => i % 2),
      thread: Uint32Array.from(number, (i) => i % 2),
      stack: Int32Array.from(number, (i) => (i % 4) - 1),
      instruction: Uint8Array.from(number, (i) => i % 5),
      weight: null,
    },
    spans: null,
    losses: { timeNs: Float64Array.of(5), cpu: Int16Array.of(-1), samples: Float64Array.of(3) },
  };
}

test('samples of the same time stay in their order over many groups of rows', async () => {
  const profile = longProfile(50_001);
  profile.samples.timeNs.fill(77);
  expect(await readProfile(await stored(profile))).toStrictEqual(profile);
});

test('its tables stand beside the others of the recording, and are read and exported as they are', async () => {
  const at = await stored(longProfile(10));
  const header = await readHeader(at);
  expect(header.rows).toEqual({ samples: 10, stacks: 3, threads: 2, losses: 1 });
  expect(readdirSync(at).toSorted()).toEqual([
    'losses.parquet',
    'recording.json',
    'samples.parquet',
    'stacks.parquet',
    'threads.parquet',
  ]);
  expect(await readTable(at, 'stacks', { columns: ['stack', 'parent', 'name', 'kind', 'source'] })).toEqual({
    stack: Float64Array.of(0, 1, 2),
    parent: Float64Array.of(Number.NaN, 0, 1),
    name: ['main', 'encode', 'schedule'],
    kind: ['user', 'user', 'kernel'],
    source: ['dynamic', 'none', 'symbols'],
  });
  for (const table of PROFILE_TABLES)
    expect(await exportTable([{ run: 'r', folder: at }], table, 'csv', join(at, 'out.csv'))).toBe(
      header.rows[table] ?? 0,
    );
});

test('a recording without a profile has none', async () => {
  const at = newFolder();
  await (await startRecording(at, start)).finish('complete');
  expect(await readProfile(at)).toBeNull();
});
