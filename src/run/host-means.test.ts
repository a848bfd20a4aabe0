import { expect, test } from 'vitest';
import { HostMeans } from './host-means.ts';

const indicator = (name: string) => ({ name, unit: 'core', description: '' });
const means = new HostMeans(
  ['cpu.busy', 'cpu.busy[0]', 'cpu.busy[1]', 'cpu.frequency[0]', 'cpu.frequency[1]', 'never'].map(indicator),
);
means.countFrom(5);
means.add({
  agent: 'local',
  indicator: Uint16Array.from([0, 0, 1, 2, 0, 3, 4, 4]),
  timeUs: Float64Array.from([5, 6, 6, 6, 7, 7, 7, 7]),
  value: Float64Array.from([100, 2, 1, 1, 1, 10, 20, NaN]),
});

test('the mean of a whole leaves its instances out, and what came before the start', () => {
  expect(means.mean('cpu.busy')).toBe(1.5);
});

test('what has instances only is their mean, and a sample that is not known does not count', () => {
  expect(means.mean('cpu.frequency')).toBe(15);
});

test('what was never sampled has no mean', () => {
  expect(means.mean('never')).toBeNaN();
  expect(means.mean('gpu.video')).toBeNaN();
});

test('what adds up over its instances is the sum of their means', () => {
  expect(means.total('cpu.frequency')).toBe(30);
  expect(means.total('never')).toBeNaN();
});
