// Facts about this machine that cost speed and that no metric of a run shows: for `doctor`. What can't be read is told as not known.

import { readdirSync } from 'node:fs';
import os from 'node:os';
import type { Check } from '#core/check';
import { containerLimits, ownCgroups, textOf } from './own-cgroup.ts';

/** A core below this share of its highest frequency runs slow. */
const SLOW_SHARE = 0.8;
/** With more of the periods throttled a quota is felt. */
const THROTTLED_SHARE = 0.01;

/**
 * Looks at frequency, huge pages, NUMA, SMT, quota and mitigations. Never throws for what it finds.
 * @param sys where /sys is, and `proc` where /proc is: for tests
 */
export function speedFacts(sys = '/sys', proc = '/proc'): Check[] {
  return [frequencyNow(sys, proc), hugePages(sys), numaNodes(sys), smt(sys), quota(), mitigations(sys)];
}

function frequencyNow(sys: string, proc: string): Check {
  const name = 'frequency now';
  const folder = `${sys}/devices/system/cpu`;
  const ofCores = foldersOf(folder, /^cpu\d+$/).flatMap((cpu) => {
    const now = numberIn(`${folder}/${cpu}/cpufreq/scaling_cur_freq`);
    const most = numberIn(`${folder}/${cpu}/cpufreq/cpuinfo_max_freq`);
    return now === null || most === null ? [] : [{ now, most }];
  });
  if (ofCores.length === 0) {
    const mhz = [...(textOf(`${proc}/cpuinfo`) ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)].map(([, value]) =>
      Number(value),
    );
    if (mhz.length === 0) return { name, ok: null, detail: 'not known: no cpufreq, and /proc/cpuinfo does not tell' };
    const detail = `${ghz(Math.min(...mhz) * 1000)} to ${ghz(Math.max(...mhz) * 1000)} says /proc/cpuinfo; the maximum is not known: no cpufreq`;
    return { name, ok: null, detail };
  }
  const most = Math.max(...ofCores.map((core) => core.most));
  const now = Math.max(...ofCores.map((core) => core.now));
  const allowed = Math.max(
    ...foldersOf(folder, /^cpu\d+$/).flatMap((cpu) => numberIn(`${folder}/${cpu}/cpufreq/scaling_max_freq`) ?? []),
    0,
  );
  const detail = `the fastest core runs at ${ghz(now)} of ${ghz(most)}`;
  if (allowed > 0 && allowed < SLOW_SHARE * most)
    return {
      name,
      ok: null,
      detail: `${detail}, and may run at ${ghz(allowed)}`,
      todo: `more is allowed by: cpupower frequency-set -u ${Math.round(most / 1000)}MHz`,
    };
  return now >= SLOW_SHARE * most
    ? { name, ok: true, detail }
    : {
        name,
        ok: null,
        detail,
        todo: 'an idle core is slow on purpose; if it stays so under load, look at cooling and power limits',
      };
}

function hugePages(sys: string): Check {
  const name = 'huge pages';
  const text = textOf(`${sys}/kernel/mm/transparent_hugepage/enabled`);
  const mode = /\[(\w+)\]/.exec(text ?? '')?.[1];
  if (mode === undefined) return { name, ok: null, detail: 'not known: this kernel has no transparent huge pages' };
  if (mode === 'always') return { name, ok: true, detail: 'transparent huge pages: always' };
  const who = mode === 'madvise' ? 'only for programs that ask for them, and most encoders do not' : 'for nobody';
  return {
    name,
    ok: null,
    detail: `transparent huge pages: ${mode}, ${who}`,
    todo: `4K encodes use gigabytes: try with echo always > ${sys}/kernel/mm/transparent_hugepage/enabled, and compare`,
  };
}

function numaNodes(sys: string): Check {
  const name = 'NUMA nodes';
  const nodes = foldersOf(`${sys}/devices/system/node`, /^node\d+$/);
  if (nodes.length === 0) return { name, ok: null, detail: 'not known' };
  if (nodes.length === 1) return { name, ok: true, detail: 'one: all memory is equally near' };
  return {
    name,
    ok: null,
    detail: `${nodes.length}: an encode whose threads are spread reads memory of another node`,
    todo: `one worker for each node: numactl --cpunodebind=0 --membind=0 …; libx265 has pools for it`,
  };
}

function smt(sys: string): Check {
  const name = 'SMT';
  const active = textOf(`${sys}/devices/system/cpu/smt/active`)?.trim();
  const siblings = textOf(`${sys}/devices/system/cpu/cpu0/topology/thread_siblings_list`)?.trim();
  if (active === undefined) return { name, ok: null, detail: 'not known' };
  if (active === '0') return { name, ok: true, detail: 'off: each CPU is a core, as far as this system is told' };
  return {
    name,
    ok: null,
    detail: `on: two CPUs are one core${siblings === undefined ? '' : ` (CPU 0 shares with ${siblings})`}, so ${os.cpus().length} CPUs busy do the work of fewer`,
    todo: 'count on 1.2 to 1.4 times the speed of one CPU from both: examples/scaling.yaml measures it',
  };
}

function quota(): Check {
  const name = 'CPU quota';
  const groups = ownCgroups();
  const { cpuQuota } = containerLimits(groups);
  if (groups === null) return { name, ok: null, detail: 'not known: no control groups' };
  if (cpuQuota === null) return { name, ok: true, detail: 'none' };
  const folder = (groups.unified ?? groups.cpu)?.folder;
  const stat = folder === undefined ? null : textOf(`${folder}/cpu.stat`);
  const periods = statOf(stat, 'nr_periods');
  const throttled = statOf(stat, 'nr_throttled');
  const threads = `threads: ${Math.max(1, Math.round(cpuQuota))} keeps an encode from being stopped in the middle of a period`;
  if (periods === null || throttled === null || periods === 0)
    return {
      name,
      ok: null,
      detail: `${cpuQuota} of ${os.cpus().length} CPUs; how often it was met is not known`,
      todo: threads,
    };
  const share = throttled / periods;
  const detail = `${cpuQuota} of ${os.cpus().length} CPUs; met in ${(share * 100).toFixed(1)} % of the periods so far`;
  return share <= THROTTLED_SHARE ? { name, ok: true, detail } : { name, ok: null, detail, todo: threads };
}

function mitigations(sys: string): Check {
  const name = 'mitigations';
  const folder = `${sys}/devices/system/cpu/vulnerabilities`;
  const files = filesOf(folder);
  if (files.length === 0) return { name, ok: null, detail: 'not known' };
  const active = files.filter((file) => /Mitigation:/.test(textOf(`${folder}/${file}`) ?? ''));
  if (active.length === 0) return { name, ok: true, detail: 'none active' };
  return {
    name,
    ok: null,
    detail: `active for ${active.join(', ')}: system calls and switches of threads cost more, plain computing does not`,
  };
}

function foldersOf(path: string, pattern: RegExp): string[] {
  return filesOf(path).filter((name) => pattern.test(name));
}

function filesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    // Not there, or not to be read: the caller tells that it is not known.
    return [];
  }
}

function numberIn(path: string): number | null {
  const value = Number(textOf(path)?.trim() || NaN);
  return value > 0 ? value : null;
}

function statOf(text: string | null, field: string): number | null {
  const value = new RegExp(`^${field} (\\d+)$`, 'm').exec(text ?? '')?.[1];
  return value === undefined ? null : Number(value);
}

function ghz(khz: number): string {
  return `${(khz / 1e6).toFixed(2)} GHz`;
}
