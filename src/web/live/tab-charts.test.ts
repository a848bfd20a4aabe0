import { expect, test } from 'vitest';
import type { AgentState, LiveState } from '#core/live';
import { seriesKind } from './live-series.ts';
import { TABS, tabCharts, wantedIndicators } from './tab-charts.ts';

const agent = (name: string, hostId: string, indicators: Readonly<Record<string, string>>): AgentState => ({
  name,
  role: name,
  host: hostId,
  hostId,
  pid: 1,
  version: '',
  environment: {} as AgentState['environment'],
  indicators: Object.entries(indicators).map(([indicator, unit]) => ({ name: indicator, unit, description: '' })),
  parts: [],
  allowsHooks: false,
  spice: null,
  absent: [],
  connected: true,
  lastSeenS: 0,
  clock: null,
  spooled: 0,
  lostRows: 0,
});

const stateOf = (...agents: AgentState[]): LiveState => ({
  epoch: '2026-01-01T00:00:00.000Z',
  nowS: 0,
  agents,
  session: null,
  recording: null,
  profile: null,
  feed: [],
  refused: {},
});

const host = { 'cpu.busy': 'core', 'cpu.busy[0]': 'core', 'memory.used': 'byte' };
const state = stateOf(
  agent('guest', 'a', { ...host, 'sender.cpu': 'core', 'gpu.video': '1', 'sender.gpu.video': '1' }),
  agent('server', 'a', { ...host, 'relay.cpu': 'core' }),
  agent('client', 'b', { ...host, 'receiver.cpu': 'core' }),
);
const labels = (tab: (typeof TABS)[number], title: string) =>
  tabCharts(tab, state)
    .find((chart) => chart.title === title)!
    .series.map(({ label }) => label);

test('a machine with two agents is drawn once, named by both', () => {
  expect(labels('system', 'CPU')).toEqual(['guest + server', 'client']);
});

test('a machine whose first agent is lost is told of by the other', () => {
  const lost = stateOf({ ...state.agents[0]!, connected: false }, ...state.agents.slice(1));
  const cpu = tabCharts('system', lost).find(({ title }) => title === 'CPU')!;
  expect(cpu.series.map(({ id }) => id)).toEqual(['server/cpu.busy', 'client/cpu.busy']);
});

test('processes of the session stand together, whichever agent measures them', () => {
  expect(labels('cpu', 'CPU of the session’s processes')).toEqual([
    'sender · guest',
    'relay · server',
    'receiver · client',
  ]);
  expect(tabCharts('cpu', state).map(({ title }) => title)).toContain('Cores of guest + server');
});

test('GPUs and what processes use of them are two charts, and none without a GPU', () => {
  expect(tabCharts('gpu', state).map(({ title }) => title)).toEqual(['GPU engines', 'GPU engines, by process']);
  expect(tabCharts('gpu', stateOf(state.agents[2]!))).toEqual([]);
});

const spice = (way: 'guest' | 'stock'): LiveState => ({
  ...state,
  agents: state.agents.map((one) =>
    one.role === 'guest' && way === 'guest' ? { ...one, spice: { device: '/dev/st', tap: null, log: null } } : one,
  ),
  session: {
    id: 's',
    settings: { session: 'spice' },
    running: true,
    parts: [],
    parameters: [],
    changes: [],
    waiting: null,
  },
});
const idsOf = (tab: (typeof TABS)[number], of: LiveState) =>
  tabCharts(tab, of).flatMap(({ series }) => series.map(({ id }) => id));

test('a SPICE session has a tap instead of a relay, and no charts of what its kind never tells', () => {
  const processes = tabCharts('cpu', spice('stock')).find(({ title }) => title === 'CPU of the session’s processes')!;
  expect(processes.series.map(({ label }) => label)).toContain('tap · server');
  expect(seriesKind('stack.relay', spice('guest'))?.label).toBe('tap');
  expect(seriesKind('stack.relay', state)?.label).toBe('relay');

  const stock = spice('stock');
  expect(idsOf('frame-processing', stock).toReversed()).toEqual(
    ['encode', 'send', 'network', 'decode', 'present', 'waiting'].map((step) => `stack.${step}`),
  );
  expect(idsOf('frame-rate', stock)).toEqual(['rate.encoded', 'rate.presented']);
  expect(idsOf('frame-delta', stock)).toEqual(['delta.encoded', 'delta.presented']);
  expect(idsOf('frame-size', stock)).not.toContain('frames.quantizer');

  const guest = spice('guest');
  expect(idsOf('frame-processing', guest)).toEqual(expect.arrayContaining(['stack.relay', 'step.endToEnd']));
  for (const tab of ['frame-processing', 'frame-rate', 'frame-delta'] as const)
    expect(idsOf(tab, guest).filter((id) => /receive/.test(id))).toEqual([]);
  expect(idsOf('frame-rate', guest)).toContain('rate.captured');
});

test('the server is asked for what is drawn, and all of a chart has its unit', () => {
  for (const of of [state, spice('guest'), spice('stock')])
    for (const tab of TABS) {
      const charts = tabCharts(tab, of);
      for (const { unit, series } of charts)
        for (const { id } of series) expect([id, seriesKind(id, of)?.unit]).toEqual([id, unit]);
      expect(new Set(charts.map(({ key }) => key)).size).toBe(charts.length);
    }
  expect(wantedIndicators(tabCharts('frame-rate', state))).toEqual([]);
  expect(wantedIndicators(tabCharts('system', state))).toContain('client/memory.used');
});
