import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assert, constantFrom, integer, property, record, array as arrayOf } from 'fast-check';
import { expect, test } from 'vitest';
import type { Metrics } from '#core/metric';
import { STEP_OUTCOMES, type StepOutcome } from '#core/recording';
import { encodeMetricNames } from './run-metrics.ts';
import { sessionMetricNames, sessionMetrics, type JourneySteps, type SessionColumns } from './session-metrics.ts';

/** Steps of a role: [frame, start, duration or none, outcome]; times in ms. */
type Row = readonly [frame: number, startMs: number, durationMs?: number | undefined, outcome?: StepOutcome];

function steps(place: string, rows: readonly Row[], stream = 0): JourneySteps {
  const [role, step] = place.split(' ') as [string, string];
  const durationUs = Float64Array.from(rows, ([, , ms]) => (ms ?? NaN) * 1000);
  return {
    role,
    step,
    stream: new Uint16Array(rows.length).fill(stream),
    frame: Int32Array.from(rows, ([frame]) => frame),
    startUs: Float64Array.from(rows, ([, ms]) => ms * 1000),
    durationUs,
    busyUs: durationUs,
    outcome: Uint8Array.from(rows, ([, , , outcome]) => STEP_OUTCOMES.indexOf(outcome ?? 'ok')),
  };
}

function encoded(
  rows: readonly (readonly [frame: number, captureMs: number, bytes: number])[],
): SessionColumns['frames'] {
  return {
    stream: new Uint16Array(rows.length),
    frame: Int32Array.from(rows, ([frame]) => frame),
    captureUs: Float64Array.from(rows, ([, ms]) => ms * 1000),
    type: Uint8Array.from(rows, (_, i) => (i === 0 ? 1 : 2)),
    key: Uint8Array.from(rows, (_, i) => (i === 0 ? 1 : 0)),
    bytes: Int32Array.from(rows, ([, , bytes]) => bytes),
    quantizer: new Float32Array(rows.length).fill(NaN),
  };
}

function columns(change: Partial<SessionColumns>): SessionColumns {
  return {
    streams: ['video'],
    durationS: 0.1,
    endUs: NaN,
    requestedRate: 50,
    frames: encoded([]),
    steps: [],
    clockErrorUs: new Map([
      ['guest', 100],
      ['client', 250],
    ]),
    means: new Map(),
    rolesOnGuest: ['guest'],
    dropsTold: true,
    ...change,
  };
}

const value = (metrics: Metrics, name: string) => metrics[name]?.value;

/** Five ticks of 20 ms: 0, 2 and 4 are shown, 1 was late, 3 was lost by the relay, and the receiver tells that too. */
const FIVE = columns({
  frames: encoded([
    [0, 0, 5000],
    [2, 40, 1000],
    [3, 60, 1000],
    [4, 80, 1500],
  ]),
  steps: [
    steps('guest capture', [
      [0, 0, 2],
      [1, 20, undefined, 'late'],
      [2, 40, 2],
      [3, 60, 2],
      [4, 80, 4],
    ]),
    steps('guest encode', [
      [0, 2, 8],
      [2, 42, 4],
      [3, 62, 4],
      [4, 84, 4],
    ]),
    steps('guest send', [
      [0, 10, 3],
      [2, 46, 1],
      [3, 66, 1],
      [4, 88, 1],
    ]),
    steps('server receive', [
      [0, 14, 1],
      [2, 48],
      [3, 68],
      [4, 90],
    ]),
    steps('server send', [
      [0, 15, 5],
      [2, 48, 5],
      [3, 68, undefined, 'lost'],
      [4, 90, 5],
    ]),
    steps('client receive', [
      [0, 22, 1],
      [2, 55, 0],
      [3, 97, undefined, 'lost'],
      [4, 97, 0],
    ]),
    steps('client decode', [
      [0, 23, 2],
      [2, 55, 2],
      [4, 97, 2],
    ]),
    steps('client present', [
      [0, 25, 5],
      [2, 60, 0],
      [4, 110, 0],
    ]),
  ],
});

