// Every format in small, what is made of it, what its exporters write, and that no damage to it is more than a message.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WHOLE_PROFILE, type Profile } from '#core/profile';
import { UserError } from '#core/user-error';
import { countStacks, functionsOf } from './exported-samples.ts';
import { readProfileText } from './read-profile.ts';
import { foldedLines } from './folded-export.ts';
import { speedscopeText } from './speedscope-export.ts';

async function* pieces(text: string, chars = 1000): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += chars) yield text.slice(at, at + chars);
}

const read = (content: unknown) =>
  readProfileText(pieces(typeof content === 'string' ? content : JSON.stringify(content)), 'a.file');
const folded = (profile: Profile) => [...foldedLines(profile, WHOLE_PROFILE)].join('').trimEnd().split('\n').toSorted();

const FOLDED = '# made by a test\nmain;encode;sad 12\nmain;encode;write_[k] 3\n[unknown] 1\n\nmain 2.5\n';

const CPU_PROFILE = {
  nodes: [
    { id: 1, callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1 }, children: [2, 3, 4] },
    {
      id: 2,
      callFrame: { functionName: 'run', scriptId: '7', url: 'file:///app/main.js', lineNumber: 3 },
      children: [5],
    },
    { id: 3, callFrame: { functionName: '(idle)', scriptId: '0', url: '', lineNumber: -1 } },
    { id: 4, callFrame: { functionName: '(garbage collector)', scriptId: '0', url: '', lineNumber: -1 } },
    { id: 5, callFrame: { functionName: '', scriptId: '7', url: 'file:///app/part.js?v=1', lineNumber: 9 } },
  ],
  startTime: 1000,
  endTime: 5000,
  samples: [2, 5, 3, 4],
  timeDeltas: [0, 1000, 500, 1500],
};

const TRACE = {
  traceEvents: [
    { ph: 'M', pid: 1, tid: 2, name: 'thread_name', args: { name: 'encoder' } },
    { ph: 'M', pid: 1, name: 'process_name', args: { name: 'app' } },
    { ph: 'X', pid: 1, tid: 2, ts: 0, dur: 5000, name: 'encode', cat: 'video' },
    { ph: 'X', pid: 1, tid: 2, ts: 1000, dur: 2000, name: 'sad', cat: 'video' },
    { ph: 'B', pid: 1, tid: 3, ts: 100, name: 'wait' },
    { ph: 'B', pid: 1, tid: 3, ts: 200, name: 'poll' },
    { ph: 'E', pid: 1, tid: 3, ts: 700 },
    { ph: 'E', pid: 1, tid: 3, ts: 1100 },
    { ph: 'i', pid: 1, tid: 3, ts: 1, name: 'mark' },
  ],
};

const TRACE_SAMPLES = {
  traceEvents: [{ ph: 'i', pid: 1, tid: 2, ts: 1, name: 'mark' }],
  stackFrames: { a: { name: 'main', category: 'app' }, b: { name: 'sad', category: 'app', parent: 'a' } },
  samples: [
    { cpu: 0, pid: 1, tid: 2, ts: 100, sf: 'b', weight: 2 },
    { cpu: 1, pid: 1, tid: 2, ts: 200, sf: 'a', weight: 1 },
  ],
};

const chunk = (ts: number, data: unknown) => ({
  ph: 'P',
  name: 'ProfileChunk',
  pid: 1,
  tid: 9,
  id: '0x1',
  ts,
  args: { data },
});
const TRACE_CHUNKS = [
  { ph: 'P', name: 'Profile', pid: 1, tid: 2, id: '0x1', ts: 10, args: { data: { startTime: 1000 } } },
  chunk(30, { cpuProfile: { samples: [3] }, timeDeltas: [1000], endTime: 5000 }),
  chunk(20, {
    cpuProfile: {
      nodes: [
        { id: 1, callFrame: { functionName: '(root)', scriptId: 0 } },
        { id: 2, parent: 1, callFrame: { functionName: 'run', scriptId: 1, url: 'http://a/b.js' } },
        { id: 3, parent: 2, callFrame: { functionName: 'work', scriptId: 1, url: 'http://a/b.js' } },
      ],
      samples: [2],
    },
    timeDeltas: [1000],
  }),
];

