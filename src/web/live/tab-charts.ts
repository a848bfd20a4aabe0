// Which charts each tab of the live page has, from what the agents measure.

import type { AgentState, LiveState } from '#core/live';
import { SESSION_PARTS } from '#core/session';
import { STACKED } from './frame-table.ts';
import { FRAME_WAYS } from './frame-way.ts';
import { isIndicator } from './live-series.ts';
import { partWord, sessionWay, type SessionWay } from './session-way.ts';

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
  const way = sessionWay(state);
  switch (tab) {
    case 'system':
      return systemCharts(hosts);
    case 'gpu':
      return gpuCharts(state, hosts);
    case 'cpu':
      return cpuCharts(state, hosts);
    case 'frame-size':
      return sizeCharts(way);
    case 'frame-delta':
      return deltaCharts(way);
    case 'frame-rate':
      return [...rateCharts(way), ...tapCharts(state, 'Frames that the client dropped', 'frame')];
    case 'frame-processing':
      return [...processingCharts(way, processing), ...tapCharts(state, 'Round trips and reports', 'ms')];
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
          const process = processWord(name.slice(0, -what.length - 1), sessionWay(state));
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

/** Processes are told by the name of the part that they are. */
function processWord(process: string, way: SessionWay): string {
  const part = SESSION_PARTS.find((one) => one === process);
  return part === undefined ? process : partWord(part, way);
}

function indicators(agent: AgentState, unit: string, of: RegExp): string[] {
  return agent.indicators.filter((one) => one.unit === unit && of.test(one.name)).map(({ name }) => name);
}

function chartOf(title: string, unit: string, series: ChartPlan['series'], more: Partial<ChartPlan> = {}): ChartPlan[] {
  return series.length === 0 ? [] : [{ key: title, title, unit, series, ...more }];
}

function built(ids: readonly string[], labels: Readonly<Record<string, string>> = {}): ChartPlan['series'] {
  return ids.map((id) => ({ id, label: labels[id] ?? '' }));
}

function sizeCharts(way: SessionWay): ChartPlan[] {
  const isStock = way === 'stock';
  return [
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
      note: isStock ? 'of the frames that passed the tap' : 'of the encoder’s output',
      series: isStock ? built(['rate.bits'], { 'rate.bits': 'at the tap' }) : built(['rate.bits', 'requested.bitrate']),
    },
    // A stock server does not tell it.
    ...(isStock ? [] : [QUANTIZER_CHART]),
  ];
}

const QUANTIZER_CHART: ChartPlan = {
  key: 'quantizer',
  title: 'Quantizer',
  unit: '1',
  note: 'on the encoder’s own scale',
  series: built(['frames.quantizer']),
};

const TAP_WORDS: Readonly<Record<string, string>> = {
  'tap.report.drops': 'told by its reports',
  'tap.report.delay': 'its last frame came so long before its time',
  'tap.round-trip': 'from the tap to the client and back',
};

/** What a tap reads of pings and of a stock client's reports, where one does. */
function tapCharts(state: LiveState | null, title: string, unit: string): ChartPlan[] {
  const series = (state?.agents ?? []).flatMap((agent) =>
    indicators(agent, unit, /^tap\./).map((name) => ({
      id: `${agent.name}/${name}`,
      label: TAP_WORDS[name] ?? `${name} · ${agent.name}`,
    })),
  );
  return chartOf(title, unit, series);
}

/** A stock server's frames are seen first at the tap, and a stock client does not tell when they came. */
function deltaCharts(way: SessionWay): ChartPlan[] {
  return [
    way === 'stock'
      ? { key: 'tap', title: 'Time between frames at the tap', unit: 'ms', series: built(['delta.encoded']) }
      : { key: 'captured', title: 'Time between captures', unit: 'ms', series: built(['delta.captured']) },
    ...(way === 'loopback' ? [ARRIVALS_CHART] : []),
    {
      key: 'presented',
      title: 'Time between presents',
      unit: 'ms',
      note: way === 'loopback' ? 'how evenly the client sees it' : `how evenly the client sees it, ${FROM_LOG}`,
      series: built(['delta.presented']),
    },
  ];
}

const FROM_LOG = 'as far as its log is read';

const ARRIVALS_CHART: ChartPlan = {
  key: 'received',
  title: 'Time between arrivals',
  unit: 'ms',
  note: 'of whole frames, at the client',
  series: built(['delta.received']),
};

const RATES: Readonly<Record<SessionWay, readonly string[]>> = {
  loopback: ['rate.captured', 'rate.encoded', 'rate.received', 'rate.presented', 'requested.framerate'],
  guest: ['rate.captured', 'rate.encoded', 'rate.presented', 'requested.framerate'],
  stock: ['rate.encoded', 'rate.presented'],
};

function rateCharts(way: SessionWay): ChartPlan[] {
  const labels = way === 'stock' ? { 'rate.encoded': 'at the tap' } : {};
  const rates: ChartPlan = {
    key: 'rate',
    title: 'Frame rate',
    unit: 'frame/s',
    isTall: true,
    series: built(RATES[way], labels),
  };
  // What a stock client drops it does not tell frame by frame.
  return way === 'stock' ? [rates] : [rates, DROPPED_CHART];
}

const DROPPED_CHART: ChartPlan = {
  key: 'dropped',
  title: 'Frames lost on their way',
  unit: 'frame/s',
  series: built(['rate.dropped']),
};

const STACK_NOTES: Readonly<Record<SessionWay, string>> = {
  loopback: 'its top is the end-to-end latency: what overlaps counts once',
  guest: 'its top is the end-to-end latency where the client’s log is read, else the way to the client',
  stock: 'nobody saw its capture; encode, decode and wait are told by logs',
};

function processingCharts(way: SessionWay, view: ProcessingView): ChartPlan[] {
  const told = new Set(FRAME_WAYS[way].places.flatMap(({ piece, before }) => [piece, before]));
  const pieces = STACKED.filter((piece) => told.has(piece));
  const steps: ChartPlan = {
    key: 'processing',
    title: view === 'stack' ? 'Time of each frame, step on step' : 'Time of each step',
    unit: 'ms',
    isTall: true,
    ...(view === 'stack' ? { note: STACK_NOTES[way] } : {}),
    // The tallest first: what is lower lies on it.
    series: built(
      view === 'stack' ? pieces.toReversed().map((step) => `stack.${step}`) : pieces.map((step) => `step.${step}`),
    ),
  };
  return way === 'stock' ? [steps] : [steps, LATENCY_CHART];
}

const LATENCY_CHART: ChartPlan = {
  key: 'latency',
  title: 'End-to-end latency',
  unit: 'ms',
  note: 'from capture to present',
  series: built(['step.endToEnd']),
};
