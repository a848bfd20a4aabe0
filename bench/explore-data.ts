// Runs of a lab to columns in the page: read from the catalogue and packed (server), fetched over HTTP and unpacked (page).
//   node --conditions=encodelab-source bench/explore-data.ts [RUNS …]

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packDataset } from '#explore/data/pack-dataset';
import { unpackDataset } from '#explore/data/unpack-dataset';
import { openLab } from '#lab/lab';
import { readDataset } from '#lab/read-dataset';
import { startServer } from '#server/start-server';
import { fillSampleLab } from '../test/explore/sample-lab.ts';

const METRICS = 30;
const TRIALS = 5;
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000];

console.log(
  '| runs × 30 metrics | read | CPU of that | pack | unpack | request to Dataset | bytes | heap and arrays |',
);
console.log('|--:|--:|--:|--:|--:|--:|--:|--:|');
for (const runs of sizes) {
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-bench-explore-'));
  const lab = await openLab(folder);
  await fillSampleLab(lab.catalogue, { runs, metrics: METRICS });
  const server = await startServer({ lab, port: 0 });
  const parts = { read: [] as number[], pack: [] as number[], unpack: [] as number[], all: [] as number[] };
  const cpuMs: number[] = [];
  let bytes = 0;
  let memory = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    globalThis.gc?.();
    const before = process.memoryUsage();
    const cpu = process.cpuUsage();
    const { dataset } = await timed(parts.read, () => readDataset(lab, ['sample']));
    const used = process.cpuUsage(cpu);
    cpuMs.push((used.user + used.system) / 1e3);
    const after = process.memoryUsage();
    memory = Math.max(memory, after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers);
    const packed = await timed(parts.pack, () => packDataset(dataset));
    await timed(parts.unpack, () => unpackDataset(packed.buffer));
    await timed(parts.all, async () => {
      const answer = await fetch(`${server.address}/api/v1/explore/runs?benchmark=sample`, {
        headers: { authorization: `Bearer ${server.token}` },
      });
      if (!answer.ok) throw new Error(await answer.text());
      const body = await answer.arrayBuffer();
      bytes = body.byteLength;
      return unpackDataset(body);
    });
  }
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(TRIALS / 2)]!;
  const ms = (values: readonly number[]) => `${median(values).toFixed(0)} ms`;
  console.log(
    `| ${runs} | ${ms(parts.read)} | ${ms(cpuMs)} | ${ms(parts.pack)} | ${ms(parts.unpack)} | **${ms(parts.all)}** | ${(bytes / 1e6).toFixed(1)} MB | ${(memory / 1e6).toFixed(0)} MB |`,
  );
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
}

async function timed<Result>(into: number[], work: () => Result | Promise<Result>): Promise<Result> {
  const began = performance.now();
  const result = await work();
  into.push(performance.now() - began);
  return result;
}
