// /metrics: what a live system measures, for Prometheus and whoever reads OpenMetrics. docs/prometheus.md lists the names.

import type { Indicator } from '#core/indicator';
import type { LiveState } from '#core/live';
import type { Unit } from '#core/metric';
import { quantileSorted } from '#analysis/quantile';
import type { Collector } from '#live/collector-types';
import { parseFrameRate } from '#media/setting-value';
import { monotonicUs } from '#system/clock';
import { WINDOW_S, type LiveFigures } from './live-figures.ts';
import { OpenMetrics, type Labels } from './open-metrics.ts';

type OwnMetric = readonly [type: 'gauge' | 'counter', unit: string, help: string];

const PERIOD = `over ${WINDOW_S} s`;

/** What is not an indicator of an agent. Of a counter the sample's name ends in `_total`. */
export const OWN_METRICS = {
  encodelab_collector_agents: ['gauge', '', 'agents that are connected'],
  encodelab_collector_rows: ['counter', '', 'rows that came from agents, by table'],
  encodelab_collector_refused: ['counter', '', 'messages of agents that were refused, by reason'],
  encodelab_recording: ['gauge', '', '1 while the session is recorded'],
  encodelab_agent_up: ['gauge', '', '1 while the agent is connected'],
  encodelab_agent_spooled: ['gauge', '', 'batches that wait in its spool'],
  encodelab_agent_lost_rows: ['counter', '', 'rows that its spool had no room for'],
  encodelab_agent_clock_offset_seconds: ['gauge', 'seconds', "how far its clock is ahead of the collector's"],
  encodelab_agent_clock_error_seconds: ['gauge', 'seconds', 'bound of the error of that'],
  encodelab_session_running: ['gauge', '', '1 while a session is wanted'],
  encodelab_session_frames_encoded: ['counter', '', 'frames that came out of the encoder'],
  encodelab_session_frames_presented: ['counter', '', 'frames that the client presented'],
  encodelab_session_frames_dropped: ['counter', '', 'frames whose way ended, and where'],
  encodelab_session_encoded_bytes: ['counter', 'bytes', 'what the encoder made'],
  encodelab_session_rate_frames_per_second: [
    'gauge',
    'frames_per_second',
    `requested; encoded and presented ${PERIOD}`,
  ],
  encodelab_session_bitrate_bits_per_second: ['gauge', 'bits_per_second', `what the encoder made, ${PERIOD}`],
  encodelab_session_latency_seconds: ['gauge', 'seconds', `from capture to presentation, ${PERIOD}`],
} as const satisfies Readonly<Record<string, OwnMetric>>;

type Give = (name: keyof typeof OWN_METRICS, labels: Labels, value: number) => void;

/** All of it as text; `figures` begins to count with the first call. */
export function liveMetrics(collector: Collector, figures: LiveFigures): string {
  const text = new OpenMetrics();
  const state = collector.state();
  figures.watch();
  const give: Give = (name, labels, value) => {
    const [type, unit, help] = OWN_METRICS[name];
    text.add(name, type, unit, help, labels, value);
  };
  addCollector(give, state, figures);
  addSession(give, state, figures);
  for (const agent of state.agents) {
    if (!agent.connected) continue;
    const labels = { agent: agent.name, role: agent.role, host: agent.host };
    for (const [position, indicator] of agent.indicators.entries())
      addIndicator(text, indicator, labels, figures.last(agent.name, position));
  }
  return text.toString();
}

function addCollector(give: Give, state: LiveState, figures: LiveFigures): void {
  give('encodelab_collector_agents', {}, state.agents.filter((agent) => agent.connected).length);
  for (const table of ['series', 'frames', 'steps'] as const)
    give('encodelab_collector_rows', { table }, figures.rows[table]);
  for (const [reason, count] of Object.entries(state.refused)) give('encodelab_collector_refused', { reason }, count);
  give('encodelab_recording', {}, state.recording === null ? 0 : 1);
  for (const agent of state.agents) {
    const labels = { agent: agent.name, role: agent.role, host: agent.host };
    give('encodelab_agent_up', labels, agent.connected ? 1 : 0);
    give('encodelab_agent_spooled', labels, agent.spooled);
    give('encodelab_agent_lost_rows', labels, agent.lostRows);
    if (agent.clock === null) continue;
    give('encodelab_agent_clock_offset_seconds', labels, agent.clock.offsetUs / 1e6);
    give('encodelab_agent_clock_error_seconds', labels, agent.clock.errorUs / 1e6);
  }
}