const SPEEDSCOPE = {
  $schema: 'https://www.speedscope.app/file-format-schema.json',
  shared: { frames: [{ name: 'main', file: '/src/main.c' }, { name: 'sad' }] },
  profiles: [
    {
      type: 'sampled',
      name: 'worker (tid 12)',
      unit: 'milliseconds',
      startValue: 5,
      endValue: 11,
      samples: [[0], [0, 1], [], [0]],
      weights: [1, 2, 2, 1],
    },
    {
      type: 'evented',
      name: 'main',
      unit: 'seconds',
      startValue: 0,
      endValue: 0.05,
      events: [
        { type: 'O', frame: 0, at: 0 },
        { type: 'O', frame: 1, at: 0.01 },
        { type: 'C', frame: 1, at: 0.04 },
        { type: 'C', frame: 0, at: 0.05 },
      ],
    },
  ],
};

const PERF_SCRIPT = `ffmpeg 12 [001] 10.1: 1001001 cpu-clock: \n\tffff81 a+0x59 ([kernel.kallsyms])\n\t6a00 b+0x4 (inlined)\n\t6a00 c+0x43 (/lib/c.so)\n\n
x 0 [000] 10.2: sched:sched_switch: prev_comm=x prev_pid=3 prev_prio=120 prev_state=S ==> next_comm=y next_pid=4 next_prio=120\n\tffff82 d ([kernel.kallsyms])\n\n`;

const ALL = [FOLDED, CPU_PROFILE, TRACE, TRACE_SAMPLES, TRACE_CHUNKS, SPEEDSCOPE, PERF_SCRIPT];

test('folded stacks written again are the same lines', async () => {
  const profile = await read(FOLDED);
  expect(profile.header).toMatchObject({ clock: 'none', weightUnit: 'samples', startNs: 0, endNs: 0 });
  expect(folded(profile)).toEqual(['[unknown] 1', 'main 2.5', 'main;encode;sad 12', 'main;encode;write_[k] 3']);
  const kinds = Object.fromEntries(profile.functions.name.map((name, i) => [name, profile.functions.kind[i]]));
  expect(kinds).toMatchObject({ 'write_[k]': 2, sad: 0 });
});

