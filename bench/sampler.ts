// What the sampler costs: CPU of a process that does nothing but sample the host and a tree of 20 processes, less that of
// a process that does nothing. Run: node --conditions=encodelab-source bench/sampler.ts

import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSampler } from '#measure/sampler';
import { runChild, startChild } from '#system/child-process';

const PROCESSES = 20;
const SECONDS = 12;
const REPEATS = 3;
/** Interval in ms and the most that may be used of one core, in per cent. */
const TARGETS = [
  { intervalMs: 100, percent: 1.5 },
  { intervalMs: 10, percent: 10 },
] as const;

interface Cost {
  readonly cpuS: number;
  readonly rows: number;
  readonly indicators: number;
}

const [role, root] = process.argv.slice(2);
if (role === undefined) await compare();
else console.log(JSON.stringify(await measure(Number(role), Number(root))));

/** In a process of its own: samples at an interval, or with 0 just waits. */
async function measure(intervalMs: number, pid: number): Promise<Cost> {
  let rows = 0;
  const sampler =
    intervalMs === 0
      ? null
      : startSampler({
          agent: 'bench',
          intervalMs,
          onBatch: (batch) => (rows += batch.value.length),
        });
  sampler?.follow(pid);
  await sleep(SECONDS * 1000);
  sampler?.stop();
  const { user, system } = process.cpuUsage();
  return { cpuS: (user + system) / 1e6, rows, indicators: sampler?.indicators.length ?? 0 };
}

async function compare(): Promise<void> {
  const program = `for i in $(seq ${PROCESSES - 1}); do sleep 1000 & done; wait`;
  const tree = startChild('sh', ['-c', program]);
  await sleep(500);
  const costs = new Map<number, Cost[]>([0, ...TARGETS.map((target) => target.intervalMs)].map((key) => [key, []]));
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [intervalMs, found] of costs) found.push(await costOf(intervalMs, tree.pid!));
  }
  tree.kill();
  await tree.result;

  const idleS = median(costs.get(0)!.map((cost) => cost.cpuS));
  console.log(
    `Sampler, tree of ${PROCESSES} processes, ${REPEATS} x ${SECONDS} s each, ${os.cpus()[0]?.model}, ${os.cpus().length} cores\n`,
  );
  console.log('| interval | indicators | values/s | CPU of one core (median) | spread | target |');
  console.log('|---|---|---|---|---|---|');
  for (const { intervalMs, percent } of TARGETS) {
    const found = costs.get(intervalMs)!;
    const shares = found.map((cost) => ((cost.cpuS - idleS) / SECONDS) * 100);
    const cells = [
      `${intervalMs} ms`,
      found[0]!.indicators,
      Math.round(median(found.map((cost) => cost.rows)) / SECONDS),
      `${median(shares).toFixed(2)} %`,
      `${Math.min(...shares).toFixed(2)} to ${Math.max(...shares).toFixed(2)} %`,
      `${percent} %: ${median(shares) <= percent ? 'met' : 'MISSED'}`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log(`\nAn idle process used ${(idleS * 1000).toFixed(0)} ms in ${SECONDS} s; it is taken off.`);
}

async function costOf(intervalMs: number, pid: number): Promise<Cost> {
  const self = fileURLToPath(import.meta.url);
  const args = ['--conditions=encodelab-source', self, String(intervalMs), String(pid)];
  const { code, stdout, stderr } = await runChild(process.execPath, args);
  if (code !== 0) throw new Error(`the sampling process ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Cost;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
