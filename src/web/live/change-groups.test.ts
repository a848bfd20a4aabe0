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

test('a reason that holds for all of a group is told once', () => {
  const refused = (name: string, note: string) => ({ ...change(name, 5, null), note });
  const [same, other] = [
    groupChanges([refused('gop', 'no'), refused('crf', 'no')]),
    groupChanges([refused('gop', 'no'), refused('crf', 'never')]),
  ];
  expect([same[0]!.note, other[0]!.note]).toEqual(['no', null]);
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