test('any folded stacks written again are the same', async () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', ' x', '::', '(', '_[k]', 'é'), minLength: 1, maxLength: 4 });
  const lines = fc.uniqueArray(
    fc.tuple(
      fc.array(
        name.map((one) => `f${one}`),
        { minLength: 1, maxLength: 6 },
      ),
      fc.integer({ min: 1, max: 1e9 }),
    ),
    { selector: ([stack]) => stack.join(';'), minLength: 1, maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(lines, async (stacks) => {
      const text = stacks.map(([stack, count]) => `${stack.join(';')} ${count}`);
      expect(folded(await read(`${text.join('\n')}\n`))).toEqual(text.toSorted());
    }),
    { numRuns: 60 },
  );
});

test('a line without a count is told with its place, and at the end as a file that was cut off', async () => {
  await expect(read('a;b 1\na;b\nc 2\n')).rejects.toThrow('a.file:2: no stack with a count behind it: "a;b"');
  await expect(read('a;b 1\nfoo bar\n')).rejects.toThrow('a.file:2: no stack with a count behind it: "foo bar"');
  expect((await read('a;b 1\na;b')).header.absent).toEqual(['the end: the file stops in the middle of a line']);
});

test('a JavaScript profile has the time to the next sample as weight, and idle time is an idle thread’s', async () => {
  const { samples, threads, functions, libraries, header } = await read(CPU_PROFILE);
  expect(Array.from(samples.timeNs)).toEqual([1e6, 2e6, 2.5e6, 4e6]);
  expect(Array.from(samples.weight!)).toEqual([1e6, 0.5e6, 1.5e6, 1e6]);
  expect(Array.from(samples.thread, (thread) => threads.thread[thread])).toEqual([-1, -1, 0, -1]);
  expect(functions.name.map((name, i) => `${name} ${libraries[functions.library[i]!]!} ${functions.kind[i]!}`)).toEqual(
    ['run main.js 3', '(anonymous) part.js:10 part.js 3', '(idle) V8 1', '(garbage collector) V8 1'],
  );
  expect([header.startNs, header.endNs]).toEqual([1e6, 5e6]);
});

test('trace events with a duration nest, and each has its own time without that of those in it', async () => {
  const profile = await read(TRACE);
  expect(folded(profile)).toEqual([
    'encoder;encode 3000000',
    'encoder;encode;sad 2000000',
    'thread_3;wait 500000',
    'thread_3;wait;poll 500000',
  ]);
  expect(profile.threads.processName).toEqual(['app', 'app']);
  expect(profile.header).toMatchObject({ clock: 'own', startNs: 0, endNs: 5e6, absent: [] });
});

test('a list of trace events that was cut off is read as far as it goes', async () => {
  const text = JSON.stringify(TRACE.traceEvents.slice(2, 4));
  const { samples, header } = await read(text.slice(0, text.lastIndexOf('"sad"')));
  expect(samples.weight!.reduce((sum, weight) => sum + weight)).toBe(5e6);
  expect(header.absent).toEqual(['the end: the file stops in the middle of its list']);
});

test('a JavaScript profile or speedscope file that stops before its samples may be cut off; a whole file of something else is not', async () => {
  const nodes = JSON.stringify(CPU_PROFILE);
  await expect(read(nodes.slice(0, nodes.indexOf('"startTime"')))).rejects.toThrow(/may be cut off or damaged/);
  await expect(read('{"$schema":"x","shared":{"frames":[{"name":"a"},{"na')).rejects.toThrow(
    /may be cut off or damaged/,
  );
  const other = await read({ list: [{ name: 'a' }] }).then(String, String);
  expect(other).toContain('no profile of a format that is known');
  expect(other).not.toContain('cut off');
});

test('ends that nothing began and beginnings without an end are told', async () => {
  const profile = await read([
    { ph: 'E', pid: 1, tid: 1, ts: 5 },
    { ph: 'B', pid: 1, tid: 1, ts: 10, name: 'a' },
    { ph: 'X', pid: 1, tid: 1, ts: 20, dur: 10, name: 'b' },
    { ph: 'X', pid: 1, tid: 1, ts: 25, dur: 10, name: 'c' },
  ]);
  expect(folded(profile)).toEqual(['thread_1;a 15000', 'thread_1;a;b 5000', 'thread_1;a;b;c 5000']);
  expect(profile.header.absent.map((line) => line.split(':')[0])).toEqual([
    'the end of 1 events',
    'the beginning of 1 events',
    '1 events',
  ]);
});

test('samples of a trace, and the pieces of a CPU profile in one, are the profile', async () => {
  const samples = await read(TRACE_SAMPLES);
  expect(folded(samples)).toEqual(['thread_2;main 1', 'thread_2;main;sad 2']);
  expect(Array.from(samples.samples.cpu)).toEqual([0, 1]);
  const pieced = await read(TRACE_CHUNKS);
  expect(Array.from(pieced.samples.timeNs)).toEqual([2e6, 3e6]);
  expect(folded(pieced)).toEqual(['thread_2;run 1000000', 'thread_2;run;work 2000000']);
});

test('profiles of a speedscope file are threads on one clock, long functions several samples', async () => {
  const { samples, threads, header } = await read(SPEEDSCOPE);
  expect(Array.from(threads.thread)).toEqual([12, -1]);
  const worker = Array.from(samples.timeNs, (time, i) => [samples.thread[i], time, samples.weight![i]]).filter(
    ([thread]) => thread === 0,
  );
  expect(worker).toEqual([
    [0, 5e6, 1e6],
    [0, 6e6, 2e6],
    [0, 10e6, 1e6],
  ]);
  expect(header).toMatchObject({ clock: 'own', weightUnit: 'ns', startNs: 0, endNs: 50e6 });
});

test('the time in which a JavaScript engine waited is that of thread 0 in every format', async () => {
  const waited = await read('main;run 30\n(idle) 50\n(root);(idle) 7\nmain;(idle);run 3\n');
  const idle = waited.threads.thread.indexOf(0);
  expect(Array.from(waited.samples.thread, (thread, i) => (thread === idle ? waited.samples.weight![i] : 0))).toEqual([
    0, 50, 7, 0,
  ]);
  expect((await read(FOLDED)).threads.thread).not.toContain(0);
});

test('a profile written for speedscope follows its schema, and read again has the same weights', async () => {
  for (const content of ALL) {
    const profile = await read(content);
    const text = [...speedscopeText(profile, WHOLE_PROFILE, 'a "test"')].join('');
    checkSpeedscope(JSON.parse(text));
    const again = await read(text);
    expect(weights(again)).toEqual(weights(profile));
    expect([...speedscopeText(again, WHOLE_PROFILE, 'a "test"')].join('')).toBe(text);
    expect(stacksOf(again)).toEqual(stacksOf(profile));
  }
});

/** As they stand in folded text, with the names of their threads. */
function stacksOf(profile: Profile): string[] {
  return [...foldedLines(profile, WHOLE_PROFILE)].map((line) => line.replace(/ \d+\n$/, '')).toSorted();
}

test('what stands in parentheses behind a thread’s name is its number only in files of others', async () => {
  const thread = { process: 12, thread: 34, processName: 'ffmpeg', name: 'enc (tid 7)' };
  const [first] = SPEEDSCOPE.profiles;
  const given = { ...first, name: 'ffmpeg/enc (tid 7) (tid 34)', thread };
  const ours = (await read({ ...SPEEDSCOPE, exporter: 'encodelab', profiles: [given] })).threads;
  expect([ours.process[0], ours.thread[0], ours.processName[0], ours.name[0]]).toEqual([
    12,
    34,
    'ffmpeg',
    'enc (tid 7)',
  ]);
  const theirs = (await read({ ...SPEEDSCOPE, exporter: 'other', profiles: [given] })).threads;
  expect([theirs.process[0], theirs.thread[0], theirs.processName[0]]).toEqual([-1, 7, '']);
});

/** By stack, whatever its thread is called. */
function weights(profile: Profile): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { stack, weight } of countStacks(profile, WHOLE_PROFILE)) {
    const path = functionsOf(profile, stack).map((called) => profile.functions.name[called]);
    sums[path.join(';')] = (sums[path.join(';')] ?? 0) + weight;
  }
  return sums;
}

