// What each of a recording's events is for: CPU samples, the scheduler, or nothing that a profile holds.

import type { PerfDataReader } from '../perf-data/perf-data-reader.ts';
import { TRACEPOINT, type PerfEvent } from '../perf-data/perf-event.ts';
import type { TraceField } from '../perf-data/trace-formats.ts';

export type EventRole =
  | { readonly kind: 'cpu' }
  | { readonly kind: 'switch'; readonly previous: TraceField; readonly state: TraceField; readonly next: TraceField }
  | { readonly kind: 'wake'; readonly woken: TraceField }
  | { readonly kind: 'other' };

const OTHER: EventRole = { kind: 'other' };
const CPU: EventRole = { kind: 'cpu' };
const HARDWARE = 0;
const SOFTWARE = 1;

/** A clock, else cycles, else the first that counts anything: one kind of event, so that samples can be compared. */
export function isCpuEvent(event: PerfEvent, events: readonly PerfEvent[]): boolean {
  const best = RANKS.find((is) => events.some(is));
  if (best !== undefined) return best(event);
  return event === events.find(({ type, name }) => type !== TRACEPOINT && !name.startsWith('dummy'));
}

/** Of perf_event_attr: type and config (the low half: a hybrid CPU's kind of core stands in the high one). */
const RANKS: readonly ((event: PerfEvent) => boolean)[] = [
  ({ type, config }) => type === SOFTWARE && config === 0,
  ({ type, config }) => type === HARDWARE && config === 0,
  ({ type, config, name }) => (type === SOFTWARE && config === 1) || /(^|[/_-])cycles\b/.test(name),
];

/** Where samples of several such events are in a file those of one are read. */
export function measuresCpuTime(event: PerfEvent): boolean {
  return RANKS.some((is) => is(event));
}

/** Not each time that it happened: a frequency or a count was given for all events. */
export function isThinned(event: PerfEvent): boolean {
  return event.type === TRACEPOINT && event.period !== 1;
}

/** A tracepoint whose format is not there, or that was not recorded each time, is of no use. */
export function roleOf(event: PerfEvent, reader: PerfDataReader): EventRole {
  if (event.type !== TRACEPOINT) return isCpuEvent(event, reader.events) ? CPU : OTHER;
  if (isThinned(event)) return OTHER;
  const format = reader.traceFormats.get(event.config);
  if (format === undefined) return OTHER;
  const field = (name: string) => format.fields.get(name);
  if (format.name === 'sched:sched_switch') {
    const [previous, state, next] = [field('prev_pid'), field('prev_state'), field('next_pid')];
    if (previous !== undefined && state !== undefined && next !== undefined) {
      return { kind: 'switch', previous, state, next };
    }
  }
  const woken = field('pid');
  if (/^sched:sched_(wakeup|wakeup_new|waking)$/.test(format.name) && woken !== undefined)
    return { kind: 'wake', woken };
  return OTHER;
}
