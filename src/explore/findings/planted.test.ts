import { describe, expect, it } from 'vitest';
import { plantedFrames, plantedRuns, type Planted, type RunFacts } from '../../../test/explore/planted-runs.ts';
import type { Dataset } from '../data/dataset.ts';
import { filterRows } from '../data/filter-rows.ts';
import { findFindings } from './find-findings.ts';
import type { Finding, FindingKind } from './finding.ts';

function found(planted: Planted, kind: FindingKind): Finding[] {
  return foundIn(plantedRuns(planted), kind);
}

function foundIn(dataset: Dataset, kind: FindingKind): Finding[] {
  return findFindings(dataset, rowsOf(dataset)).findings.filter((finding) => finding.kind === kind);
}

function rowsOf({ count }: Dataset): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

function renamed(dataset: Dataset, from: string, to: string): Dataset {
  return { ...dataset, metrics: dataset.metrics.map((one) => (one.name === from ? { ...one, name: to } : one)) };
}

const PRESETS = ['ultrafast', 'veryfast', 'medium'];
const MATRIX = { preset: PRESETS, threads: [1, 2, 4, 8], crf: [20, 30] };
const SPEED: Readonly<Record<string, number>> = { ultrafast: 3, veryfast: 2, medium: 1 };
const speed = (preset: string | number): number => SPEED[preset]!;

describe('what matters', () => {
  it('names the setting that decides a metric, its share and its values', () => {
    const [first, ...others] = found(
      {
        settings: MATRIX,
        repeats: 3,
        seed: 1,
        noise: 'heavy',
        truth: ({ preset }) => ({ 'encode.fps': 100 * speed(preset!) }),
      },
      'matters',
    );
    expect(first!.title).toMatch(
      /^preset decides (9\d|over 99) % of encode\.fps \(\d+ frame\/s at preset=medium, \d+ frame\/s at preset=ultrafast\)$/,
    );
    expect(others).toEqual([]);
    expect(first).toMatchObject({ view: { placed: { x: 'preset' }, stats: ['encode.fps'] } });
    expect(first!.p).toBeLessThan(0.01);
  });

  it('splits the share between two settings as they were planted', () => {
    const all = found(
      {
        settings: MATRIX,
        repeats: 3,
        seed: 2,
        truth: ({ preset, crf }) => ({ 'cpu.time per frame': (20 / speed(preset!)) * (crf === 20 ? 1.5 : 1) }),
      },
      'matters',
    );
    // Variances of the logarithms of 1, 1/2, 1/3 and of 1.5, 1: 0.208 and 0.0411.
    const share = (name: string) =>
      all.find(({ id }) => id === `matters:${name}`)!.evidence.find(({ label }) => label.includes('cpu.time'))!.value;
    expect(share('preset')).toBeCloseTo(0.208 / 0.249, 1);
    expect(share('crf')).toBeCloseTo(0.041 / 0.249, 1);
  });

  it('is to be chosen first for the metrics that no other setting decides more, and for these alone', () => {
    const all = found(
      {
        settings: MATRIX,
        repeats: 3,
        seed: 2,
        truth: ({ preset, threads, crf }) => ({
          'encode.fps': 100 * speed(preset!) * Number(threads) ** 0.1,
          'cpu.time per frame': 20 / speed(preset!),
          'quality.xpsnr': crf === 20 ? 45 : 38,
        }),
      },
      'matters',
    );
    expect(Object.fromEntries(all.map(({ id, advice }) => [id, advice]))).toEqual({
      'matters:preset': 'Choose this setting first for encode.fps and cpu.time per frame: the others change them less.',
      'matters:crf': 'Choose this setting first for quality.xpsnr.',
      'matters:threads': 'It counts, but others count more.',
    });
  });

  it('is not to be chosen first for what another setting decides more', () => {
    const truth = ({ preset, threads, crf }: Readonly<Record<string, string | number>>) => ({
      'encode.fps': 100 * speed(preset!) * (crf === 20 ? 1 : 2.4),
      'memory.peak': 1e8 * (crf === 20 ? 2 : 1) * Number(threads) ** 0.26,
    });
    const all = found({ settings: MATRIX, repeats: 3, seed: 2, truth }, 'matters');
    const crf = all.find(({ id }) => id === 'matters:crf')!;
    expect(crf.title).toMatch(/^crf decides 4\d % of encode\.fps .* and 7\d % of memory\.peak/);
    expect(crf.advice).toBe('Choose this setting first for memory.peak: the others change it less.');
    expect(all.find(({ id }) => id === 'matters:preset')!.advice).toBe(
      'Choose this setting first for encode.fps: the others change it less.',
    );
  });

  it('is not led astray where cells are missing', () => {
    const whole = plantedRuns({
      settings: MATRIX,
      repeats: 3,
      seed: 3,
      truth: ({ preset }) => ({ 'encode.fps': 100 * speed(preset!) }),
    });
    const [preset, threads] = whole.properties;
    // Of the slow preset only many threads, of the fast one only few: threads look as if they did it.
    const kept = rowsOf(whole).filter((row) => Math.abs(preset!.codes[row]! - (threads!.codes[row]! >> 1)) < 2);
    const matters = findFindings(whole, kept).findings.filter(({ kind }) => kind === 'matters');
    expect(matters.map(({ id }) => id)).toEqual(['matters:preset']);
  });

  it('tells one value of a single setting from another by its repeats', () => {
    const settings = { threads: [1, 2, 4] };
    const truth = ({ threads }: Readonly<Record<string, string | number>>) => ({
      'encode.fps': 100 + 10 * Number(threads),
    });
    expect(found({ settings, repeats: 5, seed: 4, truth }, 'matters')).toHaveLength(1);
    expect(found({ settings, repeats: 1, seed: 4, truth }, 'matters')).toEqual([]);
  });
});

