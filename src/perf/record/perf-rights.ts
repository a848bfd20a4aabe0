// What this user may profile here: found out by trying, once.

import { closeSync, openSync, readSync } from 'node:fs';
import { USUAL_PROFILE, type ProfileWanted } from '#core/profile';
import { runChild } from '#system/child-process';
import {
  firstLine,
  noKernelFunctions,
  noKernelNames,
  noSchedulerEvents,
  nothingRecorded,
  onlyOwnProcesses,
  type RightsFacts,
} from './missing-rights.ts';
import { eventArguments } from './perf-arguments.ts';

/** A trial takes a second: taking the scheduler's events out of the kernel again does. */
const TRIAL_MS = 20_000;
const INSTALL = 'sudo apt-get install linux-perf';
const SETTINGS = '/proc/sys/kernel';
const KERNEL_NAMES = '/proc/kallsyms';

export interface PerfRights {
  /** `perf 6.1.192`; null where there is no perf. */
  readonly tool: string | null;
  /** Whether anything can be recorded at all, and what: all CPUs, or own processes only. */
  readonly scope: 'system' | 'processes' | 'none';
  /** Why the scheduler can't be watched, with the line that would allow it; null where it can. */
  readonly noSwitches: string | null;
  /** What else can't be had, why, and the line that would allow it. */
  readonly absent: readonly string[];
}

const known = new Map<string, Promise<PerfRights>>();

/** Never throws for what it finds; asked again it knows. */
export function perfRights(): Promise<PerfRights> {
  const path = process.env['PATH'] ?? '';
  const rights = known.get(path) ?? findRights();
  known.set(path, rights);
  return rights;
}

async function findRights(): Promise<PerfRights> {
  const version = await runChild('perf', ['--version'], { timeoutMs: TRIAL_MS });
  if (version.code !== 0) {
    const why =
      version.end === 'not-started' ? 'perf is not installed' : `perf does not run (${firstLine(version.stderr)})`;
    return { tool: null, scope: 'none', noSwitches: why, absent: [`${why}: ${INSTALL}`] };
  }
  const tool = version.stdout.trim().replace(' version ', ' ');
  const facts = readFacts();
  const names = areNamesHidden() ? [noKernelNames(facts)] : [];
  const whole = await attempt('system', true);
  if (whole === null) return { tool, scope: 'system', noSwitches: null, absent: names };
  const noSwitches = noSchedulerEvents(whole, facts);
  const system = await attempt('system', false);
  if (system === null) return { tool, scope: 'system', noSwitches, absent: names };
  const own = await attempt('own', false);
  if (own !== null) return { tool, scope: 'none', noSwitches, absent: [nothingRecorded(own, facts)] };
  const noKernel = noKernelFunctions(facts);
  const kernel = noKernel === null ? names : [noKernel];
  return { tool, scope: 'processes', noSwitches, absent: [onlyOwnProcesses(system, facts), ...kernel] };
}

/** Null where it works, else what perf said. */
async function attempt(scope: 'system' | 'own', switches: boolean): Promise<string | null> {
  const wanted: ProfileWanted = { ...USUAL_PROFILE, switches };
  const args = [...eventArguments(wanted, scope === 'system'), '--output', '-', '--', 'true'];
  const { code, end, stderr } = await runChild('perf', args, { timeoutMs: TRIAL_MS, tailBytes: 8192 });
  return code === 0 ? null : stderr.trim() || end;
}

function readFacts(): RightsFacts {
  return {
    paranoid: Number(startOf(`${SETTINGS}/perf_event_paranoid`) ?? Number.NaN),
    kptrRestrict: Number(startOf(`${SETTINGS}/kptr_restrict`) ?? Number.NaN),
    isRoot: process.getuid?.() === 0,
  };
}

/** Where they are hidden all are 0. */
function areNamesHidden(): boolean {
  return /^0+ /.test(startOf(KERNEL_NAMES) ?? '0 ');
}

/** The first bytes of a file; null where it can't be read. */
function startOf(path: string): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const bytes = Buffer.alloc(64);
    return bytes.toString('latin1', 0, readSync(file, bytes));
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  } finally {
    if (file !== null) closeSync(file);
  }
}
