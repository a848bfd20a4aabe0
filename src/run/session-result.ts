// What metrics of a stream are computed from, read from its finished recording: all times on the reference clock.

import type { RecordingHeader } from '#core/recording';
import { FRAME_TYPES, STEP_OUTCOMES } from '#core/recording';
import { PART_ROLES } from '#core/session';
import { roleOfFrames } from '#analysis/frame-teller';
import { isSummed } from '#analysis/role-means';
import type { JourneySteps, SessionColumns } from '#analysis/session-metrics';
import { agentOfRole, readClocks, type RecordedClocks } from '#recording/clocks';
import { readHeader, readSeries, readTable } from '#recording/read-recording';
import type { TableColumns } from '#recording/table-layout';
import { timeWeightedMean } from './time-weighted-mean.ts';

/** What is told of each frame, and what tells when it is shown. */
export const FRAME_COLUMNS = [
  'stream',
  'frame',
  'pts',
  'time_base_num',
  'time_base_den',
  'type',
  'key',
  'bytes',
  'quantizer',
] as const;
const STEP_COLUMNS = ['stream', 'frame', 'step', 'role', 'start_us', 'duration_us', 'busy_us', 'outcome'] as const;

/** The row of `phases` that tells from where to where a stream was recorded, on the reference clock. */
export const STREAM_PHASE = 'stream';

/** @throws UserError where the recording is damaged or has not ended */
export async function sessionColumns(folder: string): Promise<SessionColumns> {
  const header = await readHeader(folder);
  const clocks = await readClocks(folder);
  const streams: string[] = [];
  const rows = await readTable(folder, 'frames', { columns: FRAME_COLUMNS });
  const stream = streamPlaces(rows.stream, streams);
  const { steps, roles } = await stepColumns(folder, header, clocks, streams);
  const teller = roleOfFrames(new Set(steps.map(({ role, step }) => `${role} ${step}`)));
  // Of a stock SPICE server's frames nobody knows when they were captured.
  const sender = teller === PART_ROLES.sender ? agentOfRole(header, teller) : null;
  const toCaptureUs = (us: number) => (sender === null ? NaN : clocks.toReference(sender, us));
  const span = await recordedSpan(folder, steps, teller);
  return {
    streams,
    durationS: (span.toUs - span.fromUs) / 1e6,
    endUs: span.toUs,
    requestedRate: requestedRate(header),
    frames: { stream, ...frameColumns(rows, toCaptureUs) },
    steps,
    clockErrorUs: clockErrors(header, clocks, roles),
    means: await indicatorMeans(folder, header, clocks, span),
    rolesOnGuest: rolesOnGuest(header),
    dropsTold: true,
  };
}

function frameColumns(
  rows: Pick<TableColumns<'frames'>, (typeof FRAME_COLUMNS)[number]>,
  toCaptureUs: (senderUs: number) => number,
): Omit<SessionColumns['frames'], 'stream'> {
  return {
    frame: Int32Array.from(rows.frame),
    captureUs: rows.pts.map((pts, row) =>
      toCaptureUs((pts * rows.time_base_num[row]! * 1e6) / rows.time_base_den[row]!),
    ),
    type: Uint8Array.from(rows.type, (type) => Math.max(0, (FRAME_TYPES as readonly (string | null)[]).indexOf(type))),
    key: Uint8Array.from(rows.key),
    bytes: Int32Array.from(rows.bytes),
    quantizer: Float32Array.from(rows.quantizer),
  };
}

async function stepColumns(folder: string, header: RecordingHeader, clocks: RecordedClocks, streams: string[]) {
  const rows = await readTable(folder, 'steps', { columns: STEP_COLUMNS });
  const stream = streamPlaces(rows.stream, streams);
  const groups = new Map<string, Map<string, number[]>>();
  for (const [row, role] of rows.role.entries()) {
    const step = rows.step[row];
    if (role === null || step === null || step === undefined) continue;
    let ofRole = groups.get(role);
    if (ofRole === undefined) groups.set(role, (ofRole = new Map<string, number[]>()));
    const list = ofRole.get(step);
    if (list === undefined) ofRole.set(step, [row]);
    else list.push(row);
  }
  const steps: JourneySteps[] = [];
  for (const [role, ofRole] of groups) {
    const agent = agentOfRole(header, role);
    for (const [step, places] of ofRole)
      steps.push({
        role,
        step,
        stream: Uint16Array.from(places, (row) => stream[row]!),
        frame: Int32Array.from(places, (row) => rows.frame[row]!),
        startUs: Float64Array.from(places, (row) =>
          agent === null ? NaN : clocks.toReference(agent, rows.start_us[row]!),
        ),
        durationUs: Float64Array.from(places, (row) => rows.duration_us[row]!),
        busyUs: Float64Array.from(places, (row) => rows.busy_us[row]!),
        outcome: Uint8Array.from(places, (row) => outcomeCode(rows.outcome[row]!)),
      });
  }
  return { steps, roles: [...groups.keys()] };
}

function outcomeCode(outcome: string | null): number {
  return Math.max(0, (STEP_OUTCOMES as readonly (string | null)[]).indexOf(outcome));
}

