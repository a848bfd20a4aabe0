import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { NO_NAMES } from '../data/dataset.ts';
import { splitRows } from './splits.ts';

test('runs that lack a setting are told from those with its value none', () => {
  const made = madeDataset({ network: ['none', 'delay=20ms', 'absent'] });
  const [network] = made.properties;
  const dataset = {
    ...made,
    properties: [{ ...network!, values: ['none', 'delay=20ms'], codes: Int32Array.of(0, 1, -1) }],
  };
  const { titles, values } = splitRows({ dataset, names: NO_NAMES }, Uint32Array.of(0, 1, 2), 'network', 9, []);
  expect(titles).toEqual(['none', 'delay=20ms', 'not set']);
  expect(values).toEqual(['none', 'delay=20ms', null]);
});
