// The header of a profile that perf took.

import type { ProfileHeader } from '#core/profile';
import { someRecorded } from '#profile/lost-words';
import type { PerfDataReader } from '../perf-data/perf-data-reader.ts';
import { TRACEPOINT, type PerfEvent } from '../perf-data/perf-event.ts';
import { SAMPLE } from '../perf-data/record-types.ts';
import { isCpuEvent, isThinned, measuresCpuTime } from './event-roles.ts';

/** clock_gettime(2). */
const CLOCK_MONOTONIC = 1;
/** Of perf record: all CPUs, or chosen ones whoever runs on them. */
const ALL_CPUS = /^(-a|--all-cpus|-C.*|--cpu(=.*)?)$/;
const CPU_CLOCK = 'cpu-clock';

/** What was seen of a recording beside its header. */
export interface PerfFacts {
  readonly file: string | null;
  readonly reader: PerfDataReader | null;
  readonly startNs: number;
  readonly endNs: number;
  readonly cpusSeen: ReadonlySet<number>;
  /** Idle CPUs have samples. */
  readonly idleSeen: boolean;
  readonly lost: number | null;
  readonly lostEvents?: number | undefined;
  readonly throttled: number;
  /** Samples of events that a profile has no place for, by the event's name. */
  readonly leftOut: ReadonlyMap<string, number>;
  readonly remarks: readonly string[];
}

export function perfHeader(facts: PerfFacts): Omit<ProfileHeader, 'version'> {
  const { reader } = facts;
  const events = reader?.events ?? [];
  const event = events.find((one) => isCpuEvent(one, events));
  const isTimed = facts.endNs > 0;
  const clock = event?.clock === CLOCK_MONOTONIC ? 'monotonic' : 'own';
  const version = reader?.features.version ?? null;
  return {
    tool: version === null ? 'perf' : `perf ${version}`,
    file: facts.file,
    clock: isTimed ? clock : 'none',
    startNs: facts.startNs,
    endNs: facts.endNs,
    frequencyHz: event?.frequencyHz ?? null,
    weightUnit: 'ns',
    sampleNs: event === undefined ? null : sampleNs(event),
    cpus: watchedCpus(facts),
    scope: isSystemWide(facts, event) ? 'system' : 'processes',
    stacks: stacksOf(event),
    lost: facts.lost,
    ...(facts.lostEvents === undefined ? {} : { lostEvents: facts.lostEvents }),
    throttled: facts.throttled,
    overheadCpuS: null,
    absent: absentOf(facts, event),
    quality: [],
  };
}

/** A clock's period is time; with a frequency each sample stands for about as much time. */
function sampleNs(event: PerfEvent): number | null {
  if (event.frequencyHz !== null) return event.frequencyHz > 0 ? 1e9 / event.frequencyHz : null;
  return /^(cpu|task)-clock/.test(event.name) ? event.period : null;
}

/** No kernel of Linux has more; a file that tells of more is damaged. */
const MAX_CPUS = 8192;

function watchedCpus({ reader, cpusSeen }: PerfFacts): number[] {
  const chosen = (reader?.features.commandLine ?? []).some((word) => /^(-C|--cpu)/.test(word));
  const told = reader?.features.cpusOnline ?? 0;
  const online = chosen || told > MAX_CPUS ? 0 : told;
  const all = new Set(cpusSeen);
  all.delete(-1);
  // Numbers with gaps say that some are offline: then those that were seen are all that is known.
  if ([...all].every((cpu) => cpu < online)) for (let cpu = 0; cpu < online; cpu++) all.add(cpu);
  return [...all].sort((a, b) => a - b);
}

/** Only a clock's samples come from idle CPUs too. */
function isSystemWide({ reader, idleSeen }: PerfFacts, event: PerfEvent | undefined): boolean {
  if (idleSeen) return true;
  const command = reader?.features.commandLine ?? [];
  const record = command.slice(0, command.indexOf('--') + 1 || command.length);
  return event !== undefined && event.name.startsWith(CPU_CLOCK) && record.some((word) => ALL_CPUS.test(word));
}

function stacksOf(event: PerfEvent | undefined): ProfileHeader['stacks'] {
  if (event === undefined) return 'none';
  if (event.has(SAMPLE.userStack)) return 'dwarf';
  if (event.has(SAMPLE.callchain)) return 'frame-pointers';
  return 'none';
}

function absentOf({ reader, leftOut, remarks }: PerfFacts, event: PerfEvent | undefined): string[] {
  const absent = [...remarks];
  if (event?.has(SAMPLE.userStack)) {
    absent.push(
      'Callers outside the kernel: their stacks were kept as bytes (--call-graph dwarf), which are not unwound here. Record with --call-graph fp, or import what `perf script` writes.',
    );
  }
  if (event?.has(SAMPLE.branchStack)) absent.push('Branch records: they are passed over.');
  const events = reader?.events ?? [];
  if (events.some(({ type, config }) => type === TRACEPOINT && !reader!.traceFormats.has(config))) {
    absent.push('Scheduler events: the file does not carry their formats.');
  }
  const thinned = new Set(events.filter(isThinned).map(({ name }) => name));
  if (thinned.size > 0) absent.push(someRecorded(thinned));
  for (const [name, count] of leftOut) {
    if (thinned.has(name)) continue;
    const isOtherClock = event !== undefined && events.some((one) => one.name === name && measuresCpuTime(one));
    const reason = isOtherClock
      ? `are left out: ${event.name} is read, and its samples tell the same time`
      : 'are not samples of CPU time';
    absent.push(`Event ${name}: its ${count} samples ${reason}.`);
  }
  if (reader !== null && reader.damagedRecords > 0) absent.push(`${reader.damagedRecords} damaged records.`);
  return absent;
}