test('rates and drops of five frames, each counted at the place where its journey ended', () => {
  const metrics = sessionMetrics(FIVE);
  expect(metrics['stream.rate captured']).toEqual({ value: 40, unit: 'frame/s', better: 'higher' });
  expect(metrics['stream.rate requested']).toEqual({ value: 50, unit: 'frame/s', better: null });
  expect(value(metrics, 'stream.rate encoded')).toBe(40);
  expect(value(metrics, 'stream.rate received')).toBeCloseTo(30);
  expect(value(metrics, 'stream.rate presented')).toBeCloseTo(30);
  expect(metrics['stream.drops']).toEqual({ value: 0.4, unit: '1', better: 'lower' });
  expect(value(metrics, 'drops.capture late')).toBe(0.2);
  expect(value(metrics, 'drops.send lost')).toBe(0.2);
  expect(value(metrics, 'drops.receive lost')).toBe(0);
  expect(value(metrics, 'drops.untold')).toBe(0);
});

test('latency from capture to the end of presenting, with the error of both clocks, and the parts that it is made of', () => {
  const metrics = sessionMetrics(FIVE);
  // 30, 20 and 30 ms.
  expect(value(metrics, 'latency')).toBeCloseTo(80 / 3);
  expect(value(metrics, 'latency p50')).toBe(30);
  expect(value(metrics, 'latency max')).toBe(30);
  expect(metrics['latency.error']).toEqual({ value: 0.35, unit: 'ms', better: 'lower' });
  expect(value(metrics, 'capture.time p50')).toBe(2);
  expect(value(metrics, 'encode.time')).toBe(5);
  expect(value(metrics, 'encode.time max')).toBe(8);
  expect(value(metrics, 'send.time')).toBe(1.5);
  // From the sender's link to the whole frame: 10 to 23, 46 to 55, 88 to 97.
  expect(value(metrics, 'network.time')).toBeCloseTo(31 / 3);
  // From the first byte there to the last one away: 14 to 20, 48 to 53, 90 to 95.
  expect(value(metrics, 'relay.time')).toBeCloseTo(16 / 3);
  expect(value(metrics, 'decode.time p95')).toBe(2);
  // Captured 40 ms apart, shown 30 and 50 ms apart.
  expect(value(metrics, 'jitter')).toBe(10);
  expect(value(metrics, 'freezes')).toBe(0);
});

test('sizes, keyframes and bitrate are those of whole encodes', () => {
  const metrics = sessionMetrics(FIVE);
  expect(metrics['bitrate']).toEqual({ value: 680_000, unit: 'bit/s', better: null });
  expect(metrics).toMatchObject({
    frames: { value: 4 },
    bytes: { value: 8500 },
    keyframes: { value: 1 },
    'frame.bytes.I p50': { value: 5000 },
    'frame.bytes.P p50': { value: 1000 },
  });
  expect(metrics).not.toHaveProperty(['quantizer']);
  expect(metrics).not.toHaveProperty(['keyframe.period']);
});

test('what is not known is absent: without clocks no latency, without the receiver neither drops nor freezes', () => {
  const unclocked = FIVE.steps.map((one) =>
    one.role === 'client' ? { ...one, startUs: one.startUs.map(() => NaN) } : one,
  );
  const blind = sessionMetrics({ ...FIVE, steps: unclocked, clockErrorUs: new Map() });
  expect(value(blind, 'stream.rate presented')).toBeCloseTo(30);
  expect(value(blind, 'decode.time')).toBe(2);
  for (const name of ['latency', 'latency.error', 'network.time', 'jitter', 'freezes'])
    expect(blind).not.toHaveProperty([name]);

  const alone = sessionMetrics({ ...FIVE, steps: FIVE.steps.filter(({ role }) => role !== 'client') });
  expect(value(alone, 'stream.rate encoded')).toBe(40);
  for (const name of ['stream.rate presented', 'stream.drops', 'drops.send lost', 'latency', 'decode.time'])
    expect(alone).not.toHaveProperty([name]);

  expect(sessionMetrics(columns({ streams: [], durationS: NaN, requestedRate: NaN }))).toEqual({});
});

