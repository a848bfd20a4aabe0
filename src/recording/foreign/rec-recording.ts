// A `.rec` record as a recording of ours: no measurement is lost on the way. Pure.

import type { Indicator } from '#core/indicator';
import type { ClockRow, FrameBatch, MessageRow, RecordingAgent, SeriesBatch, StepBatch } from '#core/recording';
import { frameClock, offsetAt, type FrameClock } from '#analysis/frame-clock';
import { FRAME_COLUMNS, indicatorOf, TIME_FIELDS } from './rec-columns.ts';
import type { RecFile, RecTable } from './rec-file.ts';
import { framesOf, type RecFrames } from './rec-frames.ts';

/** Rows of `clocks` for an agent that drifts are so far apart. */
const CLOCK_STEP_US = 5_000_000;
const MAX_CLOCK_ROWS = 1_000;

export interface RecRecording {
  readonly agents: readonly RecordingAgent[];
  readonly indicators: readonly Indicator[];
  readonly frames: FrameBatch | null;
  readonly steps: readonly StepBatch[];
  readonly series: readonly SeriesBatch[];
  readonly messages: readonly MessageRow[];
  readonly clocks: readonly ClockRow[];
  /** The agent whose clock the others are told against. */
  readonly reference: string;
  /** First and last moment by the reference clock: microseconds of its wall clock. */
  readonly beganUs: number;
  readonly endedUs: number;
  readonly absent: readonly string[];
}

/** Null where no table has a row with a time. */
export function recordingOf(record: RecFile): RecRecording | null {
  const roles = [...new Set(record.tables.map(({ role }) => role))];
  const span = spanOf(record);
  if (span === null) return null;
  const found = framesOf(record);
  // The server wrote the messages down, by its clock.
  const reference = ['server', 'guest', 'client'].find((role) => roles.includes(role)) ?? roles[0]!;
  const links = found === null ? new Map<string, Link>() : linksOf(found, reference);
  const clocks = clockRows(links, reference, span);
  const offset = (role: string, timeUs: number) => {
    const link = links.get(role);
    return link === undefined ? 0 : link.offsetAt(timeUs);
  };
  const own = span.get(reference) ?? span.values().next().value!;
  const { indicators, series } = seriesOf(record, found, own.beganUs);
  const absent = [...links].map(([role, link]) => `clock of ${role}: ${link.words}`);
  for (const role of roles)
    if (role !== reference && !links.has(role))
      absent.push(`clock of ${role}: no frames tell how it stands to ${reference}`);
  if (links.size > 0)
    absent.push(
      'latency.error: latency and network.time are what was measured without the smallest delay between the machines; how much that is nobody told',
    );
  if (found !== null)
    absent.push('stream.drops: frames that ended on their way, and ticks that were not captured, were not told');
  if (found !== null && !found.encodeKnown)
    absent.push('encode: the sender told no time of it apart from capturing, which contains it');
  return {
    agents: roles.map((role) => ({ name: role, role, host: 'unknown' })),
    indicators,
    frames: found?.frames ?? null,
    steps: found?.steps ?? [],
    series,
    messages: messagesOf(record, own.beganUs, offset),
    clocks,
    reference,
    ...own,
    absent,
  };
}

interface Span {
  readonly beganUs: number;
  readonly endedUs: number;
}

/** First and last moment of each role, by its own clock. */
function spanOf({ tables }: RecFile): Map<string, Span> | null {
  const spans = new Map<string, Span>();
  for (const table of tables) {
    const times = timesOf(table)?.us.filter((time) => !Number.isNaN(time));
    if (times === undefined || times.length === 0) continue;
    const before = spans.get(table.role);
    spans.set(table.role, {
      beganUs: times.reduce((least, time) => Math.min(least, time), before?.beganUs ?? Infinity),
      endedUs: times.reduce((most, time) => Math.max(most, time), before?.endedUs ?? -Infinity),
    });
  }
  return spans.size === 0 ? null : spans;
}

/** Times of a table's rows, microseconds, and the field that they come from. */
function timesOf({ columns, fields }: RecTable): { readonly field: string; readonly us: Float64Array } | null {
  const field = fields.find((name) => TIME_FIELDS[name] !== undefined);
  if (field === undefined) return null;
  return { field, us: columns.get(field)!.map((value) => Math.round(value * TIME_FIELDS[field]!)) };
}

/** How a role's clock stands to the reference. */
interface Link {
  /** Its clock minus the reference, at a time of its own. */
  readonly offsetAt: (timeUs: number) => number;
  readonly errorUs: number;
  readonly words: string;
}

