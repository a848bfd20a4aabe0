import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLab } from '#lab/lab';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { readShapes } from '#lab/shapes/read-shapes';
import { recordShapes, samplePiece } from '../../../test/lab/sample-shapes.ts';
import { labShapes } from './lab-shapes.ts';
import { parseWorkload } from './parse-workload.ts';
import { parseFleet } from './fleet.ts';
import { simulateSeeds } from './simulate-seeds.ts';
import { shapeFilters } from './workload.ts';

test('of the lab a piece of several encoders is none of one of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'encodelab-simulate-'));
  const lab = await openLab(join(folder, 'lab'));
  try {
    await recordShapes(lab, [
      ...samplePiece(0),
      ...samplePiece(1, { codec: 'av1+h264', encoder: 'libsvtav1+libx264' }),
    ]);
    await compactShapes(lab);
    const shapes = await labShapes(lab, ['encoder=libx264', 'encoder=libsvtav1+libx264']);
    expect([...shapes.values()].map((rows) => rows.map(({ encoder }) => encoder))).toEqual([
      ['libx264'],
      ['libsvtav1+libx264'],
    ]);
    const any = await readShapes(lab, { encoder: 'libx264', isPartEnough: true });
    expect(new Set(any.encoder)).toEqual(new Set(['libsvtav1+libx264', 'libx264']));
    // Whole names only.
    expect((await readShapes(lab, { encoder: 'libx26', isPartEnough: true })).id).toEqual([]);
  } finally {
    await lab.close();
    rmSync(folder, { recursive: true });
  }
});

test('what the lab has measured is played again, only what the filter chooses, and nothing that failed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'encodelab-simulate-'));
  const lab = await openLab(join(folder, 'lab'));
  try {
    // Of three sizes and three codecs, one of each; one that is asked for failed.
    const failed = { encoder: 'libx264', outcome: 'failed' } as const;
    await recordShapes(lab, [...Array.from({ length: 9 }, (_, n) => samplePiece(n)).flat(), ...samplePiece(9, failed)]);
    await compactShapes(lab);
    const workload = parseWorkload("shapes: {filter: 'encoder=libx264 height=720', times: 4}", 'a.yaml');
    const shapes = await labShapes(lab, [...shapeFilters(workload), '']);
    expect(shapes.get('')).toHaveLength(9);
    const setup = { workload, fleet: parseFleet('4*a:1cpu'), policy: workload.policy, shapes };
    const [result] = simulateSeeds(setup, 1, 1);
    // The second piece, four times, each on a worker of its own: 4.1 s of CPU in 1.1 times as long.
    expect(result).toMatchObject({ items: 4, ended: 4 });
    expect(result!.makespanS).toBeCloseTo(4.1 * 1.1, 9);
    expect(result!.used.cpu).toBeCloseTo(1 / 1.1, 9);
  } finally {
    await lab.close();
    rmSync(folder, { recursive: true });
  }
});
