import { expect, test } from 'vitest';
import type { Profile } from '#core/profile';
import { readCpuProfile } from './formats/cpuprofile.ts';
import { ProfileBuilder } from './profile-builder.ts';
import { withJavaScript, type JavaScriptProfile } from './javascript-stacks.ts';

const PROCESS = 7;
const MS = 1e6;

const call = (functionName: string, url = 'file:///film/encode.js') => ({ functionName, url, lineNumber: 1 });
/** (root) > run > emit > scale and send; garbage is collected in between. */
const NODES = [
  { id: 1, callFrame: call('(root)', ''), children: [2, 6] },
  { id: 2, callFrame: call('run'), children: [3] },
  { id: 3, callFrame: call('emit'), children: [4, 5] },
  { id: 4, callFrame: call('scale') },
  { id: 5, callFrame: call('send') },
  { id: 6, callFrame: call('(garbage collector)', '') },
];

/** Samples of these nodes, a millisecond apart from 10 ms on. */
function inspected(...samples: number[]): JavaScriptProfile {
  const timeDeltas = samples.map((_, i) => (i === 0 ? 0 : 1000));
  const profile = { nodes: NODES, samples, timeDeltas, startTime: 10_000, endTime: 10_000 + samples.length * 1000 };
  return { process: PROCESS, profile: readCpuProfile(profile, 'test') };
}

/** Of each row a time in milliseconds, a thread, and its stack from the outermost function: `jit` is nameless generated code. */
function perf(...rows: readonly (readonly [timeMs: number, thread: number, stack: string])[]): Profile {
  const builder = new ProfileBuilder();
  const threads = new Map<number, number>();
  for (const [timeMs, thread, stack] of rows) {
    if (!threads.has(thread)) threads.set(thread, builder.addThread(PROCESS, thread, 'node', 'node'));
    let node = -1;
    for (const name of stack.split(' ')) {
      const called =
        name === 'jit'
          ? builder.function('[unknown]', '[jit]', 'jit', 'none')
          : builder.function(name, 'node', 'user', 'symbols');
      node = builder.stacks.add(node, called);
    }
    builder.addSample(timeMs * MS, 0, threads.get(thread)!, node);
    const span = { startNs: timeMs * MS - 1, endNs: timeMs * MS, cpu: 0, thread: threads.get(thread)! };
    builder.addSpan({ ...span, left: 2, stack: node, readyNs: Number.NaN, waker: -1 });
  }
  const header = {
    tool: 'perf',
    file: null,
    clock: 'monotonic',
    startNs: 0,
    endNs: 20 * MS,
    frequencyHz: 1000,
  } as const;
  const more = { weightUnit: 'ns', sampleNs: MS, cpus: [0], scope: 'system', stacks: 'frame-pointers' } as const;
  const rest = { lost: 0, throttled: 0, overheadCpuS: null, absent: [], quality: [] };
  return builder.finish({ ...header, ...more, ...rest });
}

function shown({ stacks, functions }: Profile, rows: Int32Array): string[] {
  return Array.from(rows, (stack) => {
    const names: string[] = [];
    for (let node = stack; node >= 0; node = stacks.parent[node]!) names.push(functions.name[stacks.function[node]!]!);
    return names.toReversed().join(' ');
  });
}

const INTERPRETER = 'Builtins_InterpreterEntryTrampoline';

test('nameless code and the interpreter become the functions that were seen before and after; what is around them stays', () => {
  const profile = perf(
    [11.5, PROCESS, `_start Entry ${INTERPRETER} jit Between jit Native`],
    [12.5, PROCESS, '_start jit'],
  );
  const found = withJavaScript(profile, [inspected(4, 4, 5, 5)], 2 * MS);
  // Before the first there was `scale`, after it `send`: surely only what called both.
  expect(shown(found.profile, found.profile.samples.stack)).toEqual([
    '_start Entry run emit Native',
    '_start run emit send',
  ]);
  expect(shown(found.profile, found.profile.spans!.stack)).toEqual(shown(found.profile, found.profile.samples.stack));
  expect(found).toMatchObject({ joined: 2, unmatched: 0 });
});

test('where the walk broke off in native code they are its callers; whole stacks without JavaScript stay', () => {
  const profile = perf([11.5, PROCESS, 'x264_quant page_fault'], [11.6, PROCESS, '_start uv_run']);
  const { profile: found } = withJavaScript(profile, [inspected(5, 5, 5)], 2 * MS);
  expect(shown(found, found.samples.stack)).toEqual(['(root) run emit send x264_quant page_fault', '_start uv_run']);
  const root = found.functions.name.indexOf('(root)');
  expect(found.libraries[found.functions.library[root]!]).toBe('V8');
});

test('nothing is made up: other threads, other times, and garbage collection keep the stacks that they had', () => {
  const rows = [
    [9, PROCESS, '_start jit'],
    [11.5, 8, 'jit'],
    [11.5, PROCESS, 'jit'],
    [16, PROCESS, 'jit'],
  ] as const;
  const profile = perf(...rows);
  const found = withJavaScript(profile, [inspected(6, 6, 6, 6)], 2 * MS);
  expect(found.profile.samples).toEqual(profile.samples);
  expect(found).toMatchObject({ joined: 0, unmatched: 3 });
  // Samples that are further away than they may be tell nothing either.
  expect(withJavaScript(profile, [inspected(5, 6, 6, 5)], MS).joined).toBe(0);
  expect(withJavaScript(profile, [inspected(5, 6, 6, 5)], 3 * MS).joined).toBe(1);
});

test('the samples are the same in number, time and thread, so that no CPU time is counted twice', () => {
  const profile = perf([11.5, PROCESS, '_start jit'], [12.2, PROCESS, 'native'], [12.3, 8, '_start jit']);
  const { profile: found } = withJavaScript(profile, [inspected(4, 5, 5, 5)], 2 * MS);
  expect(found.samples.stack).not.toEqual(profile.samples.stack);
  expect({ ...found.samples, stack: null }).toEqual({ ...profile.samples, stack: null });
  expect(found.threads).toEqual(profile.threads);
});
