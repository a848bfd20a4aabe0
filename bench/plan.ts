// How long planning takes: a file of 100,000 cells from text to listed labels, and the order of its runs.
// node --conditions=encodelab-source --expose-gc bench/plan.ts [CELLS]

import { planSteps } from '#matrix/order';
import { parseBenchmark } from '#matrix/parse-benchmark';

const ROUNDS = 5;
const TARGET_S = 2;

const cells = Number(process.argv[2] ?? 100_000);
const text = `
source: clip.mp4
settings: {engine: bundled, resolution: 1280x720, framerate: source, frames: [0, 191], threads: 2}
matrix:
  codec:
    x264: {encoder: libx264, preset: [ultrafast, veryfast, medium, slow, veryslow]}
    av1: {encoder: libsvtav1, preset: {from: 12, to: 8, step: -1}}
  gop: [30, 60, 120, 240]
  bitrate: {from: 100k, to: ${cells / 40}00k, step: 100k}
repeat: 3
`;

const rounds = Array.from({ length: ROUNDS }, round);
const planned = rounds[0]!.cells;
console.log(
  `| planning ${planned.toLocaleString('en')} cells, x 3 repeats | median of ${ROUNDS} | target |\n|---|---|---|`,
);
row('parse and expand', (result) => result.expandS);
row('list every label', (result) => result.listS);
row('both together', (result) => result.expandS + result.listS, `< ${TARGET_S} s`);
row('order of all runs, drawn and walked', (result) => result.orderS);
console.log(
  `| memory held by the cells | ${(rounds[0]!.heldBytes / 1e6).toFixed(0)} MB (${(rounds[0]!.heldBytes / planned).toFixed(0)} byte a cell) | |`,
);

function round() {
  globalThis.gc?.();
  const heldBefore = process.memoryUsage().heapUsed;
  const began = performance.now();
  const benchmark = parseBenchmark(text, 'plan.yaml', { yes: true });
  const expanded = performance.now();
  const listing = benchmark.cells.map(({ index, label }) => `${index + 1}  ${label}`).join('\n');
  const listed = performance.now();
  let runs = 0;
  for (const step of planSteps(benchmark, 1)) if (step.kind === 'run') runs++;
  const ordered = performance.now();
  if (runs !== benchmark.cells.length * 3 || listing.length < runs) throw new Error('the plan is not whole');
  globalThis.gc?.();
  return {
    cells: benchmark.cells.length,
    expandS: (expanded - began) / 1000,
    listS: (listed - expanded) / 1000,
    orderS: (ordered - listed) / 1000,
    heldBytes: process.memoryUsage().heapUsed - heldBefore - listing.length,
  };
}

function row(what: string, seconds: (result: ReturnType<typeof round>) => number, target = ''): void {
  const sorted = rounds.map(seconds).toSorted((a, b) => a - b);
  console.log(`| ${what} | ${sorted[Math.floor(ROUNDS / 2)]!.toFixed(3)} s | ${target} |`);
}
