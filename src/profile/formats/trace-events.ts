// Trace events (Google, "Trace Event Format"; Chrome, Perfetto's JSON and many tools write them): functions with a beginning and an end,
// or a CPU profile in pieces (Chrome's "ProfileChunk").

import type { Profile } from '#core/profile';
import { UserError } from '#core/user-error';
import { ProfileBuilder } from '../profile-builder.ts';
import { finishGiven } from './given-profile.ts';
import { isObject, listOf, numberOf, textOf, type JsonObject } from './json-values.ts';
import { isChunk, readProfileChunks } from './trace-profile-chunks.ts';
import { readTraceSamples } from './trace-samples.ts';
import { TraceSlices } from './trace-slices.ts';
import { TraceThreads } from './trace-threads.ts';

/** Both forms that the format has: a list, or an object with one. An empty list alone may be anything. */
export function isTraceEvents(value: unknown): boolean {
  const events = eventsOf(value);
  if (events?.length === 0) return !Array.isArray(value);
  return events !== null && events.some((event) => isObject(event) && typeof event['ph'] === 'string');
}

function eventsOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  return isObject(value) && Array.isArray(value['traceEvents']) ? value['traceEvents'] : null;
}

/**
 * Where there are samples (Chrome's pieces of a CPU profile, or those of the format) they are the profile; else events with a duration.
 * @throws UserError where nothing of it tells how long anything took
 */
export function readTraceEvents(value: unknown, file: string): Profile {
  const builder = new ProfileBuilder();
  const events = eventsOf(value)!.filter((event) => isObject(event));
  const threads = new TraceThreads(builder, events);
  const absent: string[] = [];
  const leftOut = (samples: string) => {
    const count = events.filter((event) => event['ph'] === 'X' || event['ph'] === 'B').length;
    if (count > 0)
      absent.push(`${count} events with a duration: they were left out, since the file has ${samples} besides`);
  };
  if (events.some((event) => isChunk(event))) {
    readProfileChunks(builder, events, threads, file);
    leftOut('a CPU profile');
  } else if (isObject(value) && listOf(value['samples']).length > 0) {
    readTraceSamples(builder, value, threads, file);
    leftOut('samples');
    return finishGiven(builder, { tool: 'trace events', file, clock: 'own', weightUnit: 'samples', absent });
  } else readSlices(builder, events, threads, file, absent);
  return finishGiven(builder, { tool: 'trace events', file, clock: 'own', weightUnit: 'ns', absent });
}

function readSlices(
  builder: ProfileBuilder,
  events: readonly JsonObject[],
  threads: TraceThreads,
  file: string,
  absent: string[],
): void {
  const slices = new TraceSlices(builder);
  for (const [i, event] of events.entries()) {
    const phase = event['ph'];
    if (phase !== 'X' && phase !== 'B' && phase !== 'E') continue;
    const timeUs = numberOf(event['ts']);
    if (Number.isNaN(timeUs))
      throw new UserError({
        what: `event ${i} has no time (ts)`,
        where: file,
        todo: 'The file is damaged: export it again.',
      });
    const thread = threads.of(event['pid'], event['tid']);
    if (phase === 'E') {
      slices.end(thread, timeUs);
      continue;
    }
    const called = builder.function(
      textOf(event['name']) ?? '(unnamed)',
      textOf(event['cat']) ?? '[trace]',
      'unknown',
      'given',
    );
    if (phase === 'B') slices.begin(thread, called, timeUs);
    // Without a duration it was still going on when the trace ended.
    else slices.add(thread, called, timeUs, numberOf(event['dur']));
  }
  const { unended, unbegun, clipped } = slices.finish();
  if (unended > 0) absent.push(`the end of ${unended} events: they are taken to go on to the end of their thread`);
  if (unbegun > 0) absent.push(`the beginning of ${unbegun} events: their ends were left out`);
  if (clipped > 0) absent.push(`${clipped} events: they end later than those that they are in, and were cut there`);
}
