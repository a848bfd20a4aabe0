// Runs of a dataset as CSV: a line for each, every property and every metric with its unit, `(1)` too: it tells them from settings.
// `runs import` reads it back.

import { OUTCOMES } from '#core/run';
import type { Dataset, MetricColumn } from '../data/dataset.ts';

/** RFC 4180. What is absent is empty. @param rows in the order in which they are to stand */
export function* runCsv(dataset: Dataset, metrics: readonly MetricColumn[], rows: Iterable<number>): Generator<string> {
  const settings = dataset.properties.filter(
    ({ origin, name }) => origin === 'setting' || name === 'machine' || name === 'build',
  );
  const head = [
    'run',
    'repeat',
    'outcome',
    'started',
    'left out because',
    ...settings.map(({ name }) => name),
    ...metrics.map(({ name, unit }) => `${name} (${unit})`),
  ];
  yield line(head);
  for (const row of rows)
    yield line([
      dataset.ids[row]!,
      String(dataset.repeats[row]),
      OUTCOMES[dataset.outcomes[row]!] ?? '',
      new Date(dataset.startedAtMs[row]!).toISOString(),
      dataset.excluded.get(row) ?? '',
      ...settings.map(({ values, codes }) => values[codes[row]!] ?? ''),
      ...metrics.map(({ values }) => (Number.isFinite(values[row]) ? String(values[row]) : '')),
    ]);
}

function line(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`;
}
