import { expect, test } from 'vitest';
import { WHOLE } from '#core/shape';
import { WorkMeter } from './work-meter.ts';
import { runFeatures } from './work-features.ts';
import { shapeRows } from './work-shape.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';

test('two passes leave one row for each phase, and without a process nothing but time is known', () => {
  const meter = new WorkMeter();
  const spec = { argv: ['true'], folder: '', env: {}, output: null, metrics: [], gstreamer: false, where: '' };
  const work = {
    kind: 'command',
    spec,
    settings: {},
    source: null,
    picture: null,
    pictures: {},
    concurrent: 1,
  } as const;
  const from = meter.startUs;
  const phase = (name: string, start: number, end: number) => ({
    phase: name,
    startUs: from + start,
    endUs: from + end,
    cpuS: 1,
  });
  const rows = shapeRows(
    {
      id: 'a',
      title: null,
      item: null,
      source: null,
      features: runFeatures(work, null, TEST_ENVIRONMENT),
      outcome: 'ok',
      phases: [phase('encode', 0, 2e6), phase('flush', 2e6, 3e6), phase('encode', 3e6, 7e6), phase('flush', 7e6, 8e6)],
      toldCpuS: 3,
    },
    meter,
  );
  expect(rows.map(({ phase: name }) => name)).toEqual(['encode', 'flush', WHOLE]);
  expect(rows.map(({ durationS }) => durationS).slice(0, 2)).toEqual([6, 2]);
  for (const { cpuS, memoryPeak, diskWritten } of rows)
    expect([cpuS, memoryPeak, diskWritten]).toEqual([null, null, null]);
});
