import { expect, test } from 'vitest';
import type { Profile } from '#core/profile';
import { libraryQuality } from './library-quality.ts';
import { ProfileBuilder } from './profile-builder.ts';

/** Stacks from the outermost function inwards; `library:name`, an address where the name begins with +. */
function qualityOf(...stacks: string[]): ReturnType<typeof libraryQuality> {
  return libraryQuality(profileOf(stacks), new Map([['x264', 'x264 is stripped.']]));
}

function profileOf(stacks: readonly string[], how: 'frame-pointers' | 'dwarf' = 'frame-pointers'): Profile {
  const builder = new ProfileBuilder();
  const thread = builder.addThread(1, 1, 'ffmpeg', 'ffmpeg');
  const idle = builder.addThread(0, 0, 'swapper', 'swapper/0');
  for (const [i, stack] of stacks.entries()) {
    let node = -1;
    for (const called of stack.split(' ').filter((text) => text !== '')) {
      const [library = '', name = ''] = called.split(':');
      const source = name.startsWith('+') ? 'unwind' : 'symbols';
      node = builder.stacks.add(node, builder.function(name, library, 'user', source));
    }
    builder.addSample(i, 0, thread, node);
  }
  builder.addSample(99, 0, idle, builder.stacks.add(-1, builder.function('swapper', '[kernel]', 'kernel', 'symbols')));
  return builder.finish({
    tool: 'made',
    file: null,
    clock: 'none',
    startNs: 0,
    endNs: 0,
    frequencyHz: null,
    weightUnit: 'samples',
    sampleNs: null,
    cpus: [],
    scope: 'processes',
    stacks: how,
    lost: null,
    throttled: null,
    overheadCpuS: null,
    absent: [],
    quality: [],
  });
}

test('names and roots are counted for the library that a stack ends in', () => {
  const quality = qualityOf(
    'app:_start app:main x264:encode',
    'libc:clone3 libc:start_thread x264:encode',
    'x264:+0x10 x264:+0x20',
    'x264:+0x10 libc:memcpy',
    '',
  );
  expect(quality).toMatchObject([
    { library: 'x264', samples: 3, named: 2, rooted: 2 },
    { library: 'libc', samples: 1, named: 1, rooted: 0 },
  ]);
});

test('what helps is said: of names what the image says, of stacks where they break off', () => {
  const [x264, libc] = qualityOf('x264:+0x10 x264:+0x20', 'x264:+0x10', 'x264:+0x10 libc:memcpy');
  expect(x264!.todo).toMatch(
    /^x264 is stripped\. 0 % of the stacks that end in x264 .* break off in x264: build x264 with frame pointers/,
  );
  expect(libc!.todo).toMatch(/^0 % of the stacks that end in libc .* break off in x264:/);
});

test('where nothing is wrong nothing is to be done', () => {
  expect(qualityOf('app:_start app:main app:work').map(({ todo }) => todo)).toEqual([null]);
});

const X264 = 'libx264.so.164';

test('of a profiling build its own stacks are not blamed on it, but on who called it without frame pointers', () => {
  const outside = `[unknown]:+0x1 libavcodec.so:+0x10 ${X264}:encode ${X264}:satd`;
  const inAssembly = `[unknown]:+0x1 ${X264}:trellis`;
  const [x264] = qualityOf(outside, outside, outside, inAssembly);
  expect(x264!.todo).toMatch(
    /^0 % .* break off in libavcodec\.so, behind libx264\.so\.164, within which they are whole: build libavcodec\.so with frame pointers and symbols, or take the profile by `encodelab profile record --stacks dwarf`\.$/,
  );
  const [assembly] = qualityOf(outside, inAssembly, inAssembly);
  expect(assembly!.todo).toMatch(/^0 % .* break off in its own assembly: it has its symbols and frame pointers/);
});

test('a library without symbols, or without frame pointers, is to be built with them; the script is named where it does it', () => {
  const own = `[unknown]:+0x1 ${X264}:`;
  for (const name of ['+0x20', 'satd']) {
    const [x264] = qualityOf(own + name, own + name);
    expect(x264!.todo).toContain(`build ${X264} with frame pointers and symbols (scripts/profiling-encoders does it)`);
    expect(x264!.todo).not.toContain('assembly');
  }
  expect(qualityOf('libz.so:+0x1')[0]!.todo).not.toContain('profiling-encoders');
});

test('encoders of assembly are to be built, other libraries built or unwound, and the loader and libc never built', () => {
  const dwarf = 'take the profile by `encodelab profile record --stacks dwarf`';
  const todoOf = (library: string) => qualityOf(`${library}:+0x10`)[0]!.todo!.replace(/^.*break off in/, '');
  expect(todoOf(X264)).toBe(
    ` ${X264}: build ${X264} with frame pointers and symbols (scripts/profiling-encoders does it).`,
  );
  expect(todoOf('libz.so.1')).toBe(` libz.so.1: build libz.so.1 with frame pointers and symbols, or ${dwarf}.`);
  for (const own of ['libc.so.6', 'ld-linux-x86-64.so.2', 'libm.so.6']) expect(todoOf(own)).toBe(` ${own}: ${dwarf}.`);
  expect(todoOf('libcairo.so.2')).toContain('build libcairo.so.2');
  expect(qualityOf('[vdso]:+0x10')[0]!.todo).not.toMatch(/build|dwarf/);
});

test('what was unwound already is not to be unwound', () => {
  for (const library of ['libz.so.1', 'libc.so.6'])
    expect(libraryQuality(profileOf([`${library}:+0x10`], 'dwarf'))[0]!.todo).not.toContain('dwarf');
});

test('of some threads only their samples are counted', () => {
  const profile = profileOf(['app:_start app:work', 'x264:+0x10']);
  expect(libraryQuality(profile, undefined, new Set([0]))).toHaveLength(2);
  expect(libraryQuality(profile, undefined, new Set([1]))).toEqual([]);
});
