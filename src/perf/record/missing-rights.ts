// What this user may not record, in sentences: what is not seen, why, and the one line that allows it. What the settings mean:
// Documentation/admin-guide/sysctl/kernel.rst and perf-security.rst of Linux.

/** Settings of this system that decide. */
export interface RightsFacts {
  /** kernel.perf_event_paranoid: -1 allows all, from 1 on no whole CPUs, from 2 on nothing of the kernel; NaN where it can't be read. */
  readonly paranoid: number;
  /** kernel.kptr_restrict: 0 shows addresses of the kernel to who may profile it, 1 to the privileged, 2 to nobody; NaN where it can't be read. */
  readonly kptrRestrict: number;
  readonly isRoot: boolean;
}

const ALL = 'sudo sysctl kernel.perf_event_paranoid=-1';
const TRACEFS = 'sudo mount -o remount,mode=755 /sys/kernel/tracing';
const CONTAINER = 'docker run --cap-add PERFMON';
/** Perf's own words for what it may not read. */
const NO_TRACEFS = /can't access trace events|No permissions to read (\S*tracing)/;

/** @param said what perf said */
export function nothingRecorded(said: string, facts: RightsFacts): string {
  return sentence('Perf may record nothing here', said, facts);
}

/** @param said what perf said */
export function onlyOwnProcesses(said: string, facts: RightsFacts): string {
  return sentence('Other processes and idle CPUs are not seen, nor how many samples are missing', said, facts);
}

/** @param said what perf said */
export function noSchedulerEvents(said: string, facts: RightsFacts): string {
  const what = "The scheduler's events are not seen";
  if (!NO_TRACEFS.test(said)) return sentence(what, said, facts, `${ALL} && ${TRACEFS}`);
  const why = 'this user may not read tracefs';
  if (facts.isRoot || facts.paranoid <= -1) return allowed(what, why, TRACEFS);
  return allowed(what, `${why}, and ${level(facts)}`, `${ALL} && ${TRACEFS}`);
}

/** Null where the kernel's functions are recorded. */
export function noKernelFunctions(facts: RightsFacts): string | null {
  if (facts.isRoot || !(facts.paranoid >= 2)) return null;
  const line = 'sudo sysctl kernel.perf_event_paranoid=1 kernel.kptr_restrict=0';
  return allowed("The kernel's functions are not seen", level(facts), line);
}

/** For who sees the kernel's functions, but none of their addresses in /proc/kallsyms. */
export function noKernelNames(facts: RightsFacts): string {
  const why = Number.isNaN(facts.kptrRestrict)
    ? 'their addresses are hidden'
    : `their addresses are hidden (kernel.kptr_restrict is ${facts.kptrRestrict})`;
  const more = facts.isRoot || facts.paranoid <= 1 ? '' : ' kernel.perf_event_paranoid=1';
  return allowed("The kernel's functions have no names", why, `sudo sysctl kernel.kptr_restrict=0${more}`);
}

function sentence(what: string, said: string, facts: RightsFacts, line = ALL): string {
  if (!facts.isRoot && facts.paranoid > -1) return allowed(what, level(facts), line);
  return allowed(what, `perf says "${firstLine(said)}", as it does in a container that may not profile`, CONTAINER);
}

/** The line stands at the end, without a full stop, so that it can be copied. */
function allowed(what: string, why: string, line: string): string {
  return `${what}: ${why}. This allows it: ${line}`;
}

function level({ paranoid }: RightsFacts): string {
  return `kernel.perf_event_paranoid is ${paranoid}`;
}

/** The first that says anything. */
export function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '' && line !== 'Error:') ?? 'no reason was told'
  );
}
