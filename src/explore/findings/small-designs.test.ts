import { describe, expect, it } from 'vitest';
import { fitLine } from '#analysis/regression';
import { NOISES, plantedRuns, type Planted } from '../../../test/explore/planted-runs.ts';
import type { Dataset, Property } from '../data/dataset.ts';
import { filterRows } from '../data/filter-rows.ts';
import { findFindings } from './find-findings.ts';

const CODEC: Readonly<Record<string, string>> = { ultrafast: 'x264', veryfast: 'x264', 10: 'av1', 12: 'av1' };
const SMALL = { codec: ['x264', 'av1'], crf: [20, 28, 36], preset: ['ultrafast', 'veryfast', '10', '12'] };

/** Two codecs with two presets each of their own, three qualities. */
function nested(planted: Omit<Planted, 'settings'>) {
  const dataset = plantedRuns({ ...planted, settings: SMALL });
  const [codec, , preset] = dataset.properties;
  const rows = Uint32Array.from({ length: dataset.count }, (_, row) => row).filter(
    (row) => CODEC[preset!.values[preset!.codes[row]!]!] === codec!.values[codec!.codes[row]!],
  );
  return findFindings(dataset, rows);
}

/** What a step of quality does depends on the codec. */
const truth = ({ codec, preset, crf }: Readonly<Record<string, string | number>>) => ({
  'memory.peak': codec === 'av1' ? 71e6 : 35e6,
  'quality.xpsnr': 60 - (codec === 'av1' ? 0.5 : 0.8) * Number(crf),
  'encode.fps': (codec === 'av1' ? 200 : 400) * (preset === 'ultrafast' || preset === '12' ? 1.6 : 1),
});

describe('twelve cells of three repeats, presets of one codec each', () => {
  it('tell the codec first, and what presets do within it', () => {
    const { findings } = nested({ repeats: 3, seed: 1, truth });
    const titleOf = (id: string) => findings.find((finding) => finding.id === id)?.title;
    const codec = findings.find(({ id }) => id === 'matters:codec')!;
    expect(codec.title).toContain('of memory.peak (3');
    expect(titleOf('matters:crf')).toContain('of quality.xpsnr');
    expect(titleOf('matters:preset')).toMatch(/^preset within codec decides \d\d % of encode\.fps/);
    // A step of one codec's presets, and not from one codec to the other.
    expect(titleOf('matters:preset')).toMatch(/at preset=(veryfast.*at preset=ultrafast|10.*at preset=12)/);
  });

  it('tell once that the codec and the quality act together', () => {
    const kinds = nested({ repeats: 3, seed: 1, truth }).findings.filter(({ kind }) => kind === 'interaction');
    expect(kinds.map(({ id }) => id.split(':').toSorted())).toEqual([['codec', 'crf', 'interaction']]);
  });

  it('decide nothing in noise', () => {
    const seen = NOISES.flatMap((noise) =>
      Array.from({ length: 6 }, (_, seed) => nested({ repeats: 3, seed: seed + 1, noise }).findings).flat(),
    );
    expect(seen.filter(({ kind }) => kind === 'matters' || kind === 'interaction')).toEqual([]);
  });

  it('decide nothing where repeats followed each other on a machine that remembers', () => {
    const seen = Array.from(
      { length: 8 },
      (_, seed) => nested({ repeats: 3, seed: seed + 1, noise: 'remembering', listed: true }).findings,
    ).flat();
    expect(seen.filter(({ kind }) => kind === 'matters').length).toBeLessThanOrEqual(1);
  });

  it('say of which metrics too little is known without repeats', () => {
    const { findings, notes } = nested({ repeats: 1, seed: 1 });
    expect(findings).toEqual([]);
    expect(notes.join()).toContain('only very large effects on encode.fps, latency p95, encode.time p95 and 4 more');
  });
});

