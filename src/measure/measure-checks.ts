// What can be measured on this host, and what a person can do to measure more: for `doctor`.

import { readFileSync } from 'node:fs';
import type { Check } from '#core/check';
import { monotonicUs, newId } from '#system/clock';
import { coresOf } from './cpu-time.ts';
import { gpuChecks } from './gpu/gpu-checks.ts';
import { codeOf } from './held-file.ts';
import { containerLimits, ownCgroups, textOf } from './own-cgroup.ts';
import { powerZones } from './power.ts';
import type { ProbePlace } from './probe.ts';
import { createRunGroup } from './run-group.ts';

/** More than this share of the time stolen since the start makes timings of this host doubtful. */
const STEAL_SHARE = 0.01;
/** Clocks that are read in user space in tens of nanoseconds. */
const FAST_CLOCKS = ['tsc', 'kvm-clock', 'arch_sys_counter', 'hyperv_clocksource_tsc_page'];

/**
 * Looks at everything that the probes need. Never throws for what it finds.
 * @param place where GPUs and power are looked for: for tests
 */
export async function measureChecks(place: Partial<ProbePlace> = {}): Promise<Check[]> {
  const path = process.env['PATH'] ?? '';
  const whole = { proc: '/proc', sys: '/sys', dev: '/dev', path, clock: monotonicUs, ...place };
  return [
    await cgroupAccounting(),
    procReadable(),
    pressure(),
    frequency(),
    power(whole),
    ...(await gpuChecks(whole)),
    steal(),
    clock(),
    limits(),
  ];
}

async function cgroupAccounting(): Promise<Check> {
  const name = 'cgroup accounting';
  const group = await createRunGroup(newId());
  const { accounting, reason } = group;
  const failure = await group.remove().then(
    () => null,
    (error: Error) => error.message,
  );
  if (failure !== null) return { name, ok: false, detail: failure };
  const because = reason === null ? '' : ` (${reason})`;
  if (accounting !== 'proc') return { name, ok: true, detail: `${accounting}: the CPU of a run is exact${because}` };
  return {
    name,
    ok: null,
    detail: `none: CPU and memory of a run come from /proc${because}`,
    todo: 'run as root, or in a delegated group: systemd-run --user --scope -p Delegate=yes …',
  };
}

function procReadable(): Check {
  const name = 'process counters';
  const failures = ['stat', 'self/stat', 'self/io'].flatMap((file) => {
    const failure = failureOf(`/proc/${file}`);
    return failure === null ? [] : [`/proc/${file}: ${failure}`];
  });
  if (failures.length === 0)
    return { name, ok: true, detail: '/proc/stat, /proc/PID/stat and /proc/PID/io can be read' };
  return {
    name,
    ok: false,
    detail: failures.join(', '),
    todo: 'CPU, memory and I/O of processes need Linux with /proc',
  };
}

function pressure(): Check {
  const name = 'pressure';
  const missing = ['cpu', 'memory', 'io'].filter((file) => failureOf(`/proc/pressure/${file}`) !== null);
  if (missing.length === 0) return { name, ok: true, detail: 'the kernel tells waiting for CPU, memory and I/O' };
  return {
    name,
    ok: null,
    detail: `/proc/pressure does not tell ${missing.join(', ')}`,
    todo: 'a kernel with CONFIG_PSI, started with psi=1',
  };
}

function frequency(): Check {
  const name = 'CPU frequency';
  const governor = textOf('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')?.trim();
  if (governor === undefined) {
    return { name, ok: null, detail: 'no cpufreq here (usual on a virtual machine): changes of frequency stay unseen' };
  }
  if (governor === 'performance') return { name, ok: true, detail: 'governor performance' };
  return {
    name,
    ok: null,
    detail: `governor ${governor}: the frequency follows the load, and timings with it`,
    todo: 'for steady timings: cpupower frequency-set -g performance',
  };
}

function power({ sys }: ProbePlace): Check {
  const name = 'power (RAPL)';
  const zones = powerZones(sys);
  if (zones.length === 0) {
    return { name, ok: null, detail: `no counter in ${sys}/class/powercap (usual on a virtual machine)` };
  }
  const failures = zones.flatMap((zone) =>
    zone.folders.flatMap((folder) => failureOf(`${folder}/energy_uj`) ?? []).slice(0, 1),
  );
  const names = zones.map((zone) => zone.name).join(', ');
  if (failures.length === 0) return { name, ok: true, detail: names };
  return {
    name,
    ok: null,
    detail: `${names}: ${failures.length} of ${zones.length} can't be read: ${failures[0]}`,
    todo: `run as root, or until the next start: sudo chmod a+r ${sys}/class/powercap/*/energy_uj`,
  };
}

function steal(): Check {
  const name = 'stolen time';
  const stat = textOf('/proc/stat');
  const ticks = stat === null ? null : (/^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number) ?? null);
  if (stat === null || ticks === null) return { name, ok: null, detail: '/proc/stat can not be read' };
  const total = ticks.slice(0, 8).reduce((sum, value) => sum + value, 0);
  const share = (ticks[7] ?? 0) / Math.max(1, total);
  const detail = `${(share * 100).toFixed(2)} % of the time of ${coresOf(stat).length} cores since the system started went to other guests`;
  if (share <= STEAL_SHARE) return { name, ok: true, detail };
  return { name, ok: null, detail, todo: 'repeat each cell more often, and watch cpu.steal' };
}

function clock(): Check {
  const name = 'clock';
  const source = textOf('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim();
  if (source === undefined) return { name, ok: null, detail: 'the source of the clock is not known' };
  if (FAST_CLOCKS.includes(source)) return { name, ok: true, detail: `clocksource ${source}` };
  return {
    name,
    ok: null,
    detail: `clocksource ${source}: reading the time takes microseconds, which a time of each frame feels`,
  };
}

function limits(): Check {
  const { cpuQuota, memoryLimit } = containerLimits(ownCgroups());
  const found = [
    ...(cpuQuota === null ? [] : [`${cpuQuota} cores`]),
    ...(memoryLimit === null ? [] : [`${(memoryLimit / 2 ** 30).toFixed(1)} GiB of memory`]),
  ];
  const name = 'container limits';
  if (found.length === 0) return { name, ok: true, detail: 'none on CPU or memory' };
  const detail = `this process may use ${found.join(' and ')}`;
  return cpuQuota === null
    ? { name, ok: true, detail }
    : { name, ok: null, detail: `${detail}: encoders see more cores than they get` };
}

/** Why a file can't be read; null where it can. Files of /proc may open and then refuse. */
function failureOf(path: string): string | null {
  try {
    readFileSync(path);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}