interface SpeedscopeFile {
  readonly $schema: string;
  readonly shared: { readonly frames: readonly { readonly name: string; readonly file?: string }[] };
  readonly activeProfileIndex: number;
  readonly profiles: readonly {
    readonly type: string;
    readonly name: string;
    readonly unit: string;
    readonly startValue: number;
    readonly endValue: number;
    readonly samples: readonly (readonly number[])[];
    readonly weights: readonly number[];
  }[];
}

/** The rules of its file-format-schema.json, and those that its importer checks. */
function checkSpeedscope(file: SpeedscopeFile): void {
  expect(file.$schema).toBe('https://www.speedscope.app/file-format-schema.json');
  expect(file.profiles[file.activeProfileIndex]).toBeDefined();
  for (const frame of file.shared.frames) expect([typeof frame.name, typeof frame.file]).toEqual(['string', 'string']);
  for (const profile of file.profiles) {
    expect(profile.type).toBe('sampled');
    expect(['none', 'nanoseconds', 'microseconds', 'milliseconds', 'seconds', 'bytes']).toContain(profile.unit);
    expect(profile.name).not.toBe('');
    expect(profile.weights.length).toBe(profile.samples.length);
    expect(profile.weights.reduce((sum, weight) => sum + weight, profile.startValue)).toBeCloseTo(profile.endValue, 3);
    expect(profile.samples.flat().every((frame) => file.shared.frames[frame] !== undefined)).toBe(true);
  }
}

