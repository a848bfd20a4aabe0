// The pictures of comparisons: what stands where.

import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import type { PointsMark, Scene, SegmentsMark, TextsMark } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { compareSides } from './compare-sides.ts';
import { forestScene } from './forest-scene.ts';
import { histories } from './history.ts';
import { historyScene } from './history-scene.ts';
import { sideOf } from './side.ts';

/** Five runs of each preset and rate; `fps` halves, `psnr` gains 1 dB of 40, `zero` goes from 0 to 1, `same` stays. */
const DATASET = madeDataset({ preset: ['fast', 'slow'], rate: ['1M', '2M'] }, 5, {
  fps: { unit: 'frame/s', better: 'higher', of: ({ preset }, i) => (preset === 'fast' ? 100 : 50) * (1 + i / 500) },
  'quality.psnr': { unit: 'dB', better: 'higher', of: ({ preset }, i) => (preset === 'fast' ? 40 : 41) + i / 500 },
  zero: { unit: '1', better: null, of: ({ preset }, i) => (preset === 'fast' ? 0 : 1 + i / 500) },
  same: { unit: 's', better: 'lower', of: (_, i) => 7 + i / 50 },
});
const ROWS = Array.from({ length: DATASET.count }, (_, row) => row);
const side = (code: number) =>
  sideOf(
    DATASET,
    ROWS.filter((row) => DATASET.properties[0]!.codes[row] === code),
    String(code),
    'preset',
  );
const COMPARISON = compareSides(side(0), side(1));

function forest(rows = COMPARISON.overall, width = 700): Scene {
  return forestScene({ rows, label: ({ metric }) => metric, behind: () => [1, 2, 3], width });
}

const points = (scene: Scene) => scene.marks.find((mark): mark is PointsMark => mark.kind === 'points')!;
const texts = (scene: Scene) =>
  scene.marks
    .filter((mark): mark is TextsMark => mark.kind === 'texts')
    .flatMap((mark) => mark.texts.map(({ text }) => text));

test('each change stands on its side of the line of no change; what has no share has no place and yet a row', () => {
  const scene = forest();
  const [, line] = scene.marks.filter((mark): mark is SegmentsMark => mark.kind === 'segments');
  const middle = line!.x1[0]!;
  const rows = COMPARISON.overall.filter(({ share }) => !Number.isNaN(share));
  expect(rows.map(({ metric }) => metric).toSorted()).toEqual(['fps', 'quality.psnr', 'same']);
  const { x, behind } = points(scene);
  for (const [i, row] of rows.entries()) expect(Math.sign(x[i]! - middle)).toBe(Math.sign(row.share));
  expect([...behind!.first]).toEqual([0, 3, 6, 9]);
  expect(texts(scene)).toEqual(expect.arrayContaining(['fps', 'zero', '0.5 x', '+1 dB', 'same']));
});

test('everything stays within the picture, however narrow it is and however far a change reaches', () => {
  const far = COMPARISON.overall.map((row) => ({ ...row, share: 500, effect: 501, interval: [0.001, 9e3] as const }));
  for (const width of [220, 700, 1600]) {
    const scene = forest(far, width);
    for (const mark of scene.marks) {
      const xs = mark.kind === 'points' ? mark.x : mark.kind === 'segments' ? [...mark.x1, ...mark.x2] : [];
      for (const x of xs) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(width);
      }
    }
  }
});

test('a value is never cut, however long it is and narrow the picture', () => {
  const long = COMPARISON.overall.map((row) => ({
    ...row,
    scale: 'difference' as const,
    unit: 'cores of the host',
    effect: -12.3456,
    verdict: 'worse' as const,
  }));
  for (const [rows, width] of [
    [long, 700],
    [long, 320],
    [COMPARISON.overall, 220],
  ] as const) {
    const values = forest(rows, width)
      .marks.filter((mark): mark is TextsMark => mark.kind === 'texts')
      .flatMap((mark) => mark.texts)
      .filter(({ anchor }) => anchor === 'start');
    expect(values).toHaveLength(rows.length);
    for (const { x, text, size } of values) expect(x + widthOfText(text, size)).toBeLessThanOrEqual(width);
  }
});

test('a history draws every run, and the mean on both sides of a change', () => {
  const data = madeDataset({}, 30, {
    fps: { unit: 'frame/s', better: 'higher', of: (_, i) => (i > 15 ? 80 : 100) + ((i * 7) % 5) / 2 },
  });
  const [history] = histories(
    data,
    Array.from({ length: 30 }, (_, row) => row),
    'fps',
  );
  expect(history!.changes).toHaveLength(1);
  const scene = historyScene(history!, data.startedAtMs, 600, 170);
  expect(points(scene).x).toHaveLength(30);
  const means = scene.marks.filter((mark): mark is SegmentsMark => mark.kind === 'segments').at(-1)!;
  expect(means.x1).toHaveLength(2);
  // Less stands lower.
  expect(means.y1[1]!).toBeGreaterThan(means.y1[0]!);
  expect(means.x2[0]).toBe(means.x1[1]);
});
