import { expect, test } from 'vitest';
import {
  noKernelFunctions,
  noKernelNames,
  noSchedulerEvents,
  nothingRecorded,
  onlyOwnProcesses,
  type RightsFacts,
} from './missing-rights.ts';

/** What perf 6.1 says to a user without rights. */
const NO_TRACEFS = `event syntax error: 'sched:sched_switch'
                     \\___ can't access trace events

Error:\tNo permissions to read /sys/kernel/tracing/events/sched/sched_switch`;
const LIMITED = 'Error:\nAccess to performance monitoring and observability operations is limited.\nMore follows.';

const usual: RightsFacts = { paranoid: 2, kptrRestrict: 1, isRoot: false };
const root: RightsFacts = { paranoid: 2, kptrRestrict: 2, isRoot: true };

test('the usual user is told of each thing that is not seen, and the one line that allows it', () => {
  expect(onlyOwnProcesses(LIMITED, usual)).toBe(
    'Other processes and idle CPUs are not seen, nor how many samples are missing: kernel.perf_event_paranoid is 2. This allows it: sudo sysctl kernel.perf_event_paranoid=-1',
  );
  expect(noKernelFunctions(usual)).toBe(
    "The kernel's functions are not seen: kernel.perf_event_paranoid is 2. This allows it: sudo sysctl kernel.perf_event_paranoid=1 kernel.kptr_restrict=0",
  );
  expect(noSchedulerEvents(NO_TRACEFS, usual)).toBe(
    "The scheduler's events are not seen: this user may not read tracefs, and kernel.perf_event_paranoid is 2. This allows it: sudo sysctl kernel.perf_event_paranoid=-1 && sudo mount -o remount,mode=755 /sys/kernel/tracing",
  );
  expect(nothingRecorded(LIMITED, { ...usual, paranoid: 3 })).toBe(
    'Perf may record nothing here: kernel.perf_event_paranoid is 3. This allows it: sudo sysctl kernel.perf_event_paranoid=-1',
  );
});

test('who has one right is not told to take it again', () => {
  expect(noSchedulerEvents(NO_TRACEFS, { ...usual, paranoid: -1 })).toBe(
    "The scheduler's events are not seen: this user may not read tracefs. This allows it: sudo mount -o remount,mode=755 /sys/kernel/tracing",
  );
  expect(noKernelFunctions({ ...usual, paranoid: 1 })).toBeNull();
  expect(noKernelFunctions(root)).toBeNull();
  expect(noKernelNames({ ...usual, paranoid: 1 })).toBe(
    "The kernel's functions have no names: their addresses are hidden (kernel.kptr_restrict is 1). This allows it: sudo sysctl kernel.kptr_restrict=0",
  );
  expect(noKernelNames(usual)).toMatch(/: sudo sysctl kernel\.kptr_restrict=0 kernel\.perf_event_paranoid=1$/);
  expect(noKernelNames({ ...root, kptrRestrict: Number.NaN })).toBe(
    "The kernel's functions have no names: their addresses are hidden. This allows it: sudo sysctl kernel.kptr_restrict=0",
  );
});

test('where the settings allow it and perf still may not, its own words are told: it is a container', () => {
  expect(onlyOwnProcesses(LIMITED, root)).toBe(
    'Other processes and idle CPUs are not seen, nor how many samples are missing: perf says "Access to performance monitoring and observability operations is limited.", as it does in a container that may not profile. This allows it: docker run --cap-add PERFMON',
  );
  expect(nothingRecorded('', { ...usual, paranoid: Number.NaN })).toMatch(/perf says "no reason was told"/);
});