describe('settings that act together', () => {
  const together = ({ preset, threads }: Readonly<Record<string, string | number>>) => ({
    'encode.fps': 100 * speed(preset!) * (preset === 'ultrafast' ? 1 : Number(threads) ** 0.7),
  });

  it('are found, with what a step does at either end', () => {
    const [first] = found({ settings: MATRIX, repeats: 3, seed: 5, noise: 'heavy', truth: together }, 'interaction');
    expect(first!.id).toMatch(/^interaction:(preset:threads|threads:preset)$/);
    expect(first!.title).toContain('encode.fps');
    expect(first!.title).toMatch(/× \d/);
  });

  it('are not found where each does its own', () => {
    const truth = ({ preset, threads }: Readonly<Record<string, string | number>>) => ({
      'encode.fps': 100 * speed(preset!) * Number(threads) ** 0.7,
    });
    expect(found({ settings: MATRIX, repeats: 3, seed: 6, truth }, 'interaction')).toEqual([]);
  });
});

describe('knees and plateaus', () => {
  const settings = { threads: [1, 2, 4, 8, 16, 32], preset: PRESETS };
  const fps = (of: (threads: number) => number) => (cell: Readonly<Record<string, string | number>>) => ({
    'encode.fps': 50 * speed(cell['preset']!) * of(Number(cell['threads'])),
  });

  it('finds where threads stop paying', () => {
    const [plateau] = found(
      { settings, repeats: 3, seed: 7, truth: fps((threads) => Math.min(threads, 8) ** 0.8) },
      'plateau',
    );
    expect(plateau!.title).toMatch(/^encode\.fps stops changing from threads=8 on: × 5\.\d+ from threads=1 to there/);
  });

  it('finds where they pay less', () => {
    const truth = fps((threads) => Math.min(threads, 8) ** 0.8 * Math.max(1, threads / 8) ** 0.2);
    expect(found({ settings, repeats: 3, seed: 8, truth }, 'knee').map(({ id }) => id)).toEqual([
      'knee:threads:encode.fps',
    ]);
  });

  it('finds none in a straight line', () => {
    const all = plantedRuns({ settings, repeats: 3, seed: 9, noise: 'heavy', truth: fps((threads) => threads ** 0.8) });
    expect([...foundIn(all, 'knee'), ...foundIn(all, 'plateau')]).toEqual([]);
  });
});