test('of a stream that had no frame no rate, bitrate or number of bytes is told, but where its frames ended', () => {
  const metrics = sessionMetrics({
    ...FIVE,
    frames: encoded([]),
    steps: [
      steps('guest capture', [[0, 0]]),
      steps('guest encode', [[0, 2, undefined, 'failed']]),
      steps('client receive', []),
    ],
  });
  expect(metrics).toMatchObject({ 'stream.drops': { value: 1 }, 'drops.encode failed': { value: 1 } });
  const untold = /^(frames|bytes|bitrate|stream\.frames presented|stream\.rate (encoded|received|presented))$/;
  expect(Object.keys(metrics).filter((name) => untold.test(name))).toEqual([]);
});

test('a place of drops is told, also as 0, only where its role told of that step', () => {
  const without = FIVE.steps.filter(({ role, step }) => role !== 'server' && step !== 'decode');
  const names = Object.keys(sessionMetrics({ ...FIVE, steps: without }));
  expect(names).toEqual(expect.arrayContaining(['drops.receive lost', 'drops.encode full', 'drops.present late']));
  for (const place of ['send lost', 'decode waiting', 'decode full', 'decode failed'])
    expect(names).not.toContain(`drops.${place}`);
  // Where only frames that went through were told, nobody knows what others were there.
  const whole = FIVE.steps.map((one) => ({ ...one, outcome: new Uint8Array(one.outcome.length) }));
  const foreign = sessionMetrics({ ...FIVE, steps: whole, dropsTold: false, clockErrorUs: new Map() });
  const drops = Object.keys(foreign).filter((name) => name.includes('drops'));
  expect(drops).toEqual(['drops.untold']);
  expect(value(foreign, 'drops.untold')).toBe(0.4);
  expect(foreign).not.toHaveProperty(['latency.error']);
});

test('rates are of the time that is told, and so is their bitrate', () => {
  const metrics = sessionMetrics(FIVE);
  expect(metrics['stream.time']).toEqual({ value: 0.1, unit: 's', better: null });
  for (const [rate, count] of [
    ['stream.rate encoded', 'frames'],
    ['stream.rate presented', 'stream.frames presented'],
  ] as const)
    expect(value(metrics, rate)! * value(metrics, 'stream.time')!).toBeCloseTo(value(metrics, count)!);
});

test("others on the guest's machine are its busy cores without all parts that ran there", () => {
  const means = new Map(
    Object.entries({
      'guest/cpu.busy': 2,
      'guest/sender.cpu': 0.8,
      'server/relay.cpu': 0.1,
      'client/cpu.busy': 2,
      'client/receiver.cpu': 0.4,
    }).map(([name, cores]) => [name, { value: cores, unit: 'core' }] as const),
  );
  const others = (rolesOnGuest: string[], without: readonly string[] = []) => {
    const known = new Map([...means].filter(([name]) => !without.includes(name)));
    return value(sessionMetrics({ ...FIVE, means: known, rolesOnGuest }), 'host.others');
  };
  expect(others(['guest'])).toBeCloseTo(1.2);
  expect(others(['guest', 'server', 'client'])).toBeCloseTo(0.7);
  // A receiver elsewhere need not be known, one there must be.
  expect(others(['guest'], ['client/receiver.cpu'])).toBeCloseTo(1.2);
  expect(others(['guest', 'server', 'client'], ['client/receiver.cpu'])).toBeUndefined();
  // What agents there used is ours as well.
  for (const role of ['guest', 'client']) means.set(`${role}/agent.cpu`, { value: 0.05, unit: 'core' });
  expect(others(['guest'])).toBeCloseTo(1.15);
  expect(others(['guest', 'server', 'client'])).toBeCloseTo(0.6);
  expect(others(['guest'], ['guest/sender.cpu'])).toBeUndefined();
  expect(others(['guest'], ['guest/cpu.busy'])).toBeUndefined();
  expect(others([])).toBeUndefined();
  means.set('guest/cpu.busy', { value: 0.5, unit: 'core' });
  expect(others(['guest'])).toBe(0);
});

const EVERY_40_MS = [0, 1, 2, 3, 4];

