// Which charts each tab of the live page has, from what the agents measure.

import type { AgentState, LiveState } from '#core/live';
import { STACKED } from './frame-table.ts';
import { isIndicator } from './live-series.ts';

export const TABS = [
  'control',
  'system',
  'gpu',
  'cpu',
  'frame-size',
  'frame-delta',
  'frame-rate',
  'frame-processing',
  'profile',
  'scripts',
  'configuration',
  'mine',
] as const;
export type Tab = (typeof TABS)[number];

export const TAB_NAMES: Readonly<Record<Tab, string>> = {
  control: 'Control centre',
  system: 'System',
  gpu: 'GPU',
  cpu: 'CPU',
  'frame-size': 'Frame size',
  'frame-delta': 'Frame delta',
  'frame-rate': 'Frame rate',
  'frame-processing': 'Frame processing',
  profile: 'Profile',
  scripts: 'Scripts',
  configuration: 'Configuration',
  mine: 'My charts',
};

export interface ChartPlan {
  /** Unique in its tab. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly note?: string;
  /** Ids of series, in drawing order; `label` where the id alone would say too little or too much. */
  readonly series: readonly { readonly id: string; readonly label: string }[];
  readonly isTall?: boolean;
  /** Seconds over which indicators are averaged; left out as they were measured. */
  readonly meanOverS?: number;
}

/** How the times of frames are shown. */
export type ProcessingView = 'stack' | 'lines';

export function tabCharts(tab: Tab, state: LiveState | null, processing: ProcessingView = 'stack'): ChartPlan[] {
  const hosts = hostsOf(state);
  switch (tab) {
    case 'system':
      return systemCharts(hosts);
    case 'gpu':
      return gpuCharts(state, hosts);
    case 'cpu':
      return cpuCharts(state, hosts);
    case 'frame-size':
      return SIZE_CHARTS;
    case 'frame-delta':
      return DELTA_CHARTS;
    case 'frame-rate':
      return RATE_CHARTS;
    case 'frame-processing':
      return [processing === 'stack' ? STACK_CHART : LINES_CHART, LATENCY_CHART];
    default:
      return [];
  }
}

/** Indicators that these charts draw: what the server is asked for. */
export function wantedIndicators(charts: readonly ChartPlan[]): string[] {
  return [...new Set(charts.flatMap(({ series }) => series.map(({ id }) => id).filter(isIndicator)))].toSorted();
}

/** A machine, with the agent that tells of it: one of those on it, connected where any is. */
interface Host {
  readonly agent: AgentState;
  readonly label: string;
}

function hostsOf(state: LiveState | null): Host[] {
  const byHost = new Map<string, AgentState[]>();
  for (const agent of state?.agents ?? []) byHost.set(agent.hostId, [...(byHost.get(agent.hostId) ?? []), agent]);
  return [...byHost.values()].map((agents) => {
    const agent = agents.find(({ connected }) => connected) ?? agents[0]!;
    return { agent, label: agents.map(({ name }) => name).join(' + ') };
  });
}

/** `byHost` where a chart has one indicator of each machine: the machine alone tells its lines apart. */
const HOST_CHARTS: readonly { title: string; unit: string; of: RegExp; byHost?: boolean }[] = [
  { title: 'CPU', unit: 'core', of: /^cpu\.busy$/, byHost: true },
  { title: 'Memory', unit: 'byte', of: /^memory\.(used|available|cached)$/ },
  { title: 'Network', unit: 'byte/s', of: /^network\./ },
  { title: 'Disk', unit: 'byte/s', of: /^disk\.(read|write)$/ },
  { title: 'Threads that want a core', unit: '1', of: /^run_queue$/, byHost: true },
  { title: 'Time in which a thread waited', unit: '1', of: /^pressure\..*\.some$/ },
  { title: 'Power', unit: 'W', of: /^power\./ },
];

function systemCharts(hosts: readonly Host[]): ChartPlan[] {
  return HOST_CHARTS.flatMap(({ title, unit, of, byHost = false }) =>
    chartOf(
      title,
      unit,
      hosts.flatMap((host) => indicators(host.agent, unit, of).map((name) => ofHost(host, name, byHost))),
    ),
  );
}

function ofHost({ agent, label }: Host, name: string, byHost: boolean) {
  const word = name.slice(name.indexOf('.') + 1).replaceAll('.', ' ');
  return { id: `${agent.name}/${name}`, label: byHost ? label : `${word} · ${label}` };
}

function gpuCharts(state: LiveState | null, hosts: readonly Host[]): ChartPlan[] {
  const found = [
    ...hosts.flatMap(({ agent, label }) => gpuIndicators(agent, label, /^gpu\./)),
    ...(state?.agents ?? []).flatMap((agent) => gpuIndicators(agent, agent.name, /^(?!gpu\.).+\.gpu\./)),
  ];
  const families = new Map<string, typeof found>();
  for (const one of found) families.set(one.family, [...(families.get(one.family) ?? []), one]);
  return [...families.values()].flatMap((members) => chartOf(members[0]!.title, members[0]!.unit, members));
}

