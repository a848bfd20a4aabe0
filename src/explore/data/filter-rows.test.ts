import fc from 'fast-check';
import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import type { Filter } from '../view.ts';
import { brushedRuns, countValues, filterRows } from './filter-rows.ts';

const settings = { codec: ['x264', 'vp9', 'av1'], bitrate: ['1M', '2M', '4M', 'auto'] };

test('values and ranges keep what they name; a name lies in no range', () => {
  const data = madeDataset(settings, 2);
  const { rows } = filterRows(data, [
    { kind: 'values', property: 'codec', values: ['vp9', 'gone'] },
    { kind: 'range', property: 'bitrate', low: 2e6, high: null },
  ]);
  const kept = [...rows].map((row) => data.properties.map(({ values, codes }) => values[codes[row]!]).join(' '));
  expect(kept).toEqual(['vp9 2M', 'vp9 2M', 'vp9 4M', 'vp9 4M']);
});

test('runs that failed, were left out or only warmed up match and do not count', () => {
  const data = madeDataset(
    { codec: ['x264', 'vp9'] },
    3,
    {},
    {
      outcomes: Uint8Array.of(0, 1, 0, 0, 0, 0),
      excluded: new Map([[2, 'a neighbour was loud']]),
      repeats: Int32Array.of(1, 2, 3, 0, 1, 2),
    },
  );
  const { rows, invalid } = filterRows(data, []);
  expect([[...rows], [...invalid]]).toEqual([
    [0, 4, 5],
    [1, 2, 3],
  ]);
  const [codec] = data.properties;
  expect([...countValues(data, codec!, [], filterRows(data, []))]).toEqual([1, 2, 0]);
  expect([...countValues(data, codec!, [], filterRows(data, []), true)]).toEqual([3, 3, 0]);
});

test('what each filter alone takes away is what comes back without it, and a value is counted as if its property were not filtered', () => {
  const data = madeDataset({ ...settings, preset: ['fast', 'slow'] }, 2);
  const filter = fc.oneof(
    ...data.properties.map(({ name, values }) =>
      fc
        .subarray([...values], { minLength: 1 })
        .map((chosen): Filter => ({ kind: 'values', property: name, values: chosen })),
    ),
    fc
      .tuple(fc.constantFrom(null, 1e6, 2e6), fc.constantFrom(null, 2e6, 3e6))
      .map(([low, high]): Filter => ({ kind: 'range', property: 'bitrate', low, high })),
  );
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 4 }), (filters) => {
      const filtered = filterRows(data, filters);
      for (const [position, alone] of filtered.rejectedAlone.entries()) {
        const without = filterRows(data, filters.toSpliced(position, 1)).rows.length;
        expect(without - filtered.rows.length).toBe(alone);
      }
      for (const property of data.properties) {
        const others = filters.filter((one) => one.property !== property.name);
        const counts = countValues(data, property, filters, filtered);
        const { rows } = filterRows(data, others);
        for (const [at, count] of counts.entries()) {
          const code = at === property.values.length ? -1 : at;
          expect(count).toBe(rows.filter((row) => property.codes[row] === code).length);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('runs without a property are taken where they are asked for, alone and beside values', () => {
  const whole = madeDataset({ codec: ['x264', 'vp9'], preset: ['fast', 'slow'] });
  const [codec, preset] = whole.properties;
  const data = { ...whole, properties: [codec!, { ...preset!, codes: Int32Array.of(0, -1, 1, -1) }] };
  const rows = (values: readonly string[], absent?: true) =>
    Array.from(
      filterRows(data, [{ kind: 'values', property: 'preset', values, ...(absent === true ? { absent } : {}) }]).rows,
    );
  expect(rows([], true)).toEqual([1, 3]);
  expect(rows(['slow'], true)).toEqual([1, 2, 3]);
  expect(rows(['slow'])).toEqual([2]);
  expect(Array.from(countValues(data, data.properties[1]!, [], filterRows(data, [])))).toEqual([1, 1, 2]);
});

test('a filter of a property that is gone leaves nothing', () => {
  const data = madeDataset(settings);
  expect(filterRows(data, [{ kind: 'values', property: 'gone', values: ['1'] }])).toMatchObject({
    rows: new Uint32Array(0),
    rejectedAlone: [12],
  });
});

test('a run lies in a brush by all of its metrics; one without the metric lies outside', () => {
  const of = (values: number[]) => ({ unit: 's', better: null, values: Float64Array.from(values) });
  const metrics = [
    { name: 'a', ...of([1, 2, 3, NaN]) },
    { name: 'b', ...of([9, 8, 7, 6]) },
  ];
  expect(brushedRuns(4, metrics, [])).toBeNull();
  expect(
    brushedRuns(4, metrics, [
      { metric: 'a', low: 1, high: 3 },
      { metric: 'b', low: 7, high: 8 },
    ])!.rows,
  ).toEqual(Uint8Array.of(0, 1, 1, 0));
});