/** A stock SPICE server's frames as they came to the tap; the last was never presented, and one encode was not found in the log. */
const STOCK = columns({
  frames: encoded(EVERY_40_MS.map((frame) => [frame, NaN, 1000])),
  requestedRate: NaN,
  durationS: 0.2,
  clockErrorUs: new Map([
    ['server', 100],
    ['client', 250],
  ]),
  rolesOnGuest: [],
  steps: [
    steps(
      'server encode',
      EVERY_40_MS.slice(1).map((frame) => [frame, frame * 40 - 10, 8]),
    ),
    steps(
      'server send',
      EVERY_40_MS.map((frame) => [frame, frame === 3 ? 130 : frame * 40, 2]),
    ),
    steps(
      'client decode',
      EVERY_40_MS.slice(0, 4).map((frame) => [frame, frame * 40 + 5, 4]),
    ),
    steps(
      'client present',
      EVERY_40_MS.slice(0, 4).map((frame) => [frame, frame * 40 + 9, 6]),
    ),
  ],
});

test('of a stock SPICE server with both logs read all is known but what a capture would tell', () => {
  const metrics = sessionMetrics(STOCK);
  expect(value(metrics, 'stream.rate encoded')).toBeCloseTo(25);
  expect(value(metrics, 'stream.rate presented')).toBeCloseTo(20);
  expect(value(metrics, 'bitrate')).toBeCloseTo(200_000);
  expect(value(metrics, 'keyframes')).toBe(1);
  expect(value(metrics, 'encode.time')).toBe(8);
  expect(value(metrics, 'encode.delay')).toBe(8);
  expect(value(metrics, 'send.time')).toBe(2);
  expect(value(metrics, 'decode.time')).toBe(4);
  expect(value(metrics, 'present.time')).toBe(6);
  // 40, 40, 50 and 30 ms.
  expect(value(metrics, 'frame.gap')).toBe(40);
  expect(value(metrics, 'frame.gap max')).toBe(50);
  expect(value(metrics, 'freezes')).toBe(0);
  expect(value(metrics, 'stream.drops')).toBe(0.2);
  // What a stock client drops on purpose it does not tell: no place of drops is claimed to be 0.
  const drops = Object.keys(metrics).filter((name) => name.startsWith('drops.'));
  expect(drops).toEqual(['drops.untold']);
  expect(value(metrics, 'drops.untold')).toBe(0.2);
  const without = ['latency', 'latency.error', 'jitter', 'stream.rate captured', 'stream.rate received'];
  for (const name of [...without, 'relay.time', 'network.time', 'stream.rate requested', 'host.others'])
    expect(metrics).not.toHaveProperty([name]);
});

test('of a stock SPICE server without logs it is known what passed the tap, and of drops and presenting nothing', () => {
  const bare = STOCK.steps.filter(({ step }) => step === 'send');
  const metrics = sessionMetrics({ ...STOCK, steps: bare });
  expect(value(metrics, 'stream.rate encoded')).toBeCloseTo(25);
  expect(value(metrics, 'stream.time')).toBe(0.2);
  expect(value(metrics, 'send.time')).toBe(2);
  expect(value(metrics, 'frame.gap')).toBe(40);
  expect(value(metrics, 'frame.bytes p50')).toBe(1000);
  const others = /drops|latency|freeze|jitter|presented|received|captured|^(encode|decode|present|relay|network)\./;
  expect(Object.keys(metrics).filter((name) => others.test(name))).toEqual([]);
  // A client's log with decodes alone (its queue has another name) does not say that nothing was presented.
  const decoded = STOCK.steps.filter(({ step }) => step !== 'present');
  const half = sessionMetrics({ ...STOCK, steps: decoded });
  expect(value(half, 'decode.time')).toBe(4);
  for (const name of ['stream.rate presented', 'stream.drops', 'drops.untold']) expect(half).not.toHaveProperty([name]);
});

test('of a stock client whose log was there to tell and told of no frame, none was shown', () => {
  const bare = STOCK.steps.filter(({ role }) => role === 'server');
  const means = new Map([['client/receiver.awaited', { value: 5, unit: 'frame' }]]);
  const metrics = sessionMetrics({ ...STOCK, steps: bare, means });
  expect(value(metrics, 'stream.drops')).toBe(1);
  expect(value(metrics, 'drops.untold')).toBe(1);
  expect(value(metrics, 'stream.rate presented')).toBe(0);
  expect(value(metrics, 'stream.frames presented')).toBe(0);
  for (const name of ['stream.rate received', 'decode.time', 'freezes']) expect(metrics).not.toHaveProperty([name]);
  // It changes nothing where the log has frames, or where what stands behind the decoder has another name.
  expect(sessionMetrics({ ...STOCK, means })).toEqual(sessionMetrics(STOCK));
  const decoded = STOCK.steps.filter(({ step }) => step !== 'present');
  expect(sessionMetrics({ ...STOCK, steps: decoded, means })).not.toHaveProperty(['stream.drops']);
});