function streamPlaces(names: readonly (string | null)[], streams: string[]): Uint16Array {
  return Uint16Array.from(names, (name) => {
    const known = streams.indexOf(name ?? '');
    return known >= 0 ? known : streams.push(name ?? '') - 1;
  });
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * As the collector told it at the end, and with all of the frames that were recorded: the last one lasts until the next would have
 * been captured (where nobody captured: would have come to the tap). Of a recording that broke off only the frames are known.
 */
async function recordedSpan(folder: string, steps: readonly JourneySteps[], teller: string): Promise<Span> {
  const phases = await readTable(folder, 'phases', { columns: ['phase', 'start_us', 'end_us'] });
  const row = phases.phase.indexOf(STREAM_PHASE);
  const told = row < 0 ? [] : [{ fromUs: phases.start_us[row]!, toUs: phases.end_us[row]! }];
  const spans = [...told, ...frameSpans(steps, teller)];
  if (spans.length === 0) return { fromUs: NaN, toUs: NaN };
  return {
    fromUs: spans.reduce((least, { fromUs }) => Math.min(least, fromUs), Infinity),
    toUs: spans.reduce((most, { toUs }) => Math.max(most, toUs), -Infinity),
  };
}

/** Of each stream, from its first frame to the time at which another would have followed the last. */
function frameSpans(steps: readonly JourneySteps[], teller: string): Span[] {
  const begins = teller === PART_ROLES.sender ? 'capture' : 'send';
  const spans = new Map<number, { fromUs: number; toUs: number; first: number; last: number }>();
  for (const { role, step, stream, frame, startUs } of steps) {
    if (role !== teller || step !== begins) continue;
    for (let row = 0; row < frame.length; row++) {
      const us = startUs[row]!;
      if (Number.isNaN(us)) continue;
      const number = frame[row]!;
      const span = spans.get(stream[row]!);
      if (span === undefined) spans.set(stream[row]!, { fromUs: us, toUs: us, first: number, last: number });
      else if (us < span.fromUs) Object.assign(span, { fromUs: us, first: number });
      else if (us > span.toUs) Object.assign(span, { toUs: us, last: number });
    }
  }
  return [...spans.values()].map(({ fromUs, toUs, first, last }) => ({
    fromUs,
    toUs: toUs + (last > first ? (toUs - fromUs) / (last - first) : 0),
  }));
}

/** As asked for, else as the sender says; NaN where it is no number. */
function requestedRate({ settings, actual }: RecordingHeader): number {
  const text = String(settings['framerate'] ?? actual?.['framerate'] ?? '');
  const match = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/.exec(text);
  return match === null ? NaN : Number(match[1]) / Number(match[2] ?? 1);
}

function clockErrors(header: RecordingHeader, clocks: RecordedClocks, roles: readonly string[]): Map<string, number> {
  const errors = new Map<string, number>();
  for (const role of roles) {
    const agent = agentOfRole(header, role);
    const errorUs = agent === null ? NaN : clocks.errorUs(agent);
    if (!Number.isNaN(errorUs)) errors.set(role, errorUs);
  }
  return errors;
}

/** Their agents told the same host as the guest's; a relay without an agent of its own runs there too. */
function rolesOnGuest(header: RecordingHeader): string[] {
  const hostOf = (role: string) => header.agents.find(({ name }) => name === agentOfRole(header, role))?.host;
  const host = hostOf(PART_ROLES.sender);
  return host === undefined ? [] : Object.values(PART_ROLES).filter((role) => hostOf(role) === host);
}

/** By `role/indicator`, of counts their sum. Of two agents of one role the first counts. */
async function indicatorMeans(
  folder: string,
  { agents }: RecordingHeader,
  clocks: RecordedClocks,
  span: Span,
): Promise<SessionColumns['means']> {
  const means = new Map<string, { readonly value: number; readonly unit: string }>();
  // One reading a role: each goes through all rows, and a fleet has a thousand agents.
  const firsts = agents.filter(({ role }, place) => agents.findIndex((agent) => agent.role === role) === place);
  for (const { name, role } of firsts)
    for (const [indicator, series] of await readSeries(folder, { agent: name })) {
      const isWanted = (timeUs: number) => {
        const us = clocks.toReference(name, timeUs);
        return !(us < span.fromUs) && !(us > span.toUs);
      };
      const value = isSummed(indicator) ? sumOf(series, isWanted) : timeWeightedMean(series, isWanted);
      if (!Number.isNaN(value)) means.set(`${role}/${indicator}`, { value, unit: series.indicator.unit });
    }
  return means;
}

/** NaN where nothing was told. */
function sumOf(
  { timeUs, value }: { readonly timeUs: Float64Array; readonly value: Float64Array },
  isWanted: (timeUs: number) => boolean,
): number {
  let sum = NaN;
  for (let i = 0; i < value.length; i++)
    if (!Number.isNaN(value[i]!) && isWanted(timeUs[i]!)) sum = (Number.isNaN(sum) ? 0 : sum) + value[i]!;
  return sum;
}
