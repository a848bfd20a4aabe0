import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION_PARTS } from '#core/session';
import { openLab, type Lab } from '#lab/lab';
import { startSampler } from '#measure/sampler';
import { WireAgent } from '../../test/live/wire-agent.ts';
import { metricName, OWN_METRICS } from './live-metrics.ts';
import { OpenMetrics } from './open-metrics.ts';
import { startServer, type RunningServer } from './start-server.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-metrics-'));
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0, live: { lab, version: 'test' } });
});

afterAll(async () => {
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

interface ParsedFamily {
  readonly type: string;
  unit: string | null;
  help: string | null;
  readonly samples: { readonly name: string; readonly labels: Record<string, string>; readonly value: number }[];
}

/**
 * Reads the text as strictly as the specification has it (github.com/prometheus/OpenMetrics, v1.0): families in one piece
 * with type, unit and help in front of their samples, names and labels of the grammar, each sample once, an end.
 * @throws Error with the line that breaks a rule
 */
function parse(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>();
  const seen = new Set<string>();
  let current: { name: string; family: ParsedFamily } | null = null;
  if (!`\n${text}`.endsWith('\n# EOF\n')) throw new Error('no end');
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const wrong = (why: string) => new Error(`${why}: ${line}`);
    const meta = /^# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (meta !== null) {
      const [, kind, name, rest] = meta as unknown as [string, string, string, string];
      if (kind === 'TYPE') {
        if (families.has(name)) throw wrong('a family that is not in one piece');
        current = { name, family: { type: rest, unit: null, help: null, samples: [] } };
        families.set(name, current.family);
        if (!['gauge', 'counter'].includes(rest)) throw wrong('an unknown type');
        continue;
      }
      if (current?.name !== name || current.family.samples.length > 0) throw wrong('out of place');
      if (kind === 'UNIT') {
        if (!/^[a-z0-9_]+$/.test(rest) || !name.endsWith(`_${rest}`)) throw wrong('the unit is no suffix of the name');
        current.family.unit = rest;
      } else current.family.help = unescape(rest, wrong);
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null || current === null) throw wrong('no sample');
    const [, name, , labelText = '', valueText] = sample as unknown as [string, string, string, string?, string?];
    const expected = current.family.type === 'counter' ? `${current.name}_total` : current.name;
    if (name !== expected) throw wrong(`not a sample of ${current.name}`);
    const labels: Record<string, string> = {};
    let rest = labelText;
    while (rest !== '') {
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,(?=.)|$)/.exec(rest);
      if (label === null || label[1]! in labels) throw wrong('labels');
      labels[label[1]!] = unescape(label[2]!, wrong);
      rest = rest.slice(label[0].length);
    }
    const value = Number(valueText === '+Inf' ? Infinity : valueText);
    if (Number.isNaN(value) || (current.family.type === 'counter' && value < 0)) throw wrong('the value');
    const key = `${name}${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => a.localeCompare(b)))}`;
    if (seen.has(key)) throw wrong('the same sample twice');
    seen.add(key);
    current.family.samples.push({ name, labels, value });
  }
  return families;
}