test('after the last frame a gap is as long as what was left, where that is a freeze and more than any other', () => {
  const dead = sessionMetrics({ ...STOCK, endUs: 2_160_000 });
  expect(value(dead, 'frame.gap max')).toBe(2_000);
  expect(value(dead, 'frame.gap p50')).toBe(40);
  // The usual end, some time before another frame would have come.
  const usual = sessionMetrics({ ...STOCK, endUs: 240_000 });
  expect(value(usual, 'frame.gap max')).toBe(50);
  expect(value(usual, 'frame.gap')).toBe(40);
});

test('a SPICE session with our encoder in the guest is a stream whose client tells what its log has, or nothing', () => {
  const isSpice = ({ role, step }: JourneySteps) => role !== 'client' || step === 'decode' || step === 'present';
  const read = sessionMetrics({ ...FIVE, steps: FIVE.steps.filter(isSpice) });
  expect(value(read, 'latency p50')).toBe(30);
  expect(value(read, 'relay.time')).toBeCloseTo(16 / 3);
  expect(value(read, 'stream.rate presented')).toBeCloseTo(30);
  expect(value(read, 'stream.drops')).toBe(0.4);
  expect(value(read, 'drops.capture late')).toBe(0.2);
  expect(value(read, 'drops.send lost')).toBe(0.2);
  for (const name of ['stream.rate received', 'network.time', 'drops.receive lost', 'drops.decode full'])
    expect(read).not.toHaveProperty([name]);
  const alone = sessionMetrics({ ...FIVE, steps: FIVE.steps.filter(({ role }) => role !== 'client') });
  expect(value(alone, 'relay.time')).toBeCloseTo(16 / 3);
  // By their first bytes at the tap: 14, 48, 68 and 90 ms.
  expect(value(alone, 'frame.gap')).toBeCloseTo(76 / 3);
  for (const name of ['latency', 'stream.drops', 'drops.untold']) expect(alone).not.toHaveProperty([name]);
});

test('a sender that was started anew has another stream, and its frames are others', () => {
  const again = steps('client present', [[0, 2000]], 1);
  const metrics = sessionMetrics({ ...FIVE, streams: ['video', 'video 2'], steps: [...FIVE.steps, again] });
  expect(value(metrics, 'stream.restarts')).toBe(1);
  expect(value(metrics, 'stream.drops')).toBeCloseTo(2 / 6);
});

test('means of indicators stand behind the role; watts of several packages are added up, shares are not', () => {
  const means = new Map([
    ['guest/cpu.busy', { value: 1.5, unit: 'core' }],
    ['guest/cpu.busy[0]', { value: 0.7, unit: 'core' }],
    ['guest/power.package[0]', { value: 10, unit: 'W' }],
    ['guest/power.package[1]', { value: 12, unit: 'W' }],
    ['client/receiver.cpu', { value: 0.2, unit: 'core' }],
    ['client/gpu.busy[0]', { value: 0.2, unit: '1' }],
    ['client/gpu.busy[1]', { value: 0.4, unit: '1' }],
    ['client/context_switches', { value: 4000, unit: '1/s' }],
    ['server/program.cpu', { value: 0.6, unit: 'core' }],
    ['server/tap.report.drops', { value: 7, unit: 'frame' }],
    ['server/recorders.frame.rate', { value: 24, unit: 'frame/s' }],
    ['guest/recorders.bitrate[0]', { value: 1e6, unit: 'bit/s' }],
    ['guest/recorders.bitrate[1]', { value: 3e6, unit: 'bit/s' }],
    ['server/tap.round-trip', { value: 1.5, unit: 'ms' }],
    // No tap stands at the guest.
    ['guest/tap.round-trip', { value: 1.5, unit: 'ms' }],
  ]);
  const metrics = sessionMetrics(columns({ means }));
  expect(metrics['guest.cpu.busy']).toEqual({ value: 1.5, unit: 'core', better: null });
  expect(metrics['guest.power.package']).toEqual({ value: 22, unit: 'W', better: 'lower' });
  expect(metrics['client.receiver.cpu']).toEqual({ value: 0.2, unit: 'core', better: 'lower' });
  expect(value(metrics, 'client.gpu.busy')).toBeCloseTo(0.3);
  expect(Object.keys(metrics).filter((name) => name.startsWith('client.'))).toHaveLength(2);
  expect(metrics['server.program.cpu']).toEqual({ value: 0.6, unit: 'core', better: 'lower' });
  expect(metrics['server.recorders.frame.rate']).toEqual({ value: 24, unit: 'frame/s', better: 'higher' });
  // Two programs: a mean of both would be of none.
  expect(metrics['guest.recorders.bitrate[1]']).toEqual({ value: 3e6, unit: 'bit/s', better: null });
  expect(metrics).not.toHaveProperty(['guest.recorders.bitrate']);
  expect(metrics['server.tap.report.drops']).toEqual({ value: 7, unit: 'frame', better: 'lower' });
  expect(value(metrics, 'server.tap.round-trip')).toBe(1.5);
  expect(metrics).not.toHaveProperty(['guest.tap.round-trip']);
});

