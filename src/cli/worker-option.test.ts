import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addWorkerOptions } from './worker-option.ts';

const parsed = (...args: string[]) =>
  addWorkerOptions(new Command()).exitOverride().parse(args, { from: 'user' }).opts();

test('limits of a worker are read with their units', () => {
  expect(parsed('--slots', '3', '--cpus', '0.5', '--memory', '512MiB')).toEqual({
    slots: 3,
    cpus: 0.5,
    memory: 512 * 1024 ** 2,
  });
});

test.each([
  ['--slots', '0'],
  ['--slots', '1.5'],
  ['--cpus', ''],
  ['--cpus', '1e9'],
  ['--cpus', String(availableParallelism() + 1)],
  ['--memory', '1B'],
  ['--memory', '900TB'],
  ['--memory', 'much'],
])('%s %s is refused with what would do', (option, value) => {
  expect(() => parsed(option, value)).toThrow(
    expect.objectContaining({
      problems: [{ what: expect.any(String), todo: expect.any(String), ...(value === '1.5' ? {} : { where: option }) }],
    }),
  );
});
