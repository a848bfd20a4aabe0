import { expect, test } from 'vitest';
import { memberLabel, planCharts } from './chart-plan.ts';

test('cores, the encode’s CPU and its memory are always shown, all else on demand', () => {
  const { always, more } = planCharts([
    { name: 'cpu.busy', unit: 'core' },
    { name: 'cpu.busy[0]', unit: 'core' },
    { name: 'cpu.busy[1]', unit: 'core' },
    { name: 'cpu.frequency[0]', unit: 'Hz' },
    { name: 'cpu.frequency[1]', unit: 'Hz' },
    { name: 'memory.used', unit: 'byte' },
    { name: 'pressure.cpu.some', unit: '1' },
    { name: 'encoder.cpu', unit: 'core' },
    { name: 'encoder.memory', unit: 'byte' },
  ]);
  expect(always.map(({ title, members }) => [title, members])).toEqual([
    ['CPU by core', ['cpu.busy[0]', 'cpu.busy[1]']],
    ['CPU of the encode', ['encoder.cpu', 'cpu.busy']],
    ['Memory of the encode', ['encoder.memory']],
  ]);
  expect(more.map(({ key }) => key)).toEqual(['cpu.frequency[]', 'memory.used', 'pressure.cpu.some']);
  expect(memberLabel('cpu.busy[1]', always[0]!)).toBe('core 1');
  expect(memberLabel('encoder.cpu', always[1]!)).toBe('encoder');
  expect(memberLabel('cpu.busy', always[1]!)).toBe('whole host');
});