const WAY = ['guest capture', 'guest encode', 'guest send', 'server send', 'client receive', 'client decode'];

test('every frame is either presented or ends at one place, whatever became of it', () => {
  const journey = record({
    steps: integer({ min: 1, max: WAY.length }),
    outcome: constantFrom(...STEP_OUTCOMES),
    isPresented: constantFrom(true, false),
  });
  assert(
    property(arrayOf(journey, { minLength: 1, maxLength: 40 }), (journeys) => {
      const rows = new Map<string, Row[]>([...WAY, 'client present'].map((place) => [place, []]));
      for (const [frame, one] of journeys.entries()) {
        const way = WAY.slice(0, one.steps);
        for (const [i, place] of way.entries())
          rows.get(place)!.push([frame, frame * 20 + i, 1, i === way.length - 1 ? one.outcome : 'ok']);
        if (one.isPresented && one.outcome === 'ok') rows.get('client present')!.push([frame, frame * 20 + 10, 1]);
      }
      const metrics = sessionMetrics(columns({ steps: [...rows].map(([place, list]) => steps(place, list)) }));
      const presented = rows.get('client present')!.length;
      const ends = Object.entries(metrics).filter(([name]) => name.startsWith('drops.'));
      const dropped = ends.reduce((sum, [, { value: share }]) => sum + share, 0);
      expect(dropped * journeys.length + presented).toBeCloseTo(journeys.length);
      expect(value(metrics, 'stream.drops')).toBeCloseTo(dropped);
      const lost = journeys.filter((one) => one.steps === 5 && one.outcome === 'lost').length;
      expect(value(metrics, 'drops.receive lost')).toBeCloseTo(lost / journeys.length);
    }),
  );
});

test('the list of names holds every metric that a stream ever has, and the page lists them all', () => {
  const names = sessionMetricNames();
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(Object.keys(sessionMetrics(FIVE))));
  expect(names).toEqual(
    expect.arrayContaining([
      'latency p99',
      'drops.scale failed',
      'client.receiver.cpu',
      'quantizer',
      'stream.restarts',
    ]),
  );
  // Those of encodes have the same name only where they mean the same.
  const shared = names.filter((name) => encodeMetricNames().includes(name));
  expect(shared).toEqual(expect.arrayContaining(['encode.time p95', 'bitrate', 'frame.bytes p95', 'keyframe.period']));

  const page = readFileSync(fileURLToPath(new URL('../../docs/metrics.md', import.meta.url)), 'utf8');
  const documented = new Set<string>();
  for (const line of page.split('\n')) {
    if (!line.startsWith('| `')) continue;
    const texts = [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);
    // ` p50` stands for each name of the line with that ending.
    const named = texts.filter((text) => !text.startsWith(' '));
    for (const text of texts)
      for (const name of named) documented.add(text.startsWith(' ') ? name.replace(/ .*/, '') + text : text);
  }
  const families = [/^drops\./, /^(guest|server|client)\./, /^frame\.bytes\.[PB] p50$/];
  const missing = names.filter((name) => !documented.has(name) && !families.some((family) => family.test(name)));
  expect(missing).toEqual([]);
});
