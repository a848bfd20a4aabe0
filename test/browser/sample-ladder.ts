// Labs for tests of curves and facets: a rate ladder with picture quality, and a scaling benchmark, as the catalogue keeps them.

import type { CellRecord } from '#core/catalogue';
import type { Metrics } from '#core/metric';
import type { Settings } from '#core/settings';
import type { Lab } from '#lab/lab';
import { newId } from '#system/clock';
import { seededRandom, startedRun } from './sample-lab.ts';

interface Property {
  readonly name: string;
  readonly values: readonly string[];
}

/** What one run of a cell measured; null leaves the cell without a run. */
type Measure = (properties: Readonly<Record<string, string>>, repeat: number, random: () => number) => Metrics | null;

const LADDER: readonly Property[] = [
  { name: 'codec', values: ['x264', 'x265', 'av1'] },
  { name: 'preset', values: ['fast', 'slow'] },
  { name: 'bitrate', values: ['400k', '800k', '1600k', '3200k', '6400k'] },
];

/** [bits at the same quality, CPU ms a frame] against x264 fast. */
const CODECS: Readonly<Record<string, readonly [bits: number, cpuMs: number]>> = {
  'x264 fast': [1, 11],
  'x264 slow': [0.88, 31],
  'x265 fast': [0.74, 46],
  'x265 slow': [0.63, 130],
  'av1 fast': [0.58, 38],
  'av1 slow': [0.47, 155],
};

/** Six curves of five rates with three repeats; two rates of x265 slow have not run yet. */
export async function fillLadder(lab: Lab, name = 'ladder'): Promise<void> {
  await fill(lab, name, LADDER, 3, (own, _, random) => (isLate(own) ? null : ladderMetrics(own, random)));
}

/** The two rates that had not run. */
export async function finishLadder(lab: Lab, name: string): Promise<void> {
  const random = seededRandom(13);
  for (const cell of await lab.catalogue.cells(name))
    if (isLate(cell.properties)) await addRun(lab, name, cell, 1, ladderMetrics(cell.properties, random));
}

function isLate({ codec, preset, bitrate }: Readonly<Record<string, string>>): boolean {
  return codec === 'x265' && preset === 'slow' && (bitrate === '400k' || bitrate === '6400k');
}

function ladderMetrics({ codec, preset, bitrate }: Readonly<Record<string, string>>, random: () => number): Metrics {
  const [bits, cpuMs] = CODECS[`${codec} ${preset}`];
  const asked = Number.parseInt(bitrate) * 1000;
  const doublings = Math.log2(asked / bits / 4e5);
  const effort = cpuMs * (1 + 0.09 * Math.log2(asked / 4e5)) * (0.97 + 0.06 * random());
  return {
    ...speed(1900 / effort, effort),
    bitrate: { value: asked * 0.985, unit: 'bit/s', better: null },
    'quality.psnr': { value: 32.4 + 2.9 * doublings - 0.19 * doublings ** 2, unit: 'dB', better: 'higher' },
    'quality.xpsnr': { value: 30.8 + 3.1 * doublings - 0.2 * doublings ** 2, unit: 'dB', better: 'higher' },
    'quality.vmaf': { value: 100 - 44 * 0.55 ** doublings, unit: '1', better: 'higher' },
  };
}

const SCALING: readonly Property[] = [
  { name: 'codec', values: ['x264', 'x265', 'av1', 'vp9'] },
  { name: 'threads', values: ['1', '2', '4'] },
  { name: 'concurrent', values: ['1', '2', '4'] },
];

const SINGLE: Readonly<Record<string, number>> = { x264: 92, x265: 31, av1: 58, vp9: 40 };

/** Threads times encodes at once on two cores. */
export async function fillScaling(lab: Lab, name = 'scaling'): Promise<void> {
  await fill(lab, name, SCALING, 3, ({ codec, threads, concurrent }, _, random) => {
    const busy = Math.min(2, Number(concurrent) * (0.3 + 0.7 * Number(threads)));
    const fps =
      SINGLE[codec] * busy * (1 - 0.03 * Math.max(0, Number(threads) * Number(concurrent) - 2)) * jitter(random);
    return speed(fps, (1000 * busy) / fps, Number(concurrent));
  });
}

const jitter = (random: () => number) => 0.96 + 0.08 * random();

function speed(fps: number, cpuMs: number, encodes = 1): Metrics {
  return {
    'encode.fps': { value: fps, unit: 'frame/s', better: 'higher' },
    'encode.fps p5': { value: fps * 0.82, unit: 'frame/s', better: 'higher' },
    'cpu.time per frame': { value: cpuMs, unit: 'ms', better: 'lower' },
    'memory.peak': { value: 1.4e8 * encodes, unit: 'byte', better: 'lower' },
  };
}

async function fill(
  lab: Lab,
  name: string,
  properties: readonly Property[],
  repeats: number,
  measure: Measure,
): Promise<void> {
  const combinations = properties.reduce<Record<string, string>[]>(
    (before, { name: property, values }) =>
      before.flatMap((one) => values.map((value) => ({ ...one, [property]: value }))),
    [{}],
  );
  const cells = combinations.map((own, index): CellRecord => {
    const label = Object.entries(own)
      .map(([property, value]) => `${property}=${value}`)
      .join(' ');
    const settings: Settings = { engine: 'bundled', encoder: own['codec'], source: 'clip.mp4', ...own };
    return { index, label, properties: own, settings, sameKey: `${name}-${index}` };
  });
  const file = `benchmarks/${name}.yaml`;
  const startedAt = new Date().toISOString();
  await lab.catalogue.saveBenchmark(
    { name, file, properties, repeat: repeats, seed: 7, thresholds: [], startedAt },
    cells,
  );
  const random = seededRandom(11);
  for (const cell of cells) {
    for (let repeat = 1; repeat <= repeats; repeat++) {
      const metrics = measure(cell.properties, repeat, random);
      if (metrics !== null) await addRun(lab, name, cell, repeat, metrics);
    }
  }
}

async function addRun(lab: Lab, name: string, cell: CellRecord, repeat: number, metrics: Metrics): Promise<void> {
  const id = newId();
  await lab.catalogue.startRun(startedRun(id, name, cell, repeat, null));
  await lab.catalogue.endRun(id, { outcome: 'ok', reason: null, interrupted: false, durationS: 3, metrics });
}
