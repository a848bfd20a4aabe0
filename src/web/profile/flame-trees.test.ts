import { expect, test } from 'vitest';
import { WHOLE_PROFILE, type Profile } from '#core/profile';
import { foldedText } from '#profile/call-text';
import { ProfileBuilder } from '#profile/profile-builder';
import { FIRST_FLAME, type FlameChoice } from './flame-choice.ts';
import { flameTrees, focusName, hasIdle } from './flame-trees.ts';

function profileOf(...stacks: readonly string[]): Profile {
  const builder = new ProfileBuilder();
  builder.addThread(1, 1, 'ffmpeg', 'main');
  for (const [at, stack] of stacks.entries()) {
    let node = -1;
    for (const name of stack.split(';'))
      node = builder.stacks.add(node, builder.function(name, name === 'memcpy' ? 'libc' : 'ffmpeg', 'user', 'given'));
    builder.addSample(at, 0, 0, node);
  }
  return builder.finish({
    tool: 'test',
    file: null,
    clock: 'own',
    startNs: 0,
    endNs: stacks.length,
    frequencyHz: null,
    weightUnit: 'samples',
    sampleNs: null,
    cpus: [0],
    scope: 'processes',
    stacks: 'given',
    lost: null,
    throttled: null,
    overheadCpuS: null,
    absent: [],
    quality: [],
  });
}

const NOW = profileOf('main;encode;memcpy', 'main;read;memcpy', 'main;read');
const BEFORE = profileOf('main;read', 'main;read;read');

function folded(choice: Partial<FlameChoice>, baseline: Profile | null = null) {
  const part = (profile: Profile) => ({ profile, selection: WHOLE_PROFILE });
  const trees = flameTrees(part(NOW), baseline && part(baseline), { ...FIRST_FLAME, ...choice });
  return trees && { tree: foldedText(trees.tree), callers: trees.callers && foldedText(trees.callers) };
}

test('without a function that is looked at there is one tree, with one there are its callees and its callers', () => {
  expect(folded({})).toEqual({ tree: 'main;encode;memcpy 1\nmain;read 1\nmain;read;memcpy 1\n', callers: null });
  expect(folded({ focus: 'libc!memcpy' })).toEqual({
    tree: 'memcpy 2\n',
    callers: 'memcpy;encode;main 1\nmemcpy;read;main 1\n',
  });
});

test('a function is known by its library too, and nothing is known of one that is not there', () => {
  const { tree } = flameTrees({ profile: NOW, selection: WHOLE_PROFILE }, null, FIRST_FLAME)!;
  expect(focusName(tree, NOW.functions.name.indexOf('memcpy'))).toBe('libc!memcpy');
  expect(folded({ focus: 'ffmpeg!memcpy' })).toEqual({ tree: '', callers: '' });
});

test('what is compared may be another profile, which may lack the function', () => {
  expect(folded({ widths: 'elided' }, BEFORE)!.tree).toBe('main;encode;memcpy 1\nmain;read;memcpy 1\n');
  expect(folded({ focus: 'libc!memcpy' }, BEFORE)!.tree).toBe('memcpy 2\n');
});

test('without the scheduler there is nothing off the CPU', () => {
  expect(folded({ widths: 'off-cpu' })).toBeNull();
});

test('time in which nothing ran is shown where it is asked for', () => {
  const builder = new ProfileBuilder();
  const [main, idle] = [builder.addThread(1, 1, 'node', 'main'), builder.addThread(1, 0, 'node', 'idle')];
  const stack = (name: string) => builder.stacks.add(-1, builder.function(name, 'V8', 'jit', 'given'));
  builder.addSample(0, 0, main, stack('run'));
  builder.addSample(1, 0, idle, stack('(idle)'));
  const profile = builder.finish({ ...NOW.header });
  const shown = (withIdle: boolean, threads: ReadonlySet<number> | null = null) =>
    foldedText(
      flameTrees({ profile, selection: { ...WHOLE_PROFILE, threads } }, null, { ...FIRST_FLAME, withIdle })!.tree,
    );
  expect([hasIdle(profile), hasIdle(NOW)]).toEqual([true, false]);
  expect(shown(false)).toBe('run 1\n');
  expect(shown(true)).toBe('(idle) 1\nrun 1\n');
  expect(shown(false, new Set([idle]))).toBe('');
});
