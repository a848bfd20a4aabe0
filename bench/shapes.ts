// Shapes of 250,000 items, 2 million rows: how long merging them takes, how many files they are, and how fast they are asked.

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WHOLE } from '#core/shape';
import { openLab } from '#lab/lab';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { readShapes } from '#lab/shapes/read-shapes';
import { shapeGroups } from '#lab/shapes/shape-groups';
import { recordShapes, samplePiece } from '../test/lab/sample-shapes.ts';

const PIECES = Number(process.argv[2] ?? 250_000);
/** Of one worker's recording: minutes of work of many. */
const PIECES_A_RECORDING = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-shapes-'));
const lab = await openLab(join(folder, 'lab'));
try {
  let recordedS = 0;
  let mergedS = 0;
  let longestS = 0;
  let last = '';
  for (let n = 0; n < PIECES; n += PIECES_A_RECORDING) {
    const rows = Array.from({ length: PIECES_A_RECORDING }, (_, i) => samplePiece(n + i)).flat();
    last = rows.at(-1)!.id;
    recordedS += await cpuOf(() => recordShapes(lab, rows));
    const mergeS = await cpuOf(() => compactShapes(lab));
    mergedS += mergeS;
    longestS = Math.max(longestS, mergeS);
  }
  const files = readdirSync(join(lab.path, 'shapes')).filter((name) => name.endsWith('.parquet'));
  const bytes = files.reduce((sum, name) => sum + statSync(join(lab.path, 'shapes', name)).size, 0);
  console.log(`${PIECES} pieces, ${PIECES * 8} rows: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`);
  console.log(
    `recording ${recordedS.toFixed(1)} s of CPU, merging ${mergedS.toFixed(1)} s (one step at most ${longestS.toFixed(1)} s)`,
  );
  const numbers = ['cpu_s', 'memory_peak', 'output_pixels', 'frames', 'rate_value', 'spatial', 'temporal'] as const;
  await ask('one piece, all phases', () => readShapes(lab, { id: last, phase: null }));
  await ask('the newest 50', () => readShapes(lab, {}, { limit: 50 }));
  await ask('seven columns of all whole pieces', () => readShapes(lab, {}, { columns: numbers }));
  await ask('those of one codec and size', () => readShapes(lab, { codec: 'av1', height: 720 }, { columns: numbers }));
  await ask('groups with medians and 95th percentiles', () => shapeGroups(lab));
  await ask('every column of all whole pieces', () => readShapes(lab, { phase: WHOLE }));
} finally {
  await lab.close();
  rmSync(folder, { recursive: true });
}

async function ask(what: string, query: () => Promise<unknown>): Promise<void> {
  await query();
  const walls: number[] = [];
  let cpuS = 0;
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    cpuS += await cpuOf(query);
    walls.push(performance.now() - began);
  }
  const median = walls.toSorted((a, b) => a - b)[2]!;
  console.log(`${what}: ${median.toFixed(0)} ms, ${((cpuS / 5) * 1000).toFixed(0)} ms of CPU`);
}

/** CPU seconds of this process, all its threads. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
