// Nothing but noise: the quick version of bench/findings.ts, with fixed seeds.

import { expect, it } from 'vitest';
import { NOISES, plantedFrames, plantedRuns } from '../../../test/explore/planted-runs.ts';
import { findFindings } from './find-findings.ts';

const SHAPES = [
  { settings: { preset: ['ultrafast', 'veryfast', 'medium'], threads: [1, 4], crf: [20, 24, 28] }, repeats: 3 },
  { settings: { threads: [1, 2, 4] }, repeats: 12 },
] as const;
const SEEDS = 5;

it('sees next to nothing in noise, whatever kind of noise it is', () => {
  const seen: string[] = [];
  for (const noise of NOISES)
    for (const shape of SHAPES)
      for (let seed = 1; seed <= SEEDS; seed++) {
        const dataset = plantedRuns({ ...shape, noise, seed });
        const rows = Uint32Array.from({ length: dataset.count }, (_, row) => row);
        const frames = plantedFrames(dataset.ids.slice(0, 4), 300, seed);
        for (const { kind, id } of findFindings(dataset, rows, { frames }).findings)
          // That a setting does nothing is true here.
          if (kind !== 'no-effect') seen.push(`${noise} ${seed} ${id}`);
      }
  // Of 30 datasets at 5 %: one or two; bench/findings.ts measures far fewer in thousands.
  expect(seen.length).toBeLessThanOrEqual(2);
}, 30_000);
