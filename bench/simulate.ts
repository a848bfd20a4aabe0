// How long a simulation of a million items on 100,000 cores takes, and how much memory.
//   npm run bench simulate [ITEMS]

import { cpus } from 'node:os';
import { parseFleet } from '#farm/simulate/fleet';
import { parseWorkload } from '#farm/simulate/parse-workload';
import { drawnWork, simulateWork, type Setup } from '#farm/simulate/simulate-seeds';

const ITEMS = Number(process.argv[2] ?? 1_000_000);
const CLASSES = `
classes:
  x264-480p: {duration: {median: 12s, spread: 0.4}, cpu: 2, memory: {median: 350MB, spread: 0.1}}
  x264-1080p: {duration: {median: 45s, spread: 0.5}, cpu: 4, memory: {median: 1.1GB, spread: 0.1}}
  vp9-1080p: {duration: {median: 2m, spread: 0.5}, cpu: 4, memory: {median: 1GB, spread: 0.15}}
  av1-1080p: {duration: {median: 90s, spread: 0.6}, cpu: 6, memory: {median: 2.4GB, spread: 0.2}}
`;
const ERRORS = 'prediction: {duration: 0.3, cpu: 0.1, memory: 0.2}\nworkers: {start: 90s, failures: 0.01}';
const C16 = '6250*c16:16cpu,32GB,0.68/h';

/** Items of each of the four classes for every title. */
const stage = (count: number) =>
  `{${['x264-480p', 'x264-1080p', 'vp9-1080p', 'av1-1080p'].map((name) => `${name}: ${count}`).join(', ')}}`;
const BURST = `titles: [{stages: [${stage(Math.round(ITEMS / 4))}]}]`;
const CATALOGUE = `titles: [{count: 10000, spread: 0.5, arrivals: every 1s, stages: [${stage(Math.round(ITEMS / 40_000))}]}]`;

console.log(
  `| ${ITEMS.toLocaleString('en')} items, ${cpus().length} × ${cpus()[0]!.model} | wall s | CPU s | memory MB | utilisation | gap |\n|---|--:|--:|--:|--:|--:|`,
);
row('one burst on 6,250 workers of 16 cores, all predicted exactly', BURST, C16);
row('the same with prediction errors, start-up and failures', `${ERRORS}\n${BURST}`, C16);
row('the same, policy latency', `policy: latency\n${ERRORS}\n${BURST}`, C16);
row('10,000 titles, one a second, with errors and failures', `${ERRORS}\n${CATALOGUE}`, C16);
row('one burst with errors on 16,667 workers of 6 cores', `${ERRORS}\n${BURST}`, '16667*c6:6cpu,12GB,0.25/h');

function row(what: string, yaml: string, fleet: string): void {
  const workload = parseWorkload(CLASSES + yaml, 'bench.yaml');
  const setup: Setup = { workload, fleet: parseFleet(fleet), policy: workload.policy, shapes: new Map() };
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = simulateWork(setup, drawnWork(setup, 1), 1);
  const wallS = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (result.ended !== result.items) throw new Error(`${result.items - result.ended} items did not end`);
  const figures = [wallS.toFixed(1), ((user + system) / 1e6).toFixed(1), (process.memoryUsage().rss / 1e6).toFixed(0)];
  const shares = [result.used.cpu ?? NaN, result.gap].map((share) => `${(100 * share).toFixed(1)} %`);
  console.log(`| ${what} | ${[...figures, ...shares].join(' | ')} |`);
}
