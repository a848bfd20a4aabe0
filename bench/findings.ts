// How often the explorer sees what is not there: datasets of nothing but noise, and the time of a search through 10,000 runs.
//   npm run bench findings [DATASETS]

import { findFindings } from '#explore/findings/find-findings';
import { FINDING_KINDS, type FindingKind } from '#explore/findings/finding';
import type { Dataset } from '#explore/data/dataset';
import { NOISES, plantedFrames, plantedRuns, type Noise } from '../test/explore/planted-runs.ts';

const DATASETS = Number(process.argv[2] ?? 200);
/** Of the largest shape only so many: each takes a second. */
const LARGE = Math.ceil(DATASETS / 10);
const FRAMES = 600;

const presets = ['ultrafast', 'veryfast', 'fast', 'medium', 'slow'];
const SHAPES = [
  {
    name: '24 cells x 3',
    settings: { preset: presets.slice(0, 3), threads: [1, 4], crf: [20, 24, 28, 32] },
    repeats: 3,
    more: 4,
  },
  { name: '4 cells x 20', settings: { threads: [1, 2, 4, 8] }, repeats: 20, more: 4 },
  {
    name: '100 cells x 5',
    settings: { preset: presets, threads: [1, 2, 4, 8], crf: [18, 22, 26, 30, 34] },
    repeats: 5,
    more: 4,
  },
  {
    name: '2000 cells x 5',
    settings: {
      preset: presets,
      threads: [1, 2, 4, 8],
      crf: [18, 22, 26, 30, 34],
      bframes: [0, 1, 2, 3, 4],
      tune: ['none', 'film', 'grain', 'psnr'],
    },
    repeats: 5,
    more: 20,
  },
] as const;

/** Metrics that a setting changes where it is said to change nothing. */
const CHANGED = ['encode.fps', 'encode.time p95', 'cpu.time per frame', 'bitrate', 'memory.peak', 'latency p95'];

let datasets = 0;
let withAny = 0;
const kinds = new Map<FindingKind, number>();
console.log('| noise | runs | datasets | with any false finding (95 % interval) | by kind |\n|---|---|--:|--:|---|');
for (const noise of NOISES) for (const shape of SHAPES) row(noise, shape);
console.log(
  `\nall: ${withAny} of ${datasets} datasets, ${interval(withAny, datasets)}; by kind: ${kindText(kinds, datasets)}`,
);
listed();
missed();
speed();

function row(noise: Noise, { name, ...shape }: (typeof SHAPES)[number]): void {
  const count = 'tune' in shape.settings ? LARGE : DATASETS;
  let any = 0;
  const own = new Map<FindingKind, number>();
  for (let seed = 1; seed <= count; seed++) {
    const dataset = plantedRuns({ ...shape, noise, seed });
    const found = new Set(findIn(dataset, seed).map(({ kind }) => kind));
    // That a setting does nothing is true here.
    found.delete('no-effect');
    if (found.size > 0) any++;
    for (const kind of found) {
      own.set(kind, (own.get(kind) ?? 0) + 1);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  datasets += count;
  withAny += any;
  console.log(`| ${noise} | ${name} | ${count} | ${interval(any, count)} | ${kindText(own, count)} |`);
}

function findIn(dataset: Dataset, seed: number) {
  const rows = Uint32Array.from({ length: dataset.count }, (_, i) => i);
  const frames = plantedFrames(dataset.ids.slice(0, 12), FRAMES, seed);
  return findFindings(dataset, rows, { frames }).findings;
}

/** Noise with a memory, and runs in the order of the file: what the explorer can only warn of. */
function listed(): void {
  let any = 0;
  for (let seed = 1; seed <= DATASETS; seed++) {
    const dataset = plantedRuns({ ...SHAPES[0], noise: 'remembering', seed, listed: true });
    if (findIn(dataset, seed).some(({ kind }) => kind !== 'no-effect')) any++;
  }
  console.log(`order: listed, remembering noise, ${SHAPES[0].name}: ${interval(any, DATASETS)}`);
}

/** A setting that does change something by a little more than 2 %, and is said to change nothing. */
function missed(): void {
  for (const noise of NOISES) {
    let wrong = 0;
    for (let seed = 1; seed <= DATASETS; seed++) {
      const dataset = plantedRuns({
        settings: { preset: presets.slice(0, 3), tune: ['none', 'film'], crf: [20, 24, 28, 32] },
        repeats: 3,
        noise,
        spread: 0.01,
        seed,
        truth: ({ tune }) => Object.fromEntries(CHANGED.map((name) => [name, tune === 'film' ? 102.1 : 100])),
      });
      if (findIn(dataset, seed).some(({ id }) => id === 'no-effect:tune')) wrong++;
    }
    console.log(
      `a setting that changes all by 2.1 % is said to change nothing, ${noise} noise: ${interval(wrong, DATASETS)}`,
    );
  }
}

function speed(): void {
  const dataset = plantedRuns({
    ...SHAPES[3],
    seed: 1,
    truth: ({ preset, threads }) => ({ 'encode.fps': 50 * (presets.indexOf(String(preset)) + 1) * Number(threads) }),
  });
  const seconds = Array.from({ length: 5 }, () => {
    const from = process.cpuUsage();
    findIn(dataset, 1);
    const used = process.cpuUsage(from);
    return (used.user + used.system) / 1e6;
  }).toSorted((a, b) => a - b);
  console.log(
    `${dataset.count} runs x ${dataset.metrics.length} metrics: ${seconds[2]!.toFixed(2)} CPU s (${seconds[0]!.toFixed(2)} to ${seconds.at(-1)!.toFixed(2)})`,
  );
}

function kindText(counts: ReadonlyMap<FindingKind, number>, all: number): string {
  const parts = FINDING_KINDS.filter((kind) => counts.has(kind)).map(
    (kind) => `${kind} ${((100 * counts.get(kind)!) / all).toFixed(1)} %`,
  );
  return parts.join(', ') || 'none';
}

/** Share with Wilson's 95 % interval. */
function interval(hits: number, all: number): string {
  const z = 1.96;
  const share = hits / all;
  const middle = (share + z ** 2 / (2 * all)) / (1 + z ** 2 / all);
  const half = (z * Math.sqrt((share * (1 - share)) / all + z ** 2 / (4 * all ** 2))) / (1 + z ** 2 / all);
  const percent = (value: number) => (100 * Math.max(0, value)).toFixed(1);
  return `${percent(share)} % (${percent(middle - half)} to ${percent(middle + half)})`;
}