/** Shares of engines stand in one chart, everything else by itself. */
function gpuIndicators(agent: AgentState, label: string, of: RegExp) {
  return agent.indicators
    .filter(({ name }) => of.test(name))
    .map(({ name, unit }) => {
      const own = name.startsWith('gpu.');
      const engines = unit === '1' && !name.includes('sessions');
      const title = engines
        ? own
          ? 'GPU engines'
          : 'GPU engines, by process'
        : `${own ? 'GPU' : 'Process'}: ${name.replace(/\[\d+\]$/, '')}`;
      const short = name.replace(/^gpu\./, '').replaceAll('.', ' ');
      return { id: `${agent.name}/${name}`, label: `${short} · ${label}`, family: `${title} ${unit}`, title, unit };
    });
}

const HOST_WORDS = /^(host|pressure|gpu|element|cpu|memory|disk|network|power)\b/;

function cpuCharts(state: LiveState | null, hosts: readonly Host[]): ChartPlan[] {
  const agents = state?.agents ?? [];
  const processes = (what: string, unit: string) =>
    agents.flatMap((agent) =>
      indicators(agent, unit, new RegExp(`\\.${what}$`))
        .filter((name) => !HOST_WORDS.test(name))
        .map((name) => {
          const process = name.slice(0, -what.length - 1);
          return {
            id: `${agent.name}/${name}`,
            label: process === agent.name ? process : `${process} · ${agent.name}`,
          };
        }),
    );
  return [
    // The CPU time of a process is told in ticks of 10 ms: of a tenth of a second there are few.
    ...chartOf('CPU of the session’s processes', 'core', processes('cpu', 'core'), {
      note: 'mean over the second before',
      meanOverS: 1,
    }),
    ...chartOf(
      'CPU of each machine',
      'core',
      hosts.flatMap((host) =>
        indicators(host.agent, 'core', /^cpu\.(busy|steal)$/).map((name) => ofHost(host, name, false)),
      ),
    ),
    ...hosts.flatMap(({ agent, label }) =>
      chartOf(
        `Cores of ${label}`,
        'core',
        indicators(agent, 'core', /^cpu\.busy\[\d+\]$/).map((name) => ({
          id: `${agent.name}/${name}`,
          label: `core ${/\d+/.exec(name)![0]}`,
        })),
      ),
    ),
    ...chartOf('Memory of the session’s processes', 'byte', processes('memory', 'byte')),
    ...hosts.flatMap(({ agent, label }) =>
      chartOf(
        `Frequency of ${label}`,
        'Hz',
        indicators(agent, 'Hz', /^cpu\.frequency\[\d+\]$/).map((name) => ({
          id: `${agent.name}/${name}`,
          label: `core ${/\d+/.exec(name)![0]}`,
        })),
      ),
    ),
  ];
}

function indicators(agent: AgentState, unit: string, of: RegExp): string[] {
  return agent.indicators.filter((one) => one.unit === unit && of.test(one.name)).map(({ name }) => name);
}

function chartOf(title: string, unit: string, series: ChartPlan['series'], more: Partial<ChartPlan> = {}): ChartPlan[] {
  return series.length === 0 ? [] : [{ key: title, title, unit, series, ...more }];
}

const built = (ids: readonly string[], labels: Readonly<Record<string, string>> = {}) =>
  ids.map((id) => ({ id, label: labels[id] ?? '' }));

const SIZE_CHARTS: ChartPlan[] = [
  {
    key: 'sizes',
    title: 'Frame sizes',
    unit: 'byte',
    isTall: true,
    series: built(['frames.size.other', 'frames.size.B', 'frames.size.P', 'frames.size.I']),
  },
  {
    key: 'bits',
    title: 'Bitrate',
    unit: 'bit/s',
    note: 'of the encoder’s output',
    series: built(['rate.bits', 'requested.bitrate']),
  },
  {
    key: 'quantizer',
    title: 'Quantizer',
    unit: '1',
    note: 'on the encoder’s own scale',
    series: built(['frames.quantizer']),
  },
];

const DELTA_CHARTS: ChartPlan[] = [
  {
    key: 'captured',
    title: 'Time between captures',
    unit: 'ms',
    series: built(['delta.captured']),
  },
  {
    key: 'received',
    title: 'Time between arrivals',
    unit: 'ms',
    note: 'of whole frames, at the client',
    series: built(['delta.received']),
  },
  {
    key: 'presented',
    title: 'Time between presents',
    unit: 'ms',
    note: 'how evenly the client sees it',
    series: built(['delta.presented']),
  },
];

const RATE_CHARTS: ChartPlan[] = [
  {
    key: 'rate',
    title: 'Frame rate',
    unit: 'frame/s',
    isTall: true,
    series: built(['rate.captured', 'rate.encoded', 'rate.received', 'rate.presented', 'requested.framerate']),
  },
  { key: 'dropped', title: 'Frames lost on their way', unit: 'frame/s', series: built(['rate.dropped']) },
];

const STACK_CHART: ChartPlan = {
  key: 'processing',
  title: 'Time of each frame, step on step',
  unit: 'ms',
  isTall: true,
  note: 'its top is the end-to-end latency: what overlaps counts once',
  // The tallest first: what is lower lies on it.
  series: built(STACKED.toReversed().map((step) => `stack.${step}`)),
};

const LINES_CHART: ChartPlan = {
  key: 'processing',
  title: 'Time of each step',
  unit: 'ms',
  isTall: true,
  series: built(STACKED.map((step) => `step.${step}`)),
};

const LATENCY_CHART: ChartPlan = {
  key: 'latency',
  title: 'End-to-end latency',
  unit: 'ms',
  note: 'from capture to present',
  series: built(['step.endToEnd']),
};