function unescape(text: string, wrong: (why: string) => Error): string {
  if (/\\(?![\\"n])/.test(text.replaceAll('\\\\', ''))) throw wrong('an escape');
  return text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
}

const get = async () => {
  const answer = await fetch(`${server.address}/metrics`, { headers: { authorization: `Bearer ${server.token}` } });
  expect(answer.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  return parse(await answer.text());
};

/** What agents of this machine measure, on the host and of the parts that they run. */
function measuredHere() {
  const sampler = startSampler({ agent: 'x', prefixes: SESSION_PARTS, onBatch: () => undefined });
  const { indicators } = sampler;
  sampler.stop();
  return indicators;
}

async function until(test: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !test() && Date.now() < end;) await sleep(10);
  expect(test()).toBe(true);
}

test('every indicator of an agent is a gauge with its unit in the name; base units where there are such', async () => {
  const indicators = [...measuredHere(), { name: 'odd "name"\\', unit: 'ms', description: 'a "quoted"\nline \\' }];
  const agent = new WireAgent(server.address, server.token, { role: 'guest', indicators });
  await agent.welcomed;
  await get();
  agent.sample(indicators.map((_, position) => [position, position + 0.5] as const));
  await until(() => agent.acked === 1);
  const families = await get();
  for (const [position, indicator] of indicators.entries()) {
    const { name, unit, factor, member } = metricName(indicator);
    const family = families.get(name);
    expect(family, indicator.name).toMatchObject({
      type: 'gauge',
      unit: unit === '' ? null : unit,
      help: expect.any(String) as string,
    });
    const labels = { agent: 'guest', role: 'guest', host: 'test', ...(member === '' ? {} : { member }) };
    expect(family!.samples, indicator.name).toContainEqual({ name, labels, value: (position + 0.5) * factor });
  }
  expect(families.get('encodelab_cpu_busy_cores')!.unit).toBe('cores');
  expect(families.get('encodelab_odd_name_seconds')!.help).toBe('a "quoted"\nline \\');
  expect(families.get('encodelab_agent_up')!.samples).toMatchObject([{ value: 1 }]);
  agent.close();
  await until(() => server.collector!.state().agents.every(({ connected }) => !connected));
  const after = await get();
  expect(after.get('encodelab_agent_up')!.samples).toMatchObject([{ value: 0 }]);
  expect(after.has('encodelab_cpu_busy_cores')).toBe(false);
});

test('frames, drops by place, and rows are counted', async () => {
  const [guest, client] = ['guest', 'client'].map(
    (role) => new WireAgent(server.address, server.token, { role, indicators: [] }),
  ) as [WireAgent, WireAgent];
  await Promise.all([guest.welcomed, client.welcomed]);
  await until(
    () => server.collector!.state().agents.filter(({ connected, clock }) => connected && clock !== null).length === 2,
  );
  const before = await get();
  const nowUs = guest.nowUs();
  const times = Array.from({ length: 30 }, (_, n) => nowUs - 1e6 + n * 33_000);
  guest.frames('video', 0, times, 1_000);
  guest.steps('video', 'capture', 30, [nowUs], 0, 3);
  client.steps(
    'video',
    'present',
    0,
    times.map((timeUs) => timeUs + 40_000),
    2_000,
  );
  await until(() => guest.acked === 2 && client.acked === 1);
  const after = await get();
  const grown = (name: string, labels: Record<string, string> = {}) => {
    const of = (families: Map<string, ParsedFamily>) =>
      families.get(name)?.samples.find((sample) => JSON.stringify(sample.labels) === JSON.stringify(labels))?.value ??
      0;
    return of(after) - of(before);
  };
  expect(grown('encodelab_session_frames_encoded')).toBe(30);
  expect(grown('encodelab_session_encoded_bytes')).toBe(30_000);
  expect(grown('encodelab_session_frames_presented')).toBe(30);
  expect(grown('encodelab_session_frames_dropped', { role: 'guest', step: 'capture', outcome: 'late' })).toBe(1);
  expect(grown('encodelab_collector_rows', { table: 'steps' })).toBe(31);
  for (const agent of [guest, client]) agent.close();
});

test('a wait for a frame that passed ends with one of the relay, and not with what a sender sent', async () => {
  const [guest, relay] = ['guest', 'server'].map(
    (role) => new WireAgent(server.address, server.token, { role, indicators: [] }),
  ) as [WireAgent, WireAgent];
  await Promise.all([guest.welcomed, relay.welcomed]);
  await until(() => server.collector!.state().agents.filter(({ connected, clock }) => connected && clock).length === 2);
  const headers = { authorization: `Bearer ${server.token}` };
  const passed = async (wait: number) => {
    const answer = await fetch(`${server.address}/api/v1/live/passed?since=${sinceS}&wait=${wait}`, { headers });
    return ((await answer.json()) as { passed: { stream: string; frame: number } | null }).passed;
  };
  const sinceS = server.collector!.state().nowS;
  await passed(0);
  guest.steps('video', 'send', 7, [guest.nowUs()], 1_000);
  await until(() => guest.acked === 1);
  expect(await passed(0)).toBe(null);
  const waiting = passed(20);
  relay.steps('video', 'send', 5, [relay.nowUs() - 60e6, relay.nowUs() + 1e6], 1_000);
  expect(await waiting).toMatchObject({ stream: 'video', frame: 6 });
  for (const agent of [guest, relay]) agent.close();
});

test('whatever an indicator is called, the text can be read', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string(), fc.string(), fc.double()), { maxLength: 20 }), (rows) => {
      const text = new OpenMetrics();
      for (const [indicator, unitName, label, value] of rows) {
        const { name, unit, member } = metricName({ name: indicator, unit: unitName, description: '' });
        text.add(name, 'gauge', unit, indicator, { agent: label, member }, value);
      }
      expect(() => parse(text.toString())).not.toThrow();
    }),
  );
});

test('the dashboard asks for nothing that /metrics does not give', async () => {
  const text = await readFile(new URL('../../examples/grafana/encodelab.json', import.meta.url), 'utf8');
  const dashboard = JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] };
  const known = new Set<string>([
    ...Object.entries(OWN_METRICS).map(([name, [type]]) => (type === 'counter' ? `${name}_total` : name)),
    ...measuredHere().map((indicator) => metricName(indicator).name),
  ]);
  const asked = dashboard.panels.flatMap(({ targets = [] }) =>
    targets.flatMap(({ expr }) => expr.match(/encodelab_\w+/g) ?? []),
  );
  expect(asked.length).toBeGreaterThan(10);
  for (const name of asked) expect(known, name).toContain(name);
});
