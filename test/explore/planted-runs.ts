// Benchmarks whose truth is known: noise of several kinds, and what was planted into it.

import { seededRandom } from '#analysis/random';
import type { Dataset, MetricColumn, Property } from '#explore/data/dataset';
import type { FrameColumn } from '#explore/findings/drifts';

export const NOISES = ['normal', 'heavy', 'remembering'] as const;
export type Noise = (typeof NOISES)[number];

export interface Planted {
  readonly settings: Readonly<Record<string, readonly (string | number)[]>>;
  readonly repeats: number;
  readonly noise?: Noise;
  /** Standard deviation of a run, as a share; of heavy noise the middle half is as wide. */
  readonly spread?: number;
  readonly seed: number;
  /** Metrics beyond the usual ones. */
  readonly more?: number;
  /** Values of metrics without noise; the usual value where it is left out. */
  readonly truth?: (cell: Readonly<Record<string, string | number>>, run: RunFacts) => Readonly<Record<string, number>>;
  /** In the order of the cells and not by chance. */
  readonly listed?: boolean;
}

export interface RunFacts {
  /** Place in the order of the bench, 0 to 1. */
  readonly at: number;
  readonly repeat: number;
  readonly others: number;
  readonly frequency: number;
  /** A number from 0 to 1 by chance. */
  readonly chance: number;
}

const USUAL: readonly (readonly [name: string, value: number, unit: string, better: MetricColumn['better']])[] = [
  ['encode.fps', 100, 'frame/s', 'higher'],
  ['encode.time p95', 12, 'ms', 'lower'],
  ['cpu.time per frame', 20, 'ms', 'lower'],
  ['quality.xpsnr', 40, 'dB', 'higher'],
  ['bitrate', 4e6, 'bit/s', null],
  ['memory.peak', 1e8, 'byte', 'lower'],
  ['latency p95', 40, 'ms', 'lower'],
];

/** Every combination, each so many times. */
export function plantedRuns({
  settings,
  repeats,
  noise = 'normal',
  spread = 0.02,
  seed,
  more = 0,
  truth,
  listed,
}: Planted): Dataset {
  const names = Object.keys(settings);
  const cellCount = names.reduce((count, name) => count * settings[name]!.length, 1);
  const count = cellCount * repeats;
  const random = seededRandom(seed);
  const codeOf = (name: number, cell: number): number => {
    let rest = cell;
    for (let i = 0; i < name; i++) rest = Math.floor(rest / settings[names[i]!]!.length);
    return rest % settings[names[name]!]!.length;
  };
  const order = Array.from({ length: count }, (_, i) => i);
  if (listed !== true)
    for (let i = count - 1; i > 0; i--) {
      const j = random() % (i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
  const usual: (readonly [string, number, string, MetricColumn['better']])[] = [
    ...USUAL,
    ...Array.from({ length: more }, (_, i) => [`own ${i}`, 50, '1/s', 'lower'] as const),
  ];
  const columns = usual.map(() => new Float64Array(count));
  const causes = {
    others: new Float64Array(count),
    frequency: new Float64Array(count),
    steal: new Float64Array(count),
  };
  const draws = usual.map(() => makeNoise(noise, random));
  const shared = makeNoise(noise, random);
  const causeDraws = [makeNoise(noise, random), makeNoise(noise, random), makeNoise(noise, random)];
  const at = new Float64Array(count);
  for (const [place, row] of order.entries()) {
    at[row] = place;
    const cell = Math.floor(row / repeats);
    causes.others[row] = Math.abs(0.2 * causeDraws[0]!());
    causes.frequency[row] = 3e9 * (1 + 0.01 * causeDraws[1]!());
    causes.steal[row] = Math.abs(0.02 * causeDraws[2]!());
    const own = Object.fromEntries(names.map((name, n) => [name, settings[name]![codeOf(n, cell)]!]));
    const facts = {
      at: place / count,
      repeat: row % repeats,
      others: causes.others[row]!,
      frequency: causes.frequency[row]!,
      chance: random() / 2 ** 32,
    };
    const values = truth?.(own, facts) ?? {};
    const common = 0.6 * shared();
    for (const [m, [name, value, unit]] of usual.entries()) {
      const deviation = spread * (common + 0.8 * draws[m]!());
      columns[m]![row] =
        unit === 'dB' ? (values[name] ?? value) + 10 * deviation : (values[name] ?? value) * Math.exp(deviation);
    }
  }
  const metric = (name: string, unit: string, better: MetricColumn['better'], values: Float64Array) => ({
    name,
    unit,
    better,
    values,
  });
  return {
    count,
    ids: Array.from({ length: count }, (_, row) => `run-${row}`),
    outcomes: new Uint8Array(count),
    startedAtMs: at.map((place) => 1.7e12 + place * 5_000),
    repeats: Int32Array.from({ length: count }, (_, row) => (row % repeats) + 1),
    cells: Int32Array.from({ length: count }, (_, row) => Math.floor(row / repeats)),
    cellCount,
    excluded: new Map(),
    reasons: new Map(),
    properties: names.map((name, n): Property => {
      const values = settings[name]!;
      return {
        name,
        origin: 'setting',
        values: values.map(String),
        numbers: values.some((value) => typeof value === 'number')
          ? Float64Array.from(values, (value) => (typeof value === 'number' ? value : NaN))
          : null,
        codes: Int32Array.from({ length: count }, (_, row) => codeOf(n, Math.floor(row / repeats))),
      };
    }),
    metrics: [
      ...usual.map(([name, , unit, better], m) => metric(name, unit, better, columns[m]!)),
      metric('host.others', 'core', 'lower', causes.others),
      metric('host.frequency', 'Hz', null, causes.frequency),
      metric('host.steal', 'core', 'lower', causes.steal),
    ],
  };
}

/** Frames of runs whose encode time only jitters, unless `growth` says by which share it grows. */
export function plantedFrames(runs: readonly string[], frames: number, seed: number, growth = 0): FrameColumn[] {
  const random = seededRandom(seed);
  return runs.flatMap((run) =>
    (['encode time of keyframes', 'encode time of other frames', 'size of other frames'] as const).map(
      (what): FrameColumn => {
        const count = what === 'encode time of keyframes' ? Math.ceil(frames / 30) : frames;
        const noise = makeNoise('remembering', random);
        const grows = what.startsWith('encode') ? growth : 0;
        return {
          run,
          what,
          times: Float64Array.from({ length: count }, (_, i) => (i * frames) / count / 30),
          values: Float64Array.from(
            { length: count },
            (_, i) => 10 * (1 + (grows * i) / count) * Math.exp(0.1 * noise()),
          ),
        };
      },
    ),
  );
}

/** Each call the next value: about as wide as a normal distribution of deviation 1. */
function makeNoise(kind: Noise, random: () => number): () => number {
  const uniform = () => (random() + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  if (kind === 'normal') return normal;
  // Student's t with two degrees of freedom: some runs lie far out.
  if (kind === 'heavy') return () => (0.7 * normal()) / Math.sqrt(-Math.log(uniform()));
  let last = normal();
  return () => (last = MEMORY * last + Math.sqrt(1 - MEMORY ** 2) * normal());
}

/** Of a run in the next one: a machine that warms up, a neighbour that stays. */
const MEMORY = 0.7;
