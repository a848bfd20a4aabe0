// What this lab exports comes back into an empty one: the same settings, metrics, times and outcomes.

import { describe, expect, it } from 'vitest';
import { madeDataset } from '../../test/explore/made-dataset.ts';
import { sampleRun } from '../../test/lab/sample-run.ts';
import type { RunRecord } from '#core/run';
import type { Lab } from '#lab/lab';
import { runCsv } from '#explore/report/run-csv';
import { parseCsvResults } from '#recording/foreign/csv-results';
import { ownMetric } from '#recording/foreign/metric-words';
import { resultsCsv } from './results-export.ts';

const parse = (text: string) =>
  parseCsvResults(text, 'own.csv', { metrics: [], settings: [], known: (name) => ownMetric(name) });

const LAB = { recordingPath: (id: string) => `recordings/${id}` } as Lab;
const METRICS: RunRecord['metrics'] = {
  'encode.fps': { value: 101.5, unit: 'frame/s', better: 'higher' },
  bitrate: { value: 998_000, unit: 'bit/s', better: null },
  'stream.drops': { value: 0, unit: '1', better: 'lower' },
  // Of a benchmark's own command: no other lab knows it.
  score: { value: 7, unit: '1', better: null },
};

describe("a benchmark's CSV", () => {
  it('has a setting and a metric of one name, units that tell metrics, and texts that are no formulas', () => {
    const settings = { codec: 'x264', bitrate: '1M', gop: 30, options: '-tune=psnr, "fast"', filter: '=crop' };
    const run = { ...sampleRun(LAB), settings, metrics: METRICS, outcome: 'ok' as const, durationS: 2.5 };
    const [back, failed, ...others] = parse(
      [...resultsCsv([run, { ...run, outcome: 'timeout', metrics: {} }])].join(''),
    );
    expect(others).toEqual([]);
    expect(back).toMatchObject({ settings, metrics: METRICS, outcome: 'ok', durationS: 2.5 });
    expect(back!.startedAt).toBe(new Date(run.startedAt).toISOString());
    expect(failed).toMatchObject({ settings, metrics: {}, outcome: 'failed' });
  });
});

describe("a report's CSV", () => {
  it('comes back with what counts, and without counting what was left out', () => {
    const dataset = madeDataset(
      { codec: ['x264', 'vp9'], bitrate: ['1M', '2M'] },
      1,
      Object.fromEntries(
        Object.entries(METRICS).map(([name, metric]) => [name, { ...metric, of: () => metric.value }]),
      ),
      { excluded: new Map([[3, 'a neighbour woke up']]) },
    );
    const back = parse([...runCsv(dataset, dataset.metrics, [0, 1, 2, 3])].join(''));
    expect(back.map(({ settings }) => [settings['codec'], settings['bitrate']])).toEqual([
      ['x264', '1M'],
      ['vp9', '1M'],
      ['x264', '2M'],
      ['vp9', '2M'],
    ]);
    expect(back.map(({ metrics }) => metrics)).toEqual([METRICS, METRICS, METRICS, METRICS]);
    expect(back.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'failed']);
  });
});
