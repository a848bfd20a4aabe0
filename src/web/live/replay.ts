// A recording as the live page shows it: its tables are turned into the messages that a session sends, on the recording's
// reference clock, and the same charts draw them.

import { FRAME_TYPES, STEPS, STEP_OUTCOMES } from '#core/recording';
import type { AgentState, LiveState, PartState } from '#core/live';
import { PART_ROLES, SESSION_PARTS } from '#core/session';
import { placesOf, roleOfFrames } from '#analysis/frame-teller';
import type { RunPage, SeriesColumn } from '#server/wire';
import type { TimeRange } from '../chart/chart-group.ts';
import { api, exportPath } from '../shell/api.ts';
import { csvColumns, type CsvColumns } from './csv-columns.ts';
import { LiveStore } from './live-store.ts';
import { alignedBy, type ClockLine } from './recorded-clock.ts';
import { recordedSettings } from './session-way.ts';

export interface Replay {
  readonly page: RunPage;
  readonly store: LiveStore;
  readonly whole: TimeRange;
}

/** Rows of frames that are kept: three hours at 90 frames a second. */
const MOST_ROWS = 1_000_000;

/**
 * @throws RequestFailed where there is no such run
 */
export async function loadReplay(run: string): Promise<Replay> {
  const page = await api.run(run);
  const store = new LiveStore(MOST_ROWS);
  if (page.header === null) return { page, store, whole: { from: 0, to: 1 } };
  const has = (table: 'frames' | 'steps' | 'clocks' | 'messages' | 'phases') => (page.header!.rows[table] ?? 0) > 0;
  const table = (name: string, exists: boolean) => (exists ? readTable(run, name) : Promise.resolve(csvColumns('')));
  const [series, frames, steps, clocks, messages, phases] = await Promise.all([
    api.series(run, null).catch((): SeriesColumn[] => []),
    table('frames', has('frames')),
    table('steps', has('steps')),
    table('clocks', has('clocks')),
    table('messages', has('messages')),
    table('phases', has('phases')),
  ]);
  const originUs = phases.numbers('start_us')[0] ?? smallest(steps.numbers('start_us'));
  const toSeconds = aligner(page, clocks, originUs);
  const places = placesOf(steps.texts('role'), steps.texts('step'));
  store.take({ type: 'state', version: 2, state: recordedState(page, series, places) }, 0);
  for (const one of series) takeSeries(store, one, originUs, toSeconds);
  store.frames.clockErrorS = recordedErrorS(clocks) ?? store.frames.clockErrorS;
  takeFrames(store, frames, toSeconds(agentOf(page, roleOfFrames(places))));
  takeSteps(store, steps, page, toSeconds);
  // Nothing more will come.
  store.frames.settle(Infinity);
  const texts = messages.texts('text');
  const at = messages.numbers('time_us');
  const sources = messages.texts('source');
  store.feed.value = texts.map((text, id) => ({ id, timeS: (at[id]! - originUs) / 1e6, source: sources[id]!, text }));
  return { page, store, whole: wholeOf(phases, originUs, store) };
}

async function readTable(run: string, table: string): Promise<CsvColumns> {
  const response = await fetch(exportPath.run(run, table, 'csv'));
  return csvColumns(response.ok ? await response.text() : '');
}

type ToSeconds = (agent: string) => (timeUs: number) => number;

/** Seconds from the recording's beginning on its reference clock, by an agent's own time. */
function aligner(page: RunPage, clocks: CsvColumns, originUs: number): ToSeconds {
  const lines = new Map<string, ClockLine>();
  const [agents, times, offsets] = [clocks.texts('agent'), clocks.numbers('time_us'), clocks.numbers('offset_us')];
  for (const [row, agent] of agents.entries()) {
    const line = lines.get(agent) ?? { timeUs: [], offsetUs: [] };
    line.timeUs.push(times[row]!);
    line.offsetUs.push(offsets[row]!);
    lines.set(agent, line);
  }
  const isAlone = lines.size === 0 && page.header!.agents.length === 1;
  return (agent) => {
    const line = lines.get(agent);
    if (line === undefined) return isAlone ? (timeUs) => (timeUs - originUs) / 1e6 : () => NaN;
    return (timeUs) => (alignedBy(line, timeUs) - originUs) / 1e6;
  };
}

/** Bound of the error of a time between two machines, seconds; null where nobody has told. */
function recordedErrorS(clocks: CsvColumns): number | null {
  const worst = new Map<string, number>();
  const errors = clocks.numbers('error_us');
  for (const [row, agent] of clocks.texts('agent').entries())
    worst.set(agent, Math.max(worst.get(agent) ?? 0, errors[row]!));
  const [first, second] = [...worst.values()].toSorted((a, b) => b - a);
  return first === undefined ? null : (first + (second ?? 0)) / 1e6;
}

/** Whose clock the steps of a role are timed with: a relay may have no agent of its own. */
function agentOf({ header }: RunPage, role: string): string {
  const agents = header!.agents;
  const found = agents.find((agent) => agent.role === role) ?? agents.find((agent) => agent.role === PART_ROLES.sender);
  return found?.name ?? agents[0]?.name ?? '';
}

function takeSeries(store: LiveStore, series: SeriesColumn, originUs: number, toSeconds: ToSeconds): void {
  const aligned = toSeconds(series.agent);
  store.take(
    {
      type: 'series',
      agent: series.agent,
      indicator: series.name,
      timeS: Float64Array.from(series.timeS, (time) => aligned(time * 1e6 + originUs)),
      value: Float64Array.from(series.value, (value) => value ?? NaN),
    },
    0,
  );
}