/** Puts runs of one dataset behind those of another, as two benchmarks with settings of their own. */
function both(one: Dataset, other: Dataset): Dataset {
  const count = one.count + other.count;
  const columns = <T extends { readonly name: string }>(a: readonly T[], b: readonly T[]) =>
    [...a, ...b.filter(({ name }) => !a.some((known) => known.name === name))].map((column) => ({
      column,
      first: a.find(({ name }) => name === column.name),
      second: b.find(({ name }) => name === column.name),
    }));
  const benchmark: Property = {
    name: 'benchmark',
    origin: 'fact',
    values: ['one', 'other'],
    numbers: null,
    codes: Int32Array.from({ length: count }, (_, row) => (row < one.count ? 0 : 1)),
  };
  return {
    ...one,
    count,
    ids: [...one.ids.map((id) => `a-${id}`), ...other.ids.map((id) => `b-${id}`)],
    outcomes: new Uint8Array(count),
    startedAtMs: Float64Array.of(...one.startedAtMs, ...other.startedAtMs),
    repeats: Int32Array.of(...one.repeats, ...other.repeats),
    cells: Int32Array.of(...one.cells, ...other.cells.map((cell) => cell + one.cellCount)),
    cellCount: one.cellCount + other.cellCount,
    properties: [
      benchmark,
      ...columns(one.properties, other.properties).map(({ column, first, second }) => ({
        ...column,
        codes: Int32Array.of(
          ...(first?.codes ?? new Int32Array(one.count).fill(-1)),
          ...(second?.codes ?? new Int32Array(other.count).fill(-1)),
        ),
      })),
    ],
    metrics: columns(one.metrics, other.metrics).map(({ column, first, second }) => ({
      ...column,
      values: Float64Array.of(
        ...(first?.values ?? new Float64Array(one.count).fill(NaN)),
        ...(second?.values ?? new Float64Array(other.count).fill(NaN)),
      ),
    })),
  };
}

it('does not hold benchmarks against each other that have nothing in common', () => {
  const one = plantedRuns({
    settings: { preset: ['fast', 'slow'], crf: [20, 25, 30, 35] },
    repeats: 6,
    seed: 1,
    truth: ({ preset }) => ({ 'encode.fps': preset === 'fast' ? 200 : 100 }),
  });
  const other = plantedRuns({
    settings: { display: ['webgl', 'video'], gop: [10, 20, 30, 40] },
    repeats: 6,
    seed: 2,
    truth: () => ({ bitrate: 3e7 }),
  });
  const dataset = both(one, other);
  const { findings, notes } = findFindings(
    dataset,
    Uint32Array.from({ length: dataset.count }, (_, row) => row),
  );
  const matters = findings.filter(({ kind }) => kind === 'matters');
  expect(matters.map(({ id }) => id)).toEqual(['matters:preset@one']);
  expect(matters[0]!.title).toMatch(/^one: preset decides/);
  expect(matters[0]!.view.benchmarks).toEqual(['one']);
  expect(notes.join()).toContain('looked at one by one: one and other');
});

it('shows a neighbour in the cell in which it is seen best, with the slope that was told', () => {
  // The fast preset is disturbed more: over all cells together others seem to help.
  const dataset = plantedRuns({
    settings: { preset: ['fast', 'slow'], threads: [1, 2, 4] },
    repeats: 8,
    seed: 3,
    truth: ({ preset }, { others }) => ({ 'encode.fps': (preset === 'fast' ? 400 : 50) * (1 - 0.5 * others) }),
  });
  const others = dataset.metrics.find(({ name }) => name === 'host.others')!.values;
  const preset = dataset.properties[0]!;
  for (let row = 0; row < dataset.count; row++) if (preset.codes[row] === 0) others[row]! += 1;
  const fps = dataset.metrics.find(({ name }) => name === 'encode.fps')!.values;
  const slopeOf = (rows: Uint32Array) =>
    fitLine(
      Float64Array.from(rows, (row) => others[row]!),
      Float64Array.from(rows, (row) => fps[row]!),
    )!.slope;
  const all = Uint32Array.from({ length: dataset.count }, (_, row) => row);
  expect(slopeOf(all)).toBeGreaterThan(0);
  const found = findFindings(dataset, all).findings.find(({ kind }) => kind === 'neighbour')!;
  expect(found.title).toContain('in encode.fps: −');
  expect(found.view).toMatchObject({
    stats: ['encode.fps'],
    plot: 'regression',
    options: { against: 'host.others' },
    filters: [{ property: 'preset' }, { property: 'threads' }],
  });
  const { rows } = filterRows(dataset, found.view.filters!);
  expect(rows).toHaveLength(8);
  expect(slopeOf(rows)).toBeLessThan(0);
});

it('says why no run counts', () => {
  const dataset = plantedRuns({ settings: { threads: [1, 2] }, repeats: 2, seed: 1 });
  dataset.outcomes.fill(1, 0, 3);
  const reasons = new Map([
    [0, 'out of memory'],
    [1, 'no such encoder'],
    [2, 'no such encoder'],
  ]);
  const none: Dataset = { ...dataset, reasons, excluded: new Map([[3, 'disturbed']]) };
  expect(findFindings(none, Uint32Array.of(0, 1, 2, 3)).notes).toEqual([
    'no run counts: 3 failed (most often: no such encoder) and 1 was left out',
  ]);
});