describe('settings without an effect', () => {
  const settings = { ...MATRIX, aud: ['0', '1'] };

  it('are told with the bound of what they could do', () => {
    const truth = ({ preset }: Readonly<Record<string, string | number>>) => ({ 'encode.fps': 100 * speed(preset!) });
    const all = found({ settings, repeats: 3, seed: 10, spread: 0.005, truth }, 'no-effect');
    expect(all.map(({ id }) => id)).toContain('no-effect:aud');
    expect(all.map(({ id }) => id)).not.toContain('no-effect:preset');
    expect(all.find(({ id }) => id === 'no-effect:aud')!.title).toMatch(
      /aud \(0 and 1\) changes nothing: encode\.fps by less than [01]\.\d %/,
    );
  });

  it('are not claimed where the noise is too wide to know, nor where they do something', () => {
    expect(found({ settings: { threads: [1, 4] }, repeats: 3, seed: 11, spread: 0.05 }, 'no-effect')).toEqual([]);
    const all = ['encode.fps', 'encode.time p95', 'cpu.time per frame', 'bitrate', 'memory.peak', 'latency p95'];
    const truth = ({ aud }: Readonly<Record<string, string | number>>) =>
      Object.fromEntries(all.map((name) => [name, aud === '1' ? 102.5 : 100]));
    const claimed = found({ settings, repeats: 3, seed: 12, spread: 0.005, truth }, 'no-effect');
    expect(claimed.map(({ id }) => id)).not.toContain('no-effect:aud');
  });
});