function addSession(give: Give, { session }: LiveState, figures: LiveFigures): void {
  give('encodelab_session_running', {}, session?.running === true ? 1 : 0);
  give('encodelab_session_frames_encoded', {}, figures.framesEncoded);
  give('encodelab_session_frames_presented', {}, figures.framesPresented);
  give('encodelab_session_encoded_bytes', {}, figures.bytesEncoded);
  for (const [place, count] of figures.dropped) {
    const [role = '', step = '', outcome = ''] = place.split('/');
    give('encodelab_session_frames_dropped', { role, step, outcome }, count);
  }
  if (session?.running !== true) return;
  const nowUs = monotonicUs();
  const { encoded, presented, bitrate } = figures.rates(nowUs);
  for (const [stage, rate] of Object.entries({ requested: requestedRate(session), encoded, presented }))
    give('encodelab_session_rate_frames_per_second', { stage }, rate);
  give('encodelab_session_bitrate_bits_per_second', {}, bitrate);
  const latencies = figures.latenciesUs(nowUs);
  if (latencies.length === 0) return;
  for (const [statistic, share] of Object.entries({ p50: 0.5, p95: 0.95 }))
    give('encodelab_session_latency_seconds', { statistic }, quantileSorted(latencies, share) / 1e6);
}

/** What the operator asked for; else what the sender says that it uses. */
function requestedRate(session: NonNullable<LiveState['session']>): number {
  const sender = session.parts.find(({ part }) => part === 'sender');
  const rate = parseFrameRate(session.settings['framerate'] ?? sender?.actual['framerate'] ?? '');
  return rate === null ? NaN : rate.num / rate.den;
}

/** Units as OpenMetrics writes them, and what a value is multiplied by: base units where there are such. */
const UNITS: ReadonlyMap<Unit, readonly [unit: string, factor: number]> = new Map([
  ['1', ['', 1]],
  ['s', ['seconds', 1]],
  ['ms', ['seconds', 1e-3]],
  ['us', ['seconds', 1e-6]],
  ['byte', ['bytes', 1]],
  ['byte/s', ['bytes_per_second', 1]],
  ['bit', ['bits', 1]],
  ['bit/s', ['bits_per_second', 1]],
  ['frame', ['frames', 1]],
  ['frame/s', ['frames_per_second', 1]],
  ['core', ['cores', 1]],
  ['Hz', ['hertz', 1]],
  ['W', ['watts', 1]],
  ['J', ['joules', 1]],
  ['1/s', ['per_second', 1]],
  ['°C', ['celsius', 1]],
  ['dB', ['decibels', 1]],
]);

/**
 * `cpu.busy` in cores is `encodelab_cpu_busy_cores`; a member of a family, `cpu.busy[0]`, is
 * `encodelab_cpu_busy_each_cores{member="0"}`, so that a sum does not count it twice.
 */
export function metricName({ name, unit }: Indicator): { name: string; unit: string; factor: number; member: string } {
  const [, base = name, member = ''] = /^(.*?)\[(.*)\]$/.exec(name) ?? [];
  const [unitName, factor] = UNITS.get(unit) ?? [word(unit), 1];
  const parts = ['encodelab', word(base), ...(member === '' ? [] : ['each']), ...(unitName === '' ? [] : [unitName])];
  return { name: parts.join('_'), unit: unitName, factor, member };
}

function addIndicator(text: OpenMetrics, indicator: Indicator, labels: Labels, value: number): void {
  const { name, unit, factor, member } = metricName(indicator);
  const all = member === '' ? labels : { ...labels, member };
  text.add(name, 'gauge', unit, indicator.description, all, value * factor);
}

function word(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');
}
