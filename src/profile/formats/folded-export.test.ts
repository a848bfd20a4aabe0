import { expect, test } from 'vitest';
import { WHOLE_PROFILE, type FunctionKind, type Profile, type SymbolSource } from '#core/profile';
import { ProfileBuilder } from '../profile-builder.ts';
import { exportedNames } from './exported-samples.ts';
import { foldedLines } from './folded-export.ts';
import { finishGiven } from './given-profile.ts';
import { readProfileText } from './read-profile.ts';

/** A sample in each function, all called by nobody. */
function profileOf(...functions: readonly (readonly [name: string, library: string, FunctionKind, SymbolSource])[]) {
  const builder = new ProfileBuilder();
  const thread = builder.addThread(-1, -1, '', '');
  for (const called of functions) builder.addSample(0, -1, thread, builder.stacks.add(-1, builder.function(...called)));
  return finishGiven(builder, { tool: 'made', file: null, clock: 'none', weightUnit: 'samples' });
}

const linesOf = (profile: Profile) => [...foldedLines(profile, WHOLE_PROFILE)].join('').trimEnd().split('\n');

const UNNAMED = profileOf(
  ['[unknown]', 'libx264.so.164', 'user', 'none'],
  ['[unknown]', 'libavcodec.so.59', 'user', 'none'],
  ['[unknown]', '[jit]', 'jit', 'none'],
  ['[unknown]', '[unknown]', 'unknown', 'none'],
);

test('code without a name is called by its library, as stackcollapse-perf.pl has it', () => {
  expect(linesOf(UNNAMED)).toEqual(['[libx264.so.164] 1', '[libavcodec.so.59] 1', '[jit] 1', '[unknown] 1']);
  // The same names in the other formats.
  expect(exportedNames(UNNAMED).map((name) => `${name} 1`)).toEqual(linesOf(UNNAMED));
});

test('written, read and written again the libraries are still there', async () => {
  const text = `${linesOf(UNNAMED).join('\n')}\n`;
  const again = await readProfileText(
    (async function* () {
      yield text;
    })(),
    'a.folded',
  );
  expect(linesOf(again).join('\n')).toBe(text.trimEnd());
});

test('kernel and JIT are marked where another function has the same name, and nowhere else', () => {
  const profile = profileOf(
    ['memcpy', 'libc.so.6', 'user', 'symbols'],
    ['memcpy', '[kernel]', 'kernel', 'symbols'],
    ['schedule', '[kernel]', 'kernel', 'symbols'],
    ['run', '[jit]', 'jit', 'map'],
    ['run', 'enc', 'user', 'symbols'],
    ['[unknown]', 'enc', 'user', 'given'],
  );
  expect(linesOf(profile)).toEqual(['memcpy 1', 'memcpy_[k] 1', 'schedule 1', 'run_[j] 1', 'run 1', '[unknown] 1']);
});
