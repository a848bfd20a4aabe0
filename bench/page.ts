// How long the page takes to show a benchmark of 10,000 runs: from navigation to the painted table, in Chromium.
//   node --conditions=encodelab-source bench/page.ts

import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CellRecord } from '#core/catalogue';
import type { Metrics } from '#core/metric';
import { openLab, type Lab } from '#lab/lab';
import { startServer } from '#server/start-server';
import { newId } from '#system/clock';
import { openBrowser } from '../test/browser/open-page.ts';

const RUNS = 10_000;
const TRIALS = 5;
/** A run of an encode has about as many. */
const METRICS = 34;

const SHAPES = [
  { cells: 2_000, repeat: 5 },
  { cells: 10_000, repeat: 1 },
];

for (const shape of SHAPES) {
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-bench-page-'));
  const lab = await openLab(folder);
  await fill(lab, shape.cells, shape.repeat);
  const server = await startServer({ lab, port: 0 });
  const browser = await openBrowser();
  const { page } = await browser.open(server.url);
  const trials: Record<string, number>[] = [];
  for (let trial = 0; trial < TRIALS; trial++) {
    await page.goto('about:blank');
    await page.goto(`${server.address}/benchmarks/large`);
    await page.waitForFunction(() => performance.getEntriesByName('encodelab:table-drawn').length > 0);
    trials.push(
      await page.evaluate(() => {
        const [answer] = performance
          .getEntriesByType('resource')
          .filter(({ name }) => name.includes('/api/v1/benchmarks/large?')) as PerformanceResourceTiming[];
        return {
          drawn: performance.getEntriesByName('encodelab:table-drawn')[0]!.startTime,
          asked: answer!.startTime,
          answered: answer!.responseEnd,
          bytes: answer!.decodedBodySize,
        };
      }),
    );
  }
  const median = (name: string) =>
    trials.map((trial) => trial[name]!).toSorted((a, b) => a - b)[Math.floor(TRIALS / 2)]!;
  const rows = await page.locator('table.data[aria-rowcount]').getAttribute('aria-rowcount');
  console.log(
    `### ${shape.cells} cells × ${shape.repeat} (${RUNS} runs, ${METRICS} metrics each; ${Number(rows) - 1} rows)\n`,
  );
  console.log('| navigation to | ms, median of 5 |\n|---|--:|');
  console.log(`| request of the results | ${median('asked').toFixed(0)} |`);
  console.log(`| answer complete (${(median('bytes') / 1e6).toFixed(1)} MB) | ${median('answered').toFixed(0)} |`);
  console.log(`| **matrix, chart and table painted** | **${median('drawn').toFixed(0)}** |\n`);
  await browser.close();
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
}
console.log(`${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}`);

async function fill(lab: Lab, count: number, repeat: number): Promise<void> {
  const codecs = ['x264', 'av1', 'vp9', 'x265'];
  const presets = Array.from({ length: 10 }, (_, i) => `p${i}`);
  const bitrates = Array.from({ length: count / codecs.length / presets.length }, (_, i) => `${(i + 1) * 100}k`);
  const cells: CellRecord[] = [];
  for (const codec of codecs) {
    for (const preset of presets) {
      for (const bitrate of bitrates) {
        const properties = { codec, preset, bitrate };
        const label = `codec=${codec} preset=${preset} bitrate=${bitrate}`;
        const settings = { engine: 'bundled', source: 'clip.mp4', resolution: '1280x720', ...properties };
        cells.push({ index: cells.length, label, properties, settings, sameKey: newId() });
      }
    }
  }
  await lab.catalogue.saveBenchmark(
    {
      name: 'large',
      file: 'benchmarks/large.yaml',
      properties: [
        { name: 'codec', values: codecs },
        { name: 'preset', values: presets },
        { name: 'bitrate', values: bitrates },
      ],
      repeat,
      seed: 1,
      thresholds: [],
      startedAt: new Date().toISOString(),
    },
    cells,
  );
  for (const cell of cells) {
    for (let n = 1; n <= repeat; n++) {
      const id = newId();
      await lab.catalogue.startRun({
        id,
        kind: 'encode',
        benchmark: 'large',
        cell: cell.label,
        repeat: n,
        settings: cell.settings,
        labels: ['codec'],
        sameKey: cell.sameKey,
        outcome: null,
        reason: null,
        interrupted: false,
        startedAt: new Date().toISOString(),
        durationS: null,
        metrics: {},
        recording: null,
      });
      await lab.catalogue.endRun(id, {
        outcome: 'ok',
        reason: null,
        interrupted: false,
        durationS: 4,
        metrics: metrics(cell.index, n),
      });
    }
  }
}

function metrics(cell: number, repeat: number): Metrics {
  const names = [
    'encode.fps',
    'encode.fps p5',
    'encode.time p95',
    'encode.delay p95',
    'cpu.time per frame',
    'memory.peak',
    'bitrate',
  ];
  while (names.length < METRICS) names.push(`metric.${names.length} p95`);
  return Object.fromEntries(
    names.map((name, i) => [
      name,
      {
        value: 40 + 30 * Math.sin(cell / 17 + i) + repeat / 7 + i / 3,
        unit: i < 2 ? 'frame/s' : 'ms',
        better: i < 2 ? 'higher' : 'lower',
      },
    ]),
  );
}
