import { expect, test } from 'vitest';
import type { SeriesColumn } from '#server/wire';
import { bySteps } from './time-steps.ts';

test('means of seconds stand in their middle; what is not known is left out of them, and alone stays unknown', () => {
  const series: SeriesColumn = {
    name: 'cpu.busy',
    unit: 'core',
    agent: 'local',
    description: '',
    timeS: [0.1, 0.6, 1.1, 1.6, 3.5],
    value: [1, 2, null, 4, null],
    total: 5,
  };
  expect(bySteps([series], 'second')[0]).toMatchObject({ timeS: [0.5, 1.5, 3.5], value: [1.5, 4, null], total: 3 });
  expect(bySteps([series], 'minute')[0]).toMatchObject({ timeS: [30], value: [7 / 3] });
  expect(bySteps([series], 'recorded')[0]).toBe(series);
});
