import { expect, test } from 'vitest';
import type { SeriesBatch } from '#core/recording';
import { IndicatorList } from './indicator-list.ts';
import { PartValues } from './part-values.ts';

test('values of parts become indicators of their own, and every one of them a row', () => {
  const list = new IndicatorList();
  list.position({ name: 'cpu.busy', unit: '1', description: 'CPU' });
  const batches: SeriesBatch[] = [];
  let changes = 0;
  const values = new PartValues({
    agent: 'server',
    list,
    onRows: (batch) => batches.push(batch),
    onChanged: () => changes++,
  });
  const count = 300;
  for (let n = 0; n < count; n++) {
    values.add('tap.report.drops', '1', n, n);
    values.add('tap.round-trip', 'ms', n, n % 2 === 0 ? n : NaN);
  }
  values.flush();
  values.flush();
  const rows = batches.flatMap(({ indicator, timeUs, value }) =>
    Array.from(indicator, (position, row) => ({
      name: list.all[position]!.name,
      timeUs: timeUs[row],
      value: value[row],
    })),
  );
  const of = (name: string) => rows.filter((row) => row.name === name).map(({ value }) => value);
  const all = Array.from({ length: count }, (_, n) => n);
  expect(of('tap.report.drops')).toEqual(all);
  expect(of('tap.round-trip')).toEqual(all.filter((n) => n % 2 === 0));
  expect(rows.every(({ timeUs, value }) => timeUs === value)).toBe(true);
  expect(changes).toBe(2);
});

test('names beyond the bound are left out, and those before it still come', () => {
  const list = new IndicatorList();
  const values: number[] = [];
  const parts = new PartValues({
    agent: 'server',
    list,
    onRows: ({ value }) => values.push(...value),
    onChanged: () => undefined,
  });
  for (let n = 0; n < 1_000; n++) parts.add(`tap.${n}`, '1', n, n);
  const { length } = list.all;
  expect(length).toBeLessThan(1_000);
  parts.add('tap.0', '1', 0, -1);
  parts.flush();
  expect(values).toHaveLength(length + 1);
  expect(values.at(-1)).toBe(-1);
});
