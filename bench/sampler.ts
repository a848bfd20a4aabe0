// What the sampler costs: CPU of a process that does nothing but sample the host and a tree of 20 processes, less that of
// a process that does nothing; and what GPUs and power add to it, on a host of files: the drivers' own share is not in it.
// Run: node --conditions=encodelab-source bench/sampler.ts

import os from 'node:os';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSampler } from '#measure/sampler';
import { runChild, startChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { fakeHost, type FakeHost } from '../test/measure/fake-host.ts';
import { amdgpuFdinfo, i915Fdinfo, intelObject, NVIDIA_LINE } from '../test/measure/gpu-formats.ts';

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

const [role, root, folder] = process.argv.slice(2);
if (role === undefined) await compare();
else console.log(JSON.stringify(await measure(Number(role), Number(root), folder)));

/**
 * In a process of its own: samples at an interval, or with 0 just waits.
 * @param at the folder of a host of files; the real host without one
 */
async function measure(intervalMs: number, pid: number, at?: string): Promise<Cost> {
  let rows = 0;
  const place =
    at === undefined
      ? {}
      : { proc: `${at}/proc`, sys: `${at}/sys`, dev: `${at}/dev`, path: `${at}/bin`, clock: monotonicUs };
  const sampler =
    intervalMs === 0
      ? null
      : startSampler({
          agent: 'bench',
          intervalMs,
          place,
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
  const hosts = [hostOfFiles(tree.pid!, false), hostOfFiles(tree.pid!, true)] as const;
  const pairs = new Map<number, [Cost[], Cost[]]>(TARGETS.map(({ intervalMs }) => [intervalMs, [[], []]]));
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [intervalMs, [without, withGpus]] of pairs) {
      without.push(await costOf(intervalMs, tree.pid!, hosts[0].folder));
      withGpus.push(await costOf(intervalMs, tree.pid!, hosts[1].folder));
    }
  }
  tree.kill();
  await tree.result;
  for (const host of hosts) host.remove();

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
  console.log(
    '\n| interval | indicators | with three GPUs, their clients and RAPL | ratio of CPU (median of pairs) | spread |',
  );
  console.log('|---|---|---|---|---|');
  for (const [intervalMs, [without, withGpus]] of pairs) {
    const ratios = withGpus.map((cost, i) => (cost.cpuS - idleS) / (without[i]!.cpuS - idleS));
    const share = (costs: readonly Cost[]) => `${((median(costs.map((cost) => cost.cpuS)) - idleS) / SECONDS) * 100}`;
    console.log(
      `| ${intervalMs} ms | ${without[0]!.indicators} | ${withGpus[0]!.indicators}: ${Number(share(without)).toFixed(2)} % to ${Number(share(withGpus)).toFixed(2)} % of a core | ${median(ratios).toFixed(2)} | ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} |`,
    );
  }
  console.log(`\nAn idle process used ${(idleS * 1000).toFixed(0)} ms in ${SECONDS} s; it is taken off.`);
}

/** This host, with links to its own files, and GPUs and power counters that are files where `gpus`. */
function hostOfFiles(tree: number, gpus: boolean): FakeHost {
  const host = fakeHost();
  for (const file of ['stat', 'meminfo', 'pressure', 'diskstats', 'net', 'cpuinfo', 'self']) {
    host.link(`proc/${file}`, `/proc/${file}`);
  }
  for (const folder of ['devices', 'block', 'class/net']) host.link(`sys/${folder}`, `/sys/${folder}`);
  const pids = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && (name === String(tree) || isChild(name, tree)),
  );
  for (const pid of pids) {
    host.link(`proc/${pid}/stat`, `/proc/${pid}/stat`);
    host.link(`proc/${pid}/io`, `/proc/${pid}/io`);
    for (const descriptor of [0, 1, 2]) host.link(`proc/${pid}/fd/${descriptor}`, '/dev/null');
  }
  if (!gpus) return host;
  host.openDevice(tree, 5, i915Fdinfo(1000, 1000));
  host.openDevice(tree, 6, amdgpuFdinfo(1000, 1000, 1000), 'dri/renderD129');
  host.take('sys/devices');
  host.link('sys/devices/system', '/sys/devices/system');
  host.card('card0', 'i915', '0000:00:02.0', '0x8086', { gt_act_freq_mhz: '1300\n' });
  host.card('card1', 'amdgpu', '0000:0a:00.0', '0x1002', {
    'device/gpu_busy_percent': '37\n',
    'device/mem_busy_percent': '12\n',
    'device/mem_info_vram_used': '1234567168\n',
    'device/hwmon/hwmon3/freq1_input': '1187000000\n',
    'device/hwmon/hwmon3/power1_average': '74000000\n',
    'device/hwmon/hwmon3/temp1_input': '53000\n',
  });
  host.write('dev/nvidia0', '');
  host.write('bin/object', `${intelObject(30)},\n`);
  host.program('intel_gpu_top', `while :; do cat ${host.folder}/bin/object; sleep 0.1; done`);
  host.program('nvidia-smi', `while :; do echo "${NVIDIA_LINE}"; sleep 0.2; done`);
  for (const [zone, name] of [
    ['intel-rapl:0', 'package-0'],
    ['intel-rapl:0:0', 'core'],
    ['intel-rapl:0:1', 'dram'],
    ['intel-rapl:1', 'psys'],
  ] as const) {
    host.write(`sys/class/powercap/${zone}/name`, `${name}\n`);
    host.write(`sys/class/powercap/${zone}/energy_uj`, '123456789\n');
  }
  return host;
}

function isChild(pid: string, parent: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1] === String(parent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}

async function costOf(intervalMs: number, pid: number, at?: string): Promise<Cost> {
  const self = fileURLToPath(import.meta.url);
  const args = [
    '--conditions=encodelab-source',
    self,
    String(intervalMs),
    String(pid),
    ...(at === undefined ? [] : [at]),
  ];
  const { code, stdout, stderr } = await runChild(process.execPath, args);
  if (code !== 0) throw new Error(`the sampling process ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Cost;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
