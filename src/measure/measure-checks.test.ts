import { expect, test } from 'vitest';
import { measureChecks } from './measure-checks.ts';

test('every check says what it found, and what is not good says what to do or why', async () => {
  const checks = await measureChecks();
  expect(checks.map((check) => check.name)).toEqual([
    'cgroup accounting',
    'process counters',
    'pressure',
    'CPU frequency',
    'stolen time',
    'clock',
    'container limits',
  ]);
  for (const check of checks) expect(check.detail).not.toBe('');
  expect(checks.find((check) => check.name === 'process counters')).toMatchObject({ ok: true });
});
