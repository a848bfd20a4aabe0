import { expect, test } from 'vitest';
import { ProfileBuilder } from '#profile/profile-builder';
import type { Images } from '../image.ts';
import { PerfSample } from '../perf-data/perf-sample.ts';
import { namedImage } from '../symbols/named-image.ts';
import { AddressSpace } from './address-space.ts';
import { StackResolver } from './stack-resolver.ts';

const IMAGES: Images = {
  file: (path) => namedImage(path, 'user', null),
  kernel: () => namedImage('[kernel]', 'kernel', null),
  vdso: () => namedImage('[vdso]', 'user', null),
  perfMap: () => namedImage('[jit]', 'jit', null),
};
const SPACE = AddressSpace.empty.with({
  process: 1,
  path: 'program',
  buildId: null,
  start: 0x1000,
  end: 0x9000,
  fileOffset: 0,
});
const [KERNEL, USER] = [-128n, -512n];
const KERNEL_CODE = -0x7f00_0000n;

/** Libraries of a stack, the outermost first. */
function librariesOf(...chain: bigint[]): string[] {
  const builder = new ProfileBuilder();
  const resolver = new StackResolver(builder, IMAGES, () => null);
  const sample = new PerfSample();
  sample.view = new DataView(new ArrayBuffer(chain.length * 8));
  for (const [i, address] of chain.entries()) sample.view.setBigInt64(i * 8, address, true);
  sample.chainLength = chain.length;
  const node = resolver.stackOf(sample, SPACE);
  const { functions, stacks, libraries } = builder.finish({} as never);
  const found = [];
  for (let at = node; at >= 0; at = stacks.parent[at]!) {
    found.unshift(libraries[functions.library[stacks.function[at]!]!]!);
  }
  return found;
}

test('A stray value among the callers of a program is not taken for the kernel', () => {
  expect(librariesOf(USER, 0x1100n, -5n * 2n ** 40n, 0x1200n)).toEqual(['program', '[unknown]', 'program']);
  expect(librariesOf(KERNEL, KERNEL_CODE, USER, 0x1100n, KERNEL_CODE)).toEqual(['[unknown]', 'program', '[kernel]']);
});

test("The kernel's own callers stay the kernel's, with and without those of a program", () => {
  expect(librariesOf(KERNEL, KERNEL_CODE, KERNEL_CODE + 64n, USER, 0x1100n)).toEqual([
    'program',
    '[kernel]',
    '[kernel]',
  ]);
  expect(librariesOf(KERNEL, KERNEL_CODE, KERNEL_CODE + 64n)).toEqual(['[kernel]', '[kernel]']);
});
