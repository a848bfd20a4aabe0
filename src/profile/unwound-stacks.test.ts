import { expect, test } from 'vitest';
import type { Profile } from '#core/profile';
import { ProfileBuilder } from './profile-builder.ts';
import { withUnwound } from './unwound-stacks.ts';

/** Of each row a time in nanoseconds, a thread, and its stack from the outermost function; `libc:read` lies in a library of its own. */
function profileOf(...rows: readonly (readonly [timeNs: number, thread: number, stack: string])[]): Profile {
  const builder = new ProfileBuilder();
  const threads = new Map<number, number>();
  for (const [timeNs, thread, stack] of rows) {
    if (!threads.has(thread)) threads.set(thread, builder.addThread(thread, thread, 'work', 'work'));
    let node = -1;
    for (const name of stack.split(' ')) node = builder.stacks.add(node, functionOf(builder, name));
    builder.addSample(timeNs, 0, threads.get(thread)!, node, 1);
  }
  const header = { tool: 'perf', file: null, clock: 'monotonic', startNs: 0, endNs: 100, frequencyHz: 999 } as const;
  const more = { weightUnit: 'ns', sampleNs: 1e6, cpus: [0], scope: 'system', stacks: 'frame-pointers' } as const;
  const rest = { lost: 3, throttled: 0, overheadCpuS: null, absent: [], quality: [] };
  return builder.finish({ ...header, ...more, ...rest });
}

function functionOf(builder: ProfileBuilder, name: string): number {
  const [library, own] = name.includes(':') ? (name.split(':') as [string, string]) : ['work', name];
  return builder.function(own, library, 'user', own.includes('+0x') ? 'unwind' : 'symbols');
}

function shown({ stacks, functions, samples }: Profile): string[] {
  return Array.from(samples.stack, (stack) => {
    const names: string[] = [];
    for (let node = stack; node >= 0; node = stacks.parent[node]!) names.push(functions.name[stacks.function[node]!]!);
    return names.toReversed().join(' ');
  });
}

test('samples of the same thread and time get the stack that was unwound, and keep all else; the others keep theirs', () => {
  const ours = profileOf([10, 1, 'quant'], [10, 2, 'idle'], [20, 1, 'quant'], [30, 1, 'scale']);
  const found = withUnwound(ours, profileOf([10, 1, '_start main quant'], [31, 1, '_start scale'], [60, 1, 'late']));
  expect(shown(found)).toEqual(['_start main quant', 'idle', 'quant', '_start scale']);
  expect(found.samples).toEqual({ ...ours.samples, stack: found.samples.stack });
  expect(found.header).toMatchObject({ stacks: 'dwarf', lost: 3, clock: 'monotonic' });
  expect(found.header.quality).toEqual([expect.objectContaining({ library: 'work', samples: 4, rooted: 2 })]);
});

test('what a stripped library was found doing is not called by its nearest symbol; a library that perf alone knows is', () => {
  const ours = profileOf([10, 1, 'work+0x10'], [20, 1, 'quant'], [30, 1, 'libc:libc+0x20']);
  const theirs = profileOf([10, 1, 'main trellis'], [20, 1, 'main quant'], [30, 1, 'main read']);
  const found = withUnwound(ours, theirs);
  expect(shown(found)).toEqual(['main work+0x10', 'main quant', 'main read']);
  expect(found.header.quality).toEqual([expect.objectContaining({ library: 'work', samples: 3, named: 2 })]);
  // Not a second one of the same name.
  expect(found.functions.name.filter((name) => name === 'quant')).toHaveLength(1);
});