describe('dominated cells', () => {
  const truth = ({ preset, threads }: Readonly<Record<string, string | number>>) => {
    // The middle preset is worse than the fast one in every way; the others trade.
    const bad = preset === 'veryfast';
    return {
      'encode.fps': (bad ? 150 : 100 * speed(preset!)) * Number(threads) ** 0.1,
      'cpu.time per frame': bad ? 30 : 60 / speed(preset!),
      'quality.xpsnr': preset === 'medium' ? 44 : bad ? 38 : 40,
      bitrate: bad ? 5e6 : 4e6,
      'latency p95': bad ? 60 : 120 / speed(preset!),
    };
  };

  it('are told with the cell that beats them', () => {
    const all = found({ settings: { preset: PRESETS, threads: [1, 2] }, repeats: 5, seed: 13, truth }, 'dominated');
    expect(all).not.toEqual([]);
    for (const { title } of all)
      expect(title).toMatch(
        /^preset=ultrafast threads=\d beats preset=veryfast threads=\d.* in all that was compared: encode\.fps × 2/,
      );
  });

  const settings = { preset: PRESETS, threads: [1, 2] };

  it('are shown with the cell that beats them, and with no other preset', () => {
    const [first] = found({ settings, repeats: 5, seed: 13, truth }, 'dominated');
    const dataset = plantedRuns({ settings, repeats: 5, seed: 13, truth });
    const { rows } = filterRows(dataset, first!.view.filters!);
    expect(first!.runs.every((id) => rows.some((row) => dataset.ids[row] === id))).toBe(true);
    const [preset] = dataset.properties;
    expect(new Set(Array.from(rows, (row) => preset!.values[preset!.codes[row]!]))).toEqual(
      new Set(['ultrafast', 'veryfast']),
    );
    expect(first!.view).toMatchObject({ plot: 'pareto', stats: ['encode.fps'], options: { against: 'bitrate' } });
  });

  it('are shown over two metrics in which no cell that is shown beats the winner', () => {
    // At 4 Mbit/s x264 is faster than hevc, whose cell with four threads beats only what x264 does at 8.
    const codecs: Planted['truth'] = ({ codec, bitrate, threads }) => ({
      'encode.fps': (codec === 'hevc' ? 70 : 130) * Number(threads) * (bitrate === 8 ? 0.9 : 1),
      'quality.xpsnr': (codec === 'hevc' ? 44 : 40) + (bitrate === 8 ? 2 : 0),
      bitrate: Number(bitrate) * 1e6 * (codec === 'hevc' ? 1 : 0.9),
    });
    const three = ['encode.fps', 'quality.xpsnr', 'bitrate'];
    const cells = { codec: ['x264', 'hevc'], bitrate: [4, 8], threads: [1, 4] };
    const dataset = plantedRuns({ settings: cells, repeats: 5, seed: 3, truth: codecs });
    const metrics = dataset.metrics.filter(({ name }) => three.includes(name));
    const [first] = foundIn({ ...dataset, metrics }, 'dominated');
    expect(first!.id).toBe('dominated:codec=hevc bitrate=4 threads=4');
    expect(first!.view).toMatchObject({ stats: ['encode.fps'], options: { against: 'quality.xpsnr' } });
  });

  it('are none where the winner takes more CPU, by whichever name that was measured', () => {
    const dear: typeof truth = (cell) => ({
      ...truth(cell),
      'cpu.time per frame': cell['preset'] === 'ultrafast' ? 60 : 30,
    });
    const dataset = plantedRuns({ settings, repeats: 5, seed: 13, truth: dear });
    expect(foundIn(dataset, 'dominated')).toEqual([]);
    expect(foundIn(renamed(dataset, 'cpu.time per frame', 'cpu.time'), 'dominated')).toEqual([]);
    // Another benchmark's column, that none of these runs has.
    const apart = renamed(dataset, 'cpu.time per frame', 'cpu.time');
    const absent = {
      ...dataset.metrics[0]!,
      name: 'cpu.time per frame',
      values: new Float64Array(dataset.count).fill(NaN),
    };
    expect(foundIn({ ...apart, metrics: [absent, ...apart.metrics] }, 'dominated')).toEqual([]);
    expect(
      foundIn(
        renamed(plantedRuns({ settings, repeats: 5, seed: 13, truth }), 'cpu.time per frame', 'cpu.time'),
        'dominated',
      ),
    ).not.toEqual([]);
  });

  it('are told for which metric somebody may need them all the same', () => {
    const large: typeof truth = (cell) => ({
      ...truth(cell),
      'memory.peak': cell['preset'] === 'ultrafast' ? 2e8 : 1e8,
    });
    const advice = (of: typeof truth) =>
      found({ settings, repeats: 5, seed: 13, spread: 0.002, truth: of }, 'dominated')[0]!.advice;
    expect(advice(large)).toMatch(/^Nobody needs the beaten ones, unless for memory\.peak: there /);
    expect(advice(truth)).toBe('Nobody needs the beaten ones, unless for a metric that is not in this list.');
  });

  it('are none where every cell is best at something, and none without repeats', () => {
    const trades = ({ preset }: Readonly<Record<string, string | number>>) => ({
      'encode.fps': 100 * speed(preset!),
      'quality.xpsnr': 45 - speed(preset!),
    });
    expect(found({ settings: MATRIX, repeats: 4, seed: 14, truth: trades }, 'dominated')).toEqual([]);
    const single = findFindings(
      plantedRuns({ settings: MATRIX, repeats: 1, seed: 14, truth }),
      Uint32Array.from({ length: 24 }, (_, i) => i),
    );
    expect(single.notes.join()).toContain('dominated cells are looked for where cells have repeats');
  });
});

describe('cells of two kinds', () => {
  it('are found, with the runs of each and what tells them apart', () => {
    const truth = (_: unknown, { frequency }: RunFacts) => ({ 'encode.fps': frequency > 3.0e9 ? 120 : 90 });
    const [first] = found({ settings: { preset: PRESETS }, repeats: 24, seed: 15, spread: 0.01, truth }, 'bimodal');
    expect(first!.title).toMatch(
      /^preset=\w+ has two kinds of runs: encode\.fps is 9\d\.\d frame\/s|^preset=\w+ has two kinds of runs: encode\.fps is \d+/,
    );
    expect(first!.title).toContain('host.frequency was');
    expect(first!.runs).toHaveLength(6);
  });

  it('are found without a reason where there is none on record', () => {
    const truth = (_: unknown, { chance }: RunFacts) => ({ 'encode.fps': chance > 0.5 ? 120 : 90 });
    const [first] = found({ settings: { preset: PRESETS }, repeats: 24, seed: 16, spread: 0.01, truth }, 'bimodal');
    expect(first!.advice).toContain('nothing that was recorded');
  });
});

