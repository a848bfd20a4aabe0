import { expect, test } from 'vitest';
import { FRAME_TYPES } from '#core/recording';
import { addSizes, MetricList } from './frame-metrics.ts';

const [unknown, I] = [FRAME_TYPES.indexOf('unknown'), FRAME_TYPES.indexOf('I')];

function sizes(type: readonly number[], key: readonly number[], bytes: readonly number[]): Record<string, number> {
  const list = new MetricList();
  addSizes(list.add, { bytes, type, key, frame: bytes.map((_, i) => i), streams: 1 });
  return Object.fromEntries(Object.entries(list.metrics).map(([name, { value }]) => [name, value]));
}

test('frames whose type nobody told have sizes apart from those of keyframes', () => {
  const told = sizes([I, unknown, unknown, unknown], [1, 0, 0, 0], [900, 100, 120, 140]);
  expect(told).toMatchObject({ 'frame.bytes.I p50': 900, 'frame.bytes.other p50': 120 });
  // A keyframe of an unknown type is neither.
  expect(sizes([unknown, unknown], [1, 0], [900, 100])).toMatchObject({ 'frame.bytes.other p50': 100 });
  expect(sizes([I, I], [1, 1], [900, 800])).not.toHaveProperty('frame.bytes.other p50');
});
