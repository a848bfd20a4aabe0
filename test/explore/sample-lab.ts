// A lab full of results whose structure is known, for tests and benches of the explorer: settings multiply, each by its own factor.

import type { BenchmarkRecord, CellRecord, RunFacts } from '#core/catalogue';
import type { Metrics } from '#core/metric';
import type { RunRecord } from '#core/run';
import { uuidv7 } from '#core/uuid';
import { seededRandom } from '#analysis/random';
import type { SqliteCatalogue } from '#lab/sqlite-catalogue';

export interface SampleOptions {
  readonly runs: number;
  /** Of each run; 5 are those of FACTORS and `bitrate`, the others noise. At least 5. */
  readonly metrics: number;
  readonly benchmark?: string;
  readonly seed?: number;
}

export const SAMPLE_REPEATS = 5;
/** Of a hundred runs, the last of each hundred. */
export const FAILED_OF_HUNDRED = 2;
/** Standard deviation of what is no setting's doing, as a share. */
export const NOISE = 0.02;
/** What the bitrate that came out is, at most, whatever was asked for. */
export const BITRATE_KNEE = 20e6;

/** Speed of a cell is 100 frame/s times the factors of its values; `gop` has none: it does nothing. */
export const FACTORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  codec: { x264: 1, av1: 0.4 },
  preset: { fast: 1, medium: 0.5, slow: 0.2 },
  resolution: { '640x360': 2, '1280x720': 1, '1920x1080': 0.4 },
  threads: { '1': 0.3, '2': 0.55, '4': 1 },
  gop: { '24': 1, '240': 1 },
};
const CELLS_A_SOURCE = 2 * 3 * 3 * 3 * 2;
const BITRATES = ['500k', '1M', '2M', '4M', '8M', '16M', '32M', '64M'];
/** Runs are entered so many at once. */
const BATCH_RUNS = 2_000;

/** Facts of odd and even cells. */
export const MACHINES: readonly [RunFacts, RunFacts] = [
  { machine: 'Test CPU A × 8', host: 'one', build: 'encodelab 1, ffmpeg 8', kernel: '6.1' },
  { machine: 'Test CPU B × 4', host: 'two', build: 'encodelab 1, ffmpeg 8', kernel: '6.1' },
];
const MACHINE_FACTORS = [1, 0.7];

/** Fills a catalogue with results of one benchmark. */
export async function fillSampleLab(catalogue: SqliteCatalogue, options: SampleOptions): Promise<void> {
  const { runs, benchmark = 'sample', seed = 8 } = options;
  const cells = Array.from({ length: Math.ceil(runs / SAMPLE_REPEATS) }, (_, index) => sampleCell(benchmark, index));
  await catalogue.saveBenchmark(sampleBenchmark(benchmark, cells), cells);
  const random = seededRandom(seed);
  for (let begin = 0; begin < runs; begin += BATCH_RUNS) {
    const batch = Array.from({ length: Math.min(BATCH_RUNS, runs - begin) }, (_, i) =>
      sampleResult(begin + i, cells[Math.floor((begin + i) / SAMPLE_REPEATS)]!, options, random),
    );
    await catalogue.restoreRuns(batch);
    await catalogue.saveFacts(new Map(batch.map(({ id }, i) => [id, MACHINES[machineOf(begin + i)]!])));
  }
}

function sampleCell(benchmark: string, index: number): CellRecord {
  let rest = index;
  const take = (values: readonly string[]) => {
    const value = values[rest % values.length]!;
    rest = Math.floor(rest / values.length);
    return value;
  };
  const properties: Record<string, string> = {};
  for (const [name, factors] of Object.entries(FACTORS)) properties[name] = take(Object.keys(factors));
  properties['bitrate'] = take(BITRATES);
  properties['source'] = `clip-${rest}.mp4`;
  const label = Object.entries(properties)
    .map((pair) => pair.join('='))
    .join(' ');
  const settings = {
    engine: 'bundled',
    encoder: properties['codec'] === 'av1' ? 'libsvtav1' : 'libx264',
    ...properties,
  };
  return { index, label, properties, settings, sameKey: `${benchmark}-${index}` };
}

function sampleBenchmark(name: string, cells: readonly CellRecord[]): BenchmarkRecord {
  const sources = Math.ceil(cells.length / (CELLS_A_SOURCE * BITRATES.length));
  return {
    name,
    file: `benchmarks/${name}.yaml`,
    properties: [
      ...Object.entries(FACTORS).map(([property, factors]) => ({ name: property, values: Object.keys(factors) })),
      { name: 'bitrate', values: BITRATES },
      { name: 'source', values: Array.from({ length: sources }, (_, i) => `clip-${i}.mp4`) },
    ],
    repeat: SAMPLE_REPEATS,
    seed: null,
    thresholds: [],
    startedAt: '2026-11-01T12:00:00.000Z',
  };
}

function machineOf(position: number): number {
  return Math.floor(position / SAMPLE_REPEATS) % 2;
}

function sampleResult(
  position: number,
  cell: CellRecord,
  { benchmark = 'sample', metrics, seed = 8 }: SampleOptions,
  random: () => number,
): RunRecord {
  const startedAt = Date.UTC(2026, 10, 1, 12) + position * 10_000;
  const isOk = position % 100 < 100 - FAILED_OF_HUNDRED;
  const entropy = new Uint8Array(32);
  new DataView(entropy.buffer).setUint32(0, random());
  new DataView(entropy.buffer).setUint32(4, seed * 2 ** 20 + position);
  return {
    id: uuidv7(startedAt, entropy),
    kind: 'encode',
    benchmark,
    cell: cell.label,
    repeat: 1 + (position % SAMPLE_REPEATS),
    settings: cell.settings,
    labels: ['codec'],
    sameKey: cell.sameKey,
    outcome: isOk ? 'ok' : 'failed',
    reason: isOk ? null : 'the encoder ended with code 1\nand a log',
    interrupted: false,
    startedAt: new Date(startedAt).toISOString(),
    durationS: 8,
    metrics: isOk ? sampleMetrics(cell, metrics, MACHINE_FACTORS[machineOf(position)]!, random) : {},
    recording: null,
  };
}

function sampleMetrics({ properties }: CellRecord, count: number, machine: number, random: () => number): Metrics {
  const uniform = () => (random() + 0.5) / 2 ** 32;
  const noise = () => Math.exp(NOISE * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
  const factor = (name: string) => FACTORS[name]![properties[name]!]!;
  const fps = 100 * machine * Object.keys(FACTORS).reduce((product, name) => product * factor(name), 1) * noise();
  const asked = Number.parseFloat(properties['bitrate']!) * (properties['bitrate']!.endsWith('k') ? 1e3 : 1e6);
  const metrics: Record<string, Metrics[string]> = {
    'encode.fps': { value: fps, unit: 'frame/s', better: 'higher' },
    'encode.time p95': { value: (1500 / fps) * noise(), unit: 'ms', better: 'lower' },
    'cpu.time': { value: (1000 / fps) * noise(), unit: 's', better: 'lower' },
    bitrate: { value: Math.min(asked, BITRATE_KNEE) * noise(), unit: 'bit/s', better: null },
    'quality.vmaf': { value: 95 - 30 / Math.sqrt(asked / 1e5), unit: '1', better: 'higher', model: 'vmaf_v0.6.1' },
  };
  for (let i = 5; i < count; i++) metrics[`noise.${i}`] = { value: 10 * noise(), unit: '1', better: 'lower' };
  return metrics;
}
