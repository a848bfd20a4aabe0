// Times of a recording's agents on its reference clock: what `clocks` says, and straight lines between.

import type { RecordingHeader } from '#core/recording';
import { PART_ROLES } from '#core/session';
import { readHeader, readTable } from './read-recording.ts';

export interface RecordedClocks {
  /** On the reference clock; NaN where that agent's clock was never known. */
  toReference(agent: string, timeUs: number): number;
  /** The largest bound of the error that was told, microseconds; NaN where its clock was never known. */
  errorUs(agent: string): number;
}

/**
 * What another comparison of the clocks tells of a time becomes less sure by so much a microsecond: quartz clocks drift by less
 * than 100 parts in a million of each other.
 */
export const CLOCK_DRIFT = 1e-4;
/** A comparison that is so many times less sure than others leave its time is passed over: the first after a start, mostly. */
export const CLOCK_DOUBT = 2;

interface ClockLine {
  readonly timeUs: number[];
  readonly offsetUs: number[];
  readonly errorUs: number[];
}

/** Where there is one agent and nothing about clocks, its clock is the reference: that of an encode. */
export async function readClocks(folder: string): Promise<RecordedClocks> {
  const [header, rows] = await Promise.all([readHeader(folder), readTable(folder, 'clocks')]);
  const lines = new Map<string, ClockLine>();
  for (const [row, agent] of rows.agent.entries()) {
    if (agent === null) continue;
    let line = lines.get(agent);
    if (line === undefined) lines.set(agent, (line = { timeUs: [], offsetUs: [], errorUs: [] }));
    line.timeUs.push(rows.time_us[row]!);
    line.offsetUs.push(rows.offset_us[row]!);
    line.errorUs.push(rows.error_us[row]!);
  }
  for (const [agent, line] of lines) lines.set(agent, withoutDoubtful(line));
  const only = lines.size === 0 && header.agents.length === 1 ? header.agents[0]!.name : null;
  return {
    toReference(agent, timeUs) {
      const line = lines.get(agent);
      if (line === undefined) return agent === only ? timeUs : NaN;
      // Whole microseconds: two times of one agent in the same moment are the same on any clock.
      return timeUs - Math.round(offsetAt(line, timeUs));
    },
    errorUs(agent) {
      const line = lines.get(agent);
      if (line === undefined) return agent === only ? 0 : NaN;
      return line.errorUs.reduce((most, errorUs) => Math.max(most, errorUs), 0);
    },
  };
}

/** In the order of time, without what others tell much better. */
function withoutDoubtful({ timeUs, offsetUs, errorUs }: ClockLine): ClockLine {
  const order = [...timeUs.keys()].toSorted((a, b) => timeUs[a]! - timeUs[b]!);
  const boundUs = new Map<number, number>();
  for (const way of [order, order.toReversed()]) {
    let bestUs = Infinity;
    let beforeUs = NaN;
    for (const row of way) {
      const agedUs = bestUs + CLOCK_DRIFT * Math.abs(timeUs[row]! - beforeUs);
      bestUs = bestUs === Infinity ? errorUs[row]! : Math.min(errorUs[row]!, agedUs);
      beforeUs = timeUs[row]!;
      boundUs.set(row, Math.min(boundUs.get(row) ?? Infinity, bestUs));
    }
  }
  const kept = order.filter((row) => errorUs[row]! <= CLOCK_DOUBT * boundUs.get(row)!);
  const pick = (column: readonly number[]) => kept.map((row) => column[row]!);
  return { timeUs: pick(timeUs), offsetUs: pick(offsetUs), errorUs: pick(errorUs) };
}

/** The agent whose clock a role's steps are timed with; null where there is none. */
export function agentOfRole(header: Pick<RecordingHeader, 'agents'>, role: string): string | null {
  const found = header.agents.find((agent) => agent.role === role);
  // Without an agent of its own a relay works on the sender's machine.
  return (found ?? header.agents.find((agent) => agent.role === PART_ROLES.sender))?.name ?? null;
}

/** Linear between two points, level before the first and after the last. */
function offsetAt({ timeUs, offsetUs }: ClockLine, at: number): number {
  let low = 0;
  let high = timeUs.length - 1;
  if (at <= timeUs[low]!) return offsetUs[low]!;
  if (at >= timeUs[high]!) return offsetUs[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (timeUs[middle]! <= at) low = middle;
    else high = middle;
  }
  const span = timeUs[high]! - timeUs[low]!;
  const share = span === 0 ? 0 : (at - timeUs[low]!) / span;
  return offsetUs[low]! + share * (offsetUs[high]! - offsetUs[low]!);
}
