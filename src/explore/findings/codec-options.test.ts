import { describe, expect, it } from 'vitest';
import { NOISES, plantedRuns, type Planted } from '../../../test/explore/planted-runs.ts';
import { NO_NAMES, type Dataset, type Property } from '../data/dataset.ts';
import { findFindings } from './find-findings.ts';
import { makeStudy } from './study.ts';

/** What an encode is made with: options that only one codec has are absent elsewhere. */
const VARIANTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ultrafast: { codec: 'x264', preset: 'ultrafast' },
  veryfast: { codec: 'x264', preset: 'veryfast' },
  vp9: { codec: 'vp9', 'cpu-used': '8' },
  'vp9 slow': { codec: 'vp9', 'cpu-used': '4' },
  av1: { codec: 'av1', preset: '12' },
};
const BITRATES = ['200k', '500k', '1M', '2M'];

function encodes(variants: readonly string[], planted: Omit<Planted, 'settings' | 'repeats'>, repeats = 2): Dataset {
  const dataset = plantedRuns({ ...planted, repeats, settings: { variant: variants, bitrate: BITRATES } });
  const [variant, bitrate] = dataset.properties;
  const option = (name: string): Property => {
    const values = [...new Set(variants.flatMap((one) => VARIANTS[one]![name] ?? []))];
    return {
      name,
      origin: 'setting',
      values,
      numbers: null,
      codes: variant!.codes.map((code) => values.indexOf(VARIANTS[variants[code]!]![name] ?? '')),
    };
  };
  return { ...dataset, properties: [option('cpu-used'), option('preset'), option('codec'), bitrate!] };
}

function find(dataset: Dataset) {
  const rows = Uint32Array.from({ length: dataset.count }, (_, row) => row);
  return { ...findFindings(dataset, rows), study: makeStudy(dataset, rows, NO_NAMES, 1) };
}

const truth: Planted['truth'] = ({ variant, bitrate }) => {
  const { codec } = VARIANTS[variant!]!;
  return {
    'encode.fps': codec === 'vp9' ? (variant === 'vp9' ? 60 : 10) : codec === 'x264' ? 500 : 300,
    'quality.xpsnr': 40 + 3 * BITRATES.indexOf(String(bitrate)),
    'memory.peak': codec === 'x264' ? 35e6 : codec === 'av1' ? 67e6 : 60e6,
  };
};
const FEW = ['ultrafast', 'veryfast', 'vp9', 'av1'];

describe('an option that only one codec has', () => {
  it('takes nothing of what the codec does', () => {
    const { findings, notes, study } = find(encodes(FEW, { seed: 1, truth }));
    expect(study.factors.map(({ name }) => name)).toEqual(['preset', 'codec', 'bitrate']);
    const titles = findings.filter(({ kind }) => kind === 'matters').map(({ title }) => title);
    expect(titles).toContainEqual(
      expect.stringMatching(/^codec decides \d\d % of encode\.fps|^codec decides .*memory/),
    );
    expect(titles.join()).not.toContain('cpu-used');
    expect(notes.join()).not.toContain('cpu-used');
  });

  it('is told within the codec where its values differ', () => {
    const { findings } = find(encodes([...FEW, 'vp9 slow'], { seed: 1, truth }, 3));
    const matters = (name: string) => findings.find(({ id }) => id === `matters:${name}`)?.title;
    expect(matters('codec')).toMatch(/^codec decides \d\d % of encode\.fps/);
    expect(matters('cpu-used')).toMatch(
      /^cpu-used within codec decides .* of encode\.fps \(10\.\d frame\/s at cpu-used=4, 6\d/,
    );
  });

  it('is named beside the codec that always goes with it', () => {
    const { study } = find(encodes(['vp9', 'av1'], { seed: 1 }));
    expect(study.factors.map(({ name, together }) => [name, together])).toEqual([
      ['codec', ['cpu-used', 'preset']],
      ['bitrate', []],
    ]);
  });

  it('counts as a choice where no other setting decides that it is absent', () => {
    const dataset = plantedRuns({ seed: 1, repeats: 2, settings: { codec: ['x264', 'av1'], tune: ['film', 'none'] } });
    const [codec, tune] = dataset.properties;
    const unset = { ...tune!, values: ['film'], codes: tune!.codes.map((code) => (code === 0 ? 0 : -1)) };
    const { factors } = find({ ...dataset, properties: [codec!, unset] }).study;
    expect(factors.map(({ name, inside }) => [name, inside])).toEqual([
      ['codec', null],
      ['tune', null],
    ]);
  });

  it('decides nothing in noise', () => {
    const seen = NOISES.flatMap((noise) =>
      Array.from(
        { length: 4 },
        (_, seed) => find(encodes([...FEW, 'vp9 slow'], { seed: seed + 1, noise }, 3)).findings,
      ),
    );
    expect(seen.flat().filter(({ kind }) => kind === 'matters' || kind === 'interaction')).toEqual([]);
  });
});

describe('a metric that differs in one cell alone', () => {
  const odd = (dataset: Dataset): Dataset => {
    const cell = dataset.cells[3]!;
    const values = Float64Array.from(dataset.cells, (one) => (one === cell ? 1 : 0));
    return {
      ...dataset,
      metrics: [...dataset.metrics, { name: 'quality.identical', unit: '1', better: null, values }],
    };
  };
  const matters = (dataset: Dataset) => find(dataset).findings.filter(({ kind }) => kind === 'matters');

  it('silences no other', () => {
    const plain = encodes(FEW, { seed: 1, truth });
    expect(matters(odd(plain)).map(({ id }) => id)).toEqual(matters(plain).map(({ id }) => id));
    expect(
      matters(odd(plain))
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['matters:bitrate', 'matters:codec']);
  });

  it('is no finding itself, with however many repeats', () => {
    for (const repeats of [2, 3])
      for (const seed of [1, 2, 3, 4]) expect(matters(odd(encodes(FEW, { seed }, repeats)))).toEqual([]);
  });
});
