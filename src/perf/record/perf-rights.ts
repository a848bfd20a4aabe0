// What this user may profile here: found out by trying, once.

import { readFileSync } from 'node:fs';
import { USUAL_PROFILE, type ProfileWanted } from '#core/profile';
import { runChild } from '#system/child-process';
import { eventArguments } from './perf-arguments.ts';

/** A trial takes a second: taking the scheduler's events out of the kernel again does. */
const TRIAL_MS = 20_000;
const INSTALL = 'sudo apt-get install linux-perf';
const PARANOID = '/proc/sys/kernel/perf_event_paranoid';
/** Perf's own words for what it may not read. */
const NO_TRACEFS = /can't access trace events|No permissions to read (\S*tracing)/;

export interface PerfRights {
  /** `perf 6.1.192`; null where there is no perf. */
  readonly tool: string | null;
  /** Whether anything can be recorded at all, and what: all CPUs, or own processes only. */
  readonly scope: 'system' | 'processes' | 'none';
  /** Why the scheduler can't be watched; null where it can. */
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
  const whole = await attempt('system', true);
  if (whole === null) return { tool, scope: 'system', noSwitches: null, absent: [] };
  if ((await attempt('system', false)) === null)
    return { tool, scope: 'system', noSwitches: `scheduler events: ${reasonOf(whole)}`, absent: [] };
  const own = await attempt('own', false);
  if (own !== null)
    return { tool, scope: 'none', noSwitches: own, absent: [`perf may record nothing here: ${reasonOf(own)}`] };
  return {
    tool,
    scope: 'processes',
    noSwitches: 'scheduler events: what allows all processes allows them',
    absent: [
      `other processes, idle CPUs, the share of samples that were lost: ${reasonOf(whole)}`,
      ...(paranoid() >= 2 ? ['functions of the kernel: what allows all processes allows them'] : []),
    ],
  };
}

/** Null where it works, else what perf said. */
async function attempt(scope: 'system' | 'own', switches: boolean): Promise<string | null> {
  const wanted: ProfileWanted = { ...USUAL_PROFILE, switches };
  const args = [...eventArguments(wanted, scope === 'system'), '--output', '-', '--', 'true'];
  const { code, end, stderr } = await runChild('perf', args, { timeoutMs: TRIAL_MS, tailBytes: 8192 });
  return code === 0 ? null : stderr.trim() || end;
}

/** In one line, with the line that would allow it where that is known. */
function reasonOf(said: string): string {
  const level = paranoid();
  if (NO_TRACEFS.test(said) && level <= 0)
    return 'this user may not read tracefs: sudo mount -o remount,mode=755 /sys/kernel/tracing';
  if (level > -1 && process.getuid?.() !== 0)
    return (
      `perf_event_paranoid is ${level}: ` +
      'sudo sysctl kernel.perf_event_paranoid=-1 && sudo mount -o remount,mode=755 /sys/kernel/tracing'
    );
  return `${firstLine(said)} (in a container: it needs the capability PERFMON, or SYS_ADMIN)`;
}

function paranoid(): number {
  try {
    return Number(readFileSync(PARANOID, 'latin1'));
  } catch (error) {
    if (error instanceof Error) return Number.NaN;
    throw error;
  }
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '' && line !== 'Error:') ?? 'no reason was told'
  );
}