describe('drifts', () => {
  it('of a machine over a bench are found, by what they come to', () => {
    const [first] = found(
      { settings: MATRIX, repeats: 3, seed: 17, truth: (_, { at }) => ({ 'encode.fps': 100 * Math.exp(-0.2 * at) }) },
      'drift',
    );
    expect(first!.title).toMatch(
      /^the machine changed while it measured: encode\.fps of the same cells −1[5-9]|^the machine changed while it measured: encode\.fps of the same cells −2\d/,
    );
  });

  it('within runs are found in encode times that grow, and not in those that wander', () => {
    const dataset = plantedRuns({ settings: MATRIX, repeats: 1, seed: 18 });
    const drifts = (growth: number) =>
      findFindings(dataset, rowsOf(dataset), {
        frames: plantedFrames(dataset.ids.slice(0, 8), 1_200, 19, growth),
      }).findings.filter(({ kind }) => kind === 'drift');
    expect(drifts(0)).toEqual([]);
    const grown = drifts(0.5);
    expect(grown.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['drift:encode time of keyframes:up', 'drift:encode time of other frames:up']),
    );
    expect(grown.every(({ id }) => id.startsWith('drift:encode time'))).toBe(true);
    expect(grown[0]!.title).toMatch(/grows within \d of 8 runs that were looked at: \+[345]\d % over 40/);
  });
});

describe('neighbours', () => {
  it('are found where they explain what repeats differ by', () => {
    const truth = (_: unknown, { others }: RunFacts) => ({ 'encode.fps': 100 * (1 - 0.3 * Math.min(1, others)) });
    const all = found({ settings: MATRIX, repeats: 4, seed: 20, truth }, 'neighbour');
    expect(all.map(({ id }) => id)).toEqual(['neighbour:host.others']);
    expect(all[0]!.title).toMatch(/explains \d\d % of how repeats differ in encode\.fps: −\d/);
  });
});

it('says the same of the same runs, and looks at those only that ended well and count', () => {
  const planted = {
    settings: MATRIX,
    repeats: 3,
    seed: 21,
    truth: ({ preset }: Readonly<Record<string, string | number>>) => ({ 'encode.fps': 100 * speed(preset!) }),
  };
  const dataset = plantedRuns(planted);
  const first = findFindings(dataset, rowsOf(dataset));
  expect(findFindings(plantedRuns(planted), rowsOf(dataset))).toEqual(first);
  // Runs that failed have numbers that would drown everything.
  const spoilt = plantedRuns(planted);
  spoilt.outcomes[3] = 1;
  spoilt.metrics[0]!.values[3] = 1e9;
  spoilt.metrics[0]!.values[4] = 1e9;
  const without: Dataset = { ...spoilt, excluded: new Map([[4, 'disturbed']]) };
  expect(findFindings(without, rowsOf(without)).findings.map(({ id }) => id)).toEqual(
    first.findings.map(({ id }) => id),
  );
});

it('warns where values were measured one after the other', () => {
  const notes = (listed: boolean) => {
    const dataset = plantedRuns({ settings: MATRIX, repeats: 3, seed: 23, listed });
    return findFindings(dataset, rowsOf(dataset)).notes.join();
  };
  expect(notes(true)).toContain('the values of crf were measured one after the other');
  expect(notes(false)).not.toContain('one after the other');
});

it('has nothing to say of no runs, of one run and of failed ones', () => {
  const one = plantedRuns({ settings: MATRIX, repeats: 1, seed: 22 });
  expect(findFindings(one, new Uint32Array()).findings).toEqual([]);
  expect(findFindings(one, Uint32Array.of(0)).findings).toEqual([]);
  one.outcomes.fill(1);
  expect(findFindings(one, rowsOf(one)).findings).toEqual([]);
});