function takeFrames(store: LiveStore, table: CsvColumns, toSeconds: (timeUs: number) => number): void {
  const [pts, num, den] = [table.numbers('pts'), table.numbers('time_base_num'), table.numbers('time_base_den')];
  const captureS = pts.map((ticks, row) => toSeconds((ticks * num[row]! * 1e6) / den[row]!));
  const types = table.texts('type').map((type) => Math.max(0, (FRAME_TYPES as readonly string[]).indexOf(type)));
  const columns = {
    frame: table.numbers('frame'),
    bytes: table.numbers('bytes'),
    quantizer: table.numbers('quantizer'),
    key: table.numbers('key'),
  };
  for (const [stream, all] of byStream(table)) {
    // The journey of a frame that was never encoded has no size.
    const rows = all.filter((row) => !Number.isNaN(columns.bytes[row]!));
    const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
    store.take(
      {
        type: 'frames',
        stream,
        frame: Int32Array.from(pick(columns.frame)),
        captureS: pick(captureS),
        frameType: Uint8Array.from(rows, (row) => types[row]!),
        key: Uint8Array.from(pick(columns.key)),
        bytes: Int32Array.from(pick(columns.bytes)),
        quantizer: Float32Array.from(pick(columns.quantizer)),
      },
      0,
    );
  }
}

function takeSteps(store: LiveStore, table: CsvColumns, page: RunPage, toSeconds: ToSeconds): void {
  const roles = table.texts('role');
  const steps = table.texts('step').map((step) => (STEPS as readonly string[]).indexOf(step));
  const outcomes = table.texts('outcome').map((outcome) => (STEP_OUTCOMES as readonly string[]).indexOf(outcome));
  const [frame, start, duration] = [table.numbers('frame'), table.numbers('start_us'), table.numbers('duration_us')];
  for (const [stream, all] of byStream(table)) {
    for (const role of new Set(all.map((row) => roles[row]!))) {
      const rows = all.filter((row) => roles[row] === role && steps[row]! >= 0);
      const aligned = toSeconds(agentOf(page, role));
      store.take(
        {
          type: 'steps',
          stream,
          role,
          frame: Int32Array.from(rows, (row) => frame[row]!),
          step: Uint8Array.from(rows, (row) => steps[row]!),
          startS: Float64Array.from(rows, (row) => aligned(start[row]!)),
          durationMs: Float32Array.from(rows, (row) => (duration[row]! < 0 ? NaN : duration[row]! / 1e3)),
          outcome: Uint8Array.from(rows, (row) => Math.max(0, outcomes[row]!)),
        },
        0,
      );
    }
  }
}

/** Positions of the rows of each stream. */
function byStream(table: CsvColumns): Map<string, number[]> {
  const streams = new Map<string, number[]>();
  for (const [row, stream] of table.texts('stream').entries()) {
    const rows = streams.get(stream);
    if (rows === undefined) streams.set(stream, [row]);
    else rows.push(row);
  }
  return streams;
}

/** What was recorded; its first frame was captured a little before it was told to begin. */
function wholeOf(phases: CsvColumns, originUs: number, { frames, newestS }: LiveStore): TimeRange {
  const from = frames.length > 0 ? Math.min(0, frames.times[0]!) : 0;
  const end = (phases.numbers('end_us').at(-1)! - originUs) / 1e6;
  if (end > 0) return { from, to: end };
  return { from, to: newestS > 0 ? newestS : 1 };
}

function smallest(values: Float64Array): number {
  const least = values.reduce((a, b) => (b < a ? b : a), Infinity);
  return Number.isFinite(least) ? least : 0;
}

/** Parts whose steps were told. */
function recordedParts(page: RunPage, places: ReadonlySet<string>): PartState[] {
  const roles = new Set([...places].map((place) => place.split(' ')[0]!));
  return SESSION_PARTS.filter((part) => roles.has(PART_ROLES[part])).map((part) => ({
    part,
    agent: agentOf(page, PART_ROLES[part]),
    state: 'stopped',
    pid: null,
    address: null,
    actual: {},
    note: null,
    stream: '',
  }));
}

/** As much of a live system's state as a recording tells: who measured what, and whether a sender of ours was at work. */
function recordedState(page: RunPage, series: readonly SeriesColumn[], places: ReadonlySet<string>): LiveState {
  const { header, run } = page;
  const settings = recordedSettings(run.settings, series, places);
  const agents = header!.agents.map(({ name, role, host }): AgentState => ({
    name,
    role,
    host,
    hostId: host,
    pid: 0,
    version: header!.environment.versions['encodelab'] ?? '',
    environment: header!.environment,
    indicators: series.filter(({ agent }) => agent === name),
    parts: [],
    allowsHooks: false,
    spice: null,
    absent: header!.absent,
    connected: true,
    lastSeenS: 0,
    clock: null,
    spooled: 0,
    lostRows: 0,
  }));
  return {
    epoch: header!.anchor.utc,
    nowS: 0,
    agents,
    session: {
      id: run.id,
      settings,
      running: true,
      parts: recordedParts(page, places),
      parameters: [],
      changes: [],
      waiting: null,
    },
    recording: null,
    profile: null,
    feed: [],
    refused: {},
  };
}