function linksOf({ sentUs, arrivedUs }: RecFrames, reference: string): Map<string, Link> {
  const links = new Map<string, Link>();
  const between = (from: string, to: string) => clockBetween(sentUs.get(from)!, arrivedUs.get(to)!);
  const words = (clock: FrameClock, from: string, to: string) =>
    `its offset contains the smallest delay from ${from} to ${to}, which frames alone don't tell; delays between them are those beyond the fastest frame's${
      clock.driftKnown ? `; drift ${(clock.drift * 1e6).toFixed(1)} ppm` : ''
    }`;
  /** `role` receives from the reference. */
  const receives = (role: string) => {
    const clock = between(reference, role);
    if (clock === null) return;
    // Its own time is some offset ahead of the time at which the line is asked.
    const offset = (timeUs: number) => offsetAt(clock, timeUs - clock.offsetUs);
    links.set(role, { offsetAt: offset, errorUs: clock.errorUs, words: words(clock, reference, role) });
  };
  if (reference === 'server') {
    const clock = between('guest', 'server');
    if (clock !== null)
      links.set('guest', {
        offsetAt: (timeUs) => -offsetAt(clock, timeUs),
        errorUs: clock.errorUs,
        words: words(clock, 'guest', 'server'),
      });
  }
  if (reference !== 'client') receives('client');
  return links;
}

/** From the frames that both saw. */
function clockBetween(sentUs: Float64Array, arrivedUs: Float64Array): FrameClock | null {
  const both = [...sentUs.keys()].filter((i) => !Number.isNaN(sentUs[i]!) && !Number.isNaN(arrivedUs[i]!));
  const pick = (from: Float64Array) => Float64Array.from(both, (i) => from[i]!);
  return frameClock(pick(sentUs), pick(arrivedUs));
}

function clockRows(links: ReadonlyMap<string, Link>, reference: string, spans: ReadonlyMap<string, Span>): ClockRow[] {
  const rows: ClockRow[] = [];
  for (const [agent, { beganUs, endedUs }] of spans) {
    const link = links.get(agent);
    if (agent === reference) rows.push({ agent, timeUs: beganUs, offsetUs: 0, errorUs: 0 });
    if (link === undefined) continue;
    const steps = Math.min(MAX_CLOCK_ROWS, Math.max(1, Math.ceil((endedUs - beganUs) / CLOCK_STEP_US)));
    for (let step = 0; step <= steps; step++) {
      const timeUs = Math.round(beganUs + ((endedUs - beganUs) * step) / steps);
      rows.push({ agent, timeUs, offsetUs: Math.round(link.offsetAt(timeUs)), errorUs: Math.ceil(link.errorUs) });
    }
  }
  return rows;
}

/** The newest come first in the file; one whose time nobody told stands behind the one before it. */
function messagesOf(record: RecFile, beganUs: number, offset: (role: string, timeUs: number) => number): MessageRow[] {
  const rows: MessageRow[] = [];
  let lastUs = beganUs;
  for (const { timeUs, source, text } of record.messages.toReversed()) {
    lastUs = timeUs ?? lastUs;
    rows.push({ timeUs: lastUs, source, text });
  }
  // Markers are messages too; the same one stands in every table.
  const known = new Set(rows.map(({ text }) => text));
  for (const table of record.tables)
    for (const { row, text } of table.markers) {
      const field = table.fields.findIndex((name) => TIME_FIELDS[name] !== undefined);
      const value = row[field] ?? null;
      if (known.has(text) || value === null) continue;
      known.add(text);
      const timeUs = value * TIME_FIELDS[table.fields[field]!]!;
      rows.push({ timeUs: Math.round(timeUs - offset(table.role, timeUs)), source: table.role, text });
    }
  return rows.toSorted((a, b) => a.timeUs - b.timeUs);
}

/** All columns that frames and steps do not hold; those of a table with rows of no known frame as a whole. */
function seriesOf(
  record: RecFile,
  found: RecFrames | null,
  beganUs: number,
): { indicators: Indicator[]; series: SeriesBatch[] } {
  const positions = new Map<string, number>();
  const indicators: Indicator[] = [];
  const series: SeriesBatch[] = [];
  for (const table of record.tables) {
    const name = `${table.role}.${table.name}`;
    const times = timesOf(table);
    const held = found === null || found.unmatched.has(name) ? [] : (FRAME_COLUMNS[name] ?? []);
    for (const field of table.fields) {
      const isHeld = held.includes(field) && !(field === 'encode_duration' && found?.encodeKnown === false);
      if (isHeld || (field === times?.field && table.fields.length > 1)) continue;
      const values = table.columns.get(field)!;
      const kept = [...values.keys()].filter(
        (row) => !Number.isNaN(values[row]!) && !Number.isNaN(times?.us[row] ?? 0),
      );
      if (kept.length === 0) continue;
      const { indicator, factor } = indicatorOf(table.role, table.name, field);
      const key = `${indicator.name} ${indicator.unit}`;
      const position = positions.get(key) ?? indicators.push(indicator) - 1;
      positions.set(key, position);
      series.push({
        agent: table.role,
        indicator: new Uint16Array(kept.length).fill(position),
        // Rows without a time stand at the beginning, in their order.
        timeUs: Float64Array.from(kept, (row) => times?.us[row] ?? beganUs + row),
        value: Float64Array.from(kept, (row) => values[row]! * factor),
      });
    }
  }
  return { indicators, series };
}