test('parts that do not fit together are told', async () => {
  const samples = (profile: object) => ({ ...SPEEDSCOPE, profiles: [{ ...SPEEDSCOPE.profiles[0], ...profile }] });
  await expect(read(samples({ weights: [1] }))).rejects.toThrow('has 4 samples and 1 weights');
  await expect(read(samples({ samples: [[7], [], [], []] }))).rejects.toThrow('names the frame 7');
  await expect(read({ ...CPU_PROFILE, samples: [9] })).rejects.toThrow(UserError);
  await expect(read({ ...CPU_PROFILE, samples: [2, 5, 3, 99] })).rejects.toThrow('there is no node 99');
  const below = CPU_PROFILE.nodes.map((node) => (node.id === 5 ? { ...node, children: [2] } : node));
  await expect(read({ ...CPU_PROFILE, nodes: below })).rejects.toThrow('is below itself');
  await expect(read('{"nodes": [')).rejects.toThrow('this is no JSON');
  await expect(read('')).rejects.toThrow('the file is empty');
  await expect(read('Dear Sir or Madam,\n')).rejects.toThrow('no profile of a format that is known');
});

test('no damage to a file of any format is more than a message or a profile', async () => {
  const texts = ALL.map((content) => (typeof content === 'string' ? content : JSON.stringify(content)));
  const damage = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.integer({ min: 0, max: 30 }),
    put: fc.constantFrom(
      '',
      '0',
      '-1',
      '1e999',
      'null',
      '"',
      '[',
      '}',
      ',',
      '\n',
      '\t',
      ' ',
      ';',
      'x',
      '\u0000',
      '9999999999',
      '{"id":1}',
    ),
  });
  const damaged = fc.tuple(
    fc.constantFrom(...texts),
    fc.array(damage, { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 50 }),
  );
  await fc.assert(
    fc.asyncProperty(damaged, async ([text, damages, chars]) => {
      let changed = text;
      for (const { at, remove, put } of damages) {
        const begin = Math.floor(at * changed.length);
        changed = changed.slice(0, begin) + put + changed.slice(begin + remove);
      }
      try {
        const profile = await readProfileText(pieces(changed, chars), 'a.file');
        const { samples, stacks, threads } = profile;
        expect(
          samples.timeNs.every((time, i) => Number.isFinite(time) && (i === 0 || samples.timeNs[i - 1]! <= time)),
        ).toBe(true);
        expect(samples.stack.every((stack) => stack < stacks.parent.length)).toBe(true);
        expect(samples.thread.every((thread) => thread < threads.thread.length)).toBe(true);
        expect(samples.weight === null || samples.weight.length === samples.timeNs.length).toBe(true);
        for (const line of foldedLines(profile, WHOLE_PROFILE)) expect(line).toMatch(/ \d+(\.\d+)?(e[+-]?\d+)?\n$/);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        expect(error.problems[0]!.what).not.toBe('');
      }
    }),
    { numRuns: 1500 },
  );
});

test('a known format without samples is told apart from one that is not known', async () => {
  await expect(read('{"traceEvents":[]}')).rejects.toThrow('holds no samples; it was read as trace events');
  await expect(read('[]')).rejects.toThrow('no profile of a format that is known');
  await expect(read('{"traceEvents":[{"a":1}]}')).rejects.toThrow('no profile of a format that is known');
});
