import { expect, test } from 'vitest';
import { groupChanges, type SettingChange } from './change-groups.ts';

const change = (name: string, timeS: number, gapMs: number | null, operator = 'me'): SettingChange => ({
  name,
  requested: 1,
  actual: '1',
  how: 'restart',
  gapMs,
  note: null,
  timeS,
  operator,
});

test('what was asked for at once is one group, with the longest gap of it', () => {
  const groups = groupChanges([
    change('bitrate', 1, null),
    change('source', 5, 3630),
    change('gop', 5.01, 3500),
    change('network', 5.01, null),
    change('gop', 5.02, 200),
    change('preset', 5.02, null, 'another'),
  ]);
  expect(groups.map(({ changes, gapMs }) => [changes.map(({ name }) => name).join(' '), gapMs])).toEqual([
    ['bitrate', null],
    ['source gop network', 3630],
    ['gop', 200],
    ['preset', null],
  ]);
});
