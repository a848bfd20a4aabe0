// Packing against its reach: gaps to certified lower bounds, a burst's makespan with wrong durations, and the speed of placing online.
// node --conditions=encodelab-source bench/pack.ts [SECONDS]      for each offline packing, 30 where it is not given

import { seededRandom } from '#analysis/random';
import { RESOURCES, type WorkItems, type WorkerSize } from '#core/packing';
import { packGreedily } from '#farm/pack/greedy-packing';
import { pack } from '#farm/pack/pack';
import { groupItems } from '#farm/pack/packing-problem';
import { createPlacer } from '#farm/pack/placer';
import { schedule } from '#farm/pack/schedule';

const budgetS = Number(process.argv[2] ?? 30);
const random = seededRandom(6);
const uniform = () => random() / 2 ** 32;
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
const GIB = 2 ** 30;
const WORKER: WorkerSize = { name: '16 cores, 32 GiB', capacity: [16, 32 * GIB, 0, 0], costPerHour: null };
const UNIT: WorkerSize = { name: 'one of each', capacity: [1, 1, 1, 1], costPerHour: null };

console.log('| packing | items | greedy rules, over the bound | all | reach | bound by | found by | CPU, wall |');
console.log('|---|--:|--:|--:|--:|---|---|--:|');
for (const classes of [20, 35, 50]) {
  await packed(`encode-like, ${classes} classes`, encodes(10_000, classes), WORKER, 0.5);
}
const half = () => uniform() / 2;
const tailed = () => Math.min(0.8, 0.08 * Math.exp(normal()));
for (const count of [1000, 10_000]) {
  await packed('uniform in 0 to 1/2, 4 dimensions', vectors(count, half), UNIT, 3);
  await packed('long-tailed (log-normal, sigma 1), 4 dimensions', vectors(count, tailed), UNIT, 3);
}

console.log(
  '\n| burst, durations wrong by a log-normal factor, sigma 0.3 | makespan over its bound | reach |\n|---|--:|--:|',
);
for (const [count, workers] of [
  [2000, 30],
  [10_000, 100],
  [250_000, 1000],
] as const) {
  const items = encodes(count, 40);
  const actualS = items.durationS.map((duration) => duration * Math.exp(0.3 * normal()));
  const { gap, bound } = schedule(items, [WORKER], new Uint8Array(workers), { actualS });
  console.log(`| ${count} items on ${workers} workers | ${percent(gap)} (${bound.by}) | 7 % |`);
}

console.log(
  '\n| online, 250,000 items | `place`, `finish` and `addItems` together: CPU | wall | reach |\n|---|--:|--:|--:|',
);
for (const policy of ['throughput', 'latency'] as const) {
  for (const workers of [100, 1000, 6000]) online(policy, workers);
}

async function packed(name: string, items: WorkItems, size: WorkerSize, reach: number): Promise<void> {
  const began = [process.cpuUsage(), performance.now()] as const;
  const packing = await pack(items, [size], { budgetS });
  const cpuS = process.cpuUsage(began[0]).user / 1e6;
  const wallS = (performance.now() - began[1]) / 1000;
  const greedy = packGreedily(groupItems(items, [size], [1], 20_000).up);
  console.log(
    `| ${name} | ${items.count} | ${percent(greedy.cost / packing.bound - 1)} | ${percent(packing.gap)} (${packing.cost} workers, at least ${packing.bound}) | ${reach} % | ${packing.boundBy} | ${packing.rule} | ${cpuS.toFixed(1)} s, ${wallS.toFixed(1)} s |`,
  );
}

/** All come at once, and end one by one in the order of their ends. */
function online(policy: 'throughput' | 'latency', workers: number): void {
  const items = encodes(250_000, 40);
  const ends = items.durationS.map((duration) => duration * Math.exp(0.3 * normal()));
  let cpuUs = 0;
  let wallMs = 0;
  const timed = (work: () => void) => {
    const [cpu, wall] = [process.cpuUsage(), performance.now()];
    work();
    const used = process.cpuUsage(cpu);
    cpuUs += used.user + used.system;
    wallMs += performance.now() - wall;
  };
  const order: number[] = [];
  let placer!: ReturnType<typeof createPlacer>;
  timed(() => {
    placer = createPlacer(items, [WORKER], { policy });
    for (let worker = 0; worker < workers; worker++) placer.addWorker(0);
    placer.addItems(0, items.count);
    placer.place(0, (item) => order.push(item));
  });
  // A ring of what runs stands in for a clock: the bench is of the placer, and a queue of ends would cost as much again.
  let nowS = 0;
  for (let at = 0; at < order.length;) {
    const until = Math.min(order.length, at + 1000);
    timed(() => {
      for (; at < until; at++) {
        nowS += ends[order[at]!]! / 1e4;
        placer.finish(order[at]!, false);
        placer.place(nowS, (item) => order.push(item));
      }
    });
  }
  if (order.length !== items.count || placer.waiting > 0) throw new Error('not all were placed');
  console.log(
    `| ${policy}, ${workers} workers | ${(cpuUs / 1e6).toFixed(2)} s | ${(wallMs / 1000).toFixed(2)} s | 2 s |`,
  );
}

/** Chunks of an encoding farm: rungs of codecs with a few threads each, memory by picture size and codec, durations by class and chance. */
function encodes(count: number, classes: number): WorkItems {
  const kinds = Array.from({ length: classes }, () => {
    const large = uniform();
    const threads = 1 + Math.floor(8 * large ** 1.3 * (0.6 + 0.4 * uniform()));
    const memory = (0.2 + 5.8 * large ** 1.5 * (0.4 + 0.6 * uniform())) * GIB;
    return {
      need: [Math.min(8, threads), memory, 0, 0],
      medianS: 15 + 120 * uniform() ** 2,
      often: 0.1 + uniform() ** 2,
    };
  });
  const all = kinds.reduce((sum, { often }) => sum + often, 0);
  const items = vectors(count, () => 0);
  for (let item = 0; item < count; item++) {
    let drawn = uniform() * all;
    const kind = kinds.find(({ often }) => (drawn -= often) < 0) ?? kinds[0]!;
    items.need.set(kind.need, item * RESOURCES.length);
    items.durationS[item] = kind.medianS * Math.exp(0.4 * normal());
    items.title[item] = Math.floor((item / count) * 100);
  }
  return items;
}

function vectors(count: number, one: () => number): WorkItems {
  return {
    count,
    need: Float64Array.from({ length: count * RESOURCES.length }, one),
    durationS: new Float64Array(count).fill(1),
    deadlineS: new Float64Array(count).fill(Infinity),
    priority: new Int16Array(count),
    title: new Int32Array(count),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
