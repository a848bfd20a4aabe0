import { expect, test } from 'vitest';
import { FRAME_TYPES, STEPS, STEP_OUTCOMES, type Step, type StepOutcome } from '#core/recording';
import { FrameTable, STACKED } from './frame-table.ts';

const frames = (stream: string, first: number, count: number, rate = 10) => ({
  type: 'frames' as const,
  stream,
  frame: Int32Array.from({ length: count }, (_, i) => first + i),
  captureS: Float64Array.from({ length: count }, (_, i) => (first + i) / rate),
  frameType: new Uint8Array(count).fill(FRAME_TYPES.indexOf('P')),
  key: new Uint8Array(count),
  bytes: new Int32Array(count).fill(1_000),
  quantizer: new Float32Array(count).fill(30),
});

type Told = readonly [frame: number, step: Step, startS: number, durationMs: number, outcome?: StepOutcome];

const steps = (role: string, rows: readonly Told[], stream = 'video') => ({
  type: 'steps' as const,
  stream,
  role,
  frame: Int32Array.from(rows, ([frame]) => frame),
  step: Uint8Array.from(rows, ([, step]) => STEPS.indexOf(step)),
  startS: Float64Array.from(rows, ([, , startS]) => startS),
  durationMs: Float32Array.from(rows, ([, , , durationMs]) => durationMs),
  outcome: Uint8Array.from(rows, ([, , , , outcome = 'ok']) => STEP_OUTCOMES.indexOf(outcome)),
});

const journey = [
  steps('guest', [
    [0, 'capture', 10, 1],
    [0, 'encode', 10.001, 5],
    [0, 'send', 10.006, 1],
  ]),
  steps('server', [
    [0, 'receive', 10.009, 1],
    [0, 'send', 10.01, 2],
  ]),
  steps('client', [
    [0, 'receive', 10.014, 1],
    [0, 'decode', 10.015, 3],
    [0, 'present', 10.02, 4],
  ]),
];

test('the times of a frame add up to its end-to-end latency, whatever order they are told in', () => {
  for (const order of [journey, journey.toReversed()]) {
    const table = new FrameTable();
    for (const message of order) table.takeSteps(message);
    const value = (column: Parameters<FrameTable['track']>[0]) => table.track(column).values[0]!;
    expect(value('endToEnd')).toBeCloseTo(24);
    expect(value('encode')).toBeCloseTo(5);
    expect(value('relay')).toBeCloseTo(3);
    expect(value('network')).toBeCloseTo(4);
    expect(value('waiting')).toBeCloseTo(2);
    expect(table.stacked(STACKED.at(-1)!).values[0]).toBeCloseTo(24);
    expect(table.times[0]).toBe(10);
  }
});

test('a frame that is told again counts once', () => {
  const table = new FrameTable();
  for (const message of [...journey, ...journey]) table.takeSteps(message);
  expect(table.length).toBe(1);
  expect(table.events.presented.length).toBe(1);
  const lost = steps('client', [[1, 'receive', 10.1, NaN, 'lost']]);
  table.takeSteps(lost);
  table.takeSteps(lost);
  expect(table.lost.counts(0, 11)).toEqual([['client receive: lost', 1]]);
  expect(table.lost.counts(10.2, 11)).toEqual([]);
});

test('what is sent, relayed and received at the same time counts once, and the sum is the latency', () => {
  const table = new FrameTable();
  const overlapping = [
    steps('guest', [
      [0, 'capture', 10, 1],
      [0, 'encode', 10.001, 5],
      [0, 'send', 10.006, 30],
    ]),
    steps('server', [
      [0, 'receive', 10.007, 30],
      [0, 'send', 10.1, 40],
    ]),
    steps('client', [
      [0, 'receive', 10.105, 45],
      [0, 'decode', 10.15, 3],
      [0, 'present', 10.16, 4],
    ]),
  ];
  for (const message of overlapping) table.takeSteps(message);
  const layers = STACKED.map((step) => table.stacked(step).values[0]!);
  const pieces = layers.map((top, position) => Math.round(top - (layers[position - 1] ?? 0)));
  expect(Object.fromEntries(STACKED.map((step, position) => [step, pieces[position]]))).toEqual({
    capture: 1,
    scale: 0,
    encode: 5,
    send: 30,
    network: 0,
    relay: 104,
    receive: 10,
    decode: 3,
    present: 4,
    waiting: 7,
  });
  expect(layers.at(-1)).toBeCloseTo(table.track('endToEnd').values[0]!);
  // By itself each step took what it took.
  expect(table.track('receive').values[0]).toBeCloseTo(45);
});

test('a frame whose rows are not all here is stacked when they are, or a second later', () => {
  const table = new FrameTable();
  const top = () => table.stacked('waiting').values[0]!;
  table.takeSteps(journey[0]!);
  table.takeSteps(journey[2]!);
  expect(table.track('endToEnd').values[0]).toBeCloseTo(24);
  expect([top(), table.track('network').values[0]]).toEqual([NaN, NaN]);
  table.takeSteps(journey[1]!);
  expect(top()).toBeCloseTo(24);

  const without = new FrameTable();
  without.takeSteps(journey[0]!);
  without.takeSteps(journey[2]!);
  expect(without.settle(10.9)).toBe(Infinity);
  expect(without.settle(11.1)).toBe(10);
  expect(without.stacked('waiting').values[0]).toBeCloseTo(24);
  expect(without.track('network').values[0]).toBeCloseTo(7);
});

const stockRows = {
  frames: { ...frames('video', 0, 2), captureS: Float64Array.of(10.02, 10.06) },
  encode: steps('server', [[0, 'encode', 10.01, 8]]),
  send: steps('server', [
    [0, 'send', 10.02, 2],
    [1, 'send', 10.06, 2],
  ]),
  client: steps('client', [
    [0, 'decode', 10.025, 4],
    [0, 'present', 10.029, 6],
  ]),
};

test('of a stock SPICE server’s frames the steps are stacked as far as they are told, and no latency is: nobody saw their capture', () => {
  const { encode, send, client } = stockRows;
  for (const order of [
    [stockRows.frames, encode, send, client],
    [client, send, encode, stockRows.frames],
  ]) {
    const table = new FrameTable();
    table.way = 'stock';
    for (const message of order) {
      if (message.type === 'frames') table.takeFrames(message);
      else table.takeSteps(message);
    }
    // Frame 1 waits for what was told of others, and stands as it is when that does not come.
    expect(table.stacked('waiting').values[1]).toBeNaN();
    table.settle(12);
    const pieces = (row: number) =>
      Object.fromEntries(
        STACKED.map((step) => [step, Math.round(table.stacked(step).values[row]!)] as const).filter(
          ([, top], position, all) => top !== (all[position - 1]?.[1] ?? 0),
        ),
      );
    // From the beginning of its encoding to the end of its waiting: 25 ms.
    expect(pieces(0)).toEqual({ encode: 8, send: 10, network: 13, decode: 17, present: 23, waiting: 25 });
    expect(pieces(1)).toEqual({ send: 2 });
    expect([0, 1].map((row) => table.track('endToEnd').values[row])).toEqual([NaN, NaN]);
    expect(table.track('encode').values[0]).toBeCloseTo(8);
    expect(Array.from(table.times.slice(0, 2))).toEqual([10.02, 10.06]);
    expect([table.events.encoded.length, table.events.captured.length, table.events.presented.length]).toEqual([
      2, 0, 1,
    ]);
  }
});

test('without logs a frame of a stock server is what its bytes took, at once', () => {
  const table = new FrameTable();
  table.way = 'stock';
  table.takeFrames(stockRows.frames);
  table.takeFrames(stockRows.frames);
  table.takeSteps(stockRows.send);
  expect([0, 1].map((row) => Math.round(table.stacked('waiting').values[row]!))).toEqual([2, 2]);
  expect(table.events.encoded.length).toBe(2);
});

test('with our encoder in a SPICE guest nothing is waited for that a stock client never tells', () => {
  const spice = [journey[0]!, journey[1]!];
  const table = new FrameTable();
  table.way = 'guest';
  for (const message of spice) table.takeSteps(message);
  // As far as the tap: 12 ms; without the client's log there is no latency.
  expect(table.stacked('waiting').values[0]).toBeCloseTo(12);
  expect(table.track('endToEnd').values[0]).toBeNaN();
  const read = new FrameTable();
  read.way = 'guest';
  const shown = steps('client', [
    [0, 'decode', 10.015, 3],
    [0, 'present', 10.02, 4],
  ]);
  for (const message of [...spice, shown]) read.takeSteps(message);
  expect(read.stacked('waiting').values[0]).toBeCloseTo(24);
  expect(read.track('endToEnd').values[0]).toBeCloseTo(24);
});

test('frames of two streams are never joined, and a latency that can’t be is none', () => {
  const table = new FrameTable();
  table.clockErrorS = 0.001;
  table.takeFrames(frames('video', 0, 3));
  table.takeFrames({ ...frames('video 2', 0, 2), captureS: Float64Array.of(250, 250.1) });
  // The last frames of the first stream were never encoded; what is told of them belongs to no frame of the second.
  table.takeSteps(steps('client', [[3, 'present', 0.35, 1]], 'video'));
  table.takeSteps(steps('client', [[0, 'present', 250.02, 1]], 'video 2'));
  expect(table.length).toBe(5);
  const latency = table.track('endToEnd').values;
  expect(latency[3]).toBeCloseTo(21);
  expect(latency[4]).toBeNaN();
  table.takeSteps(steps('client', [[1, 'present', 310.2, 1]], 'video 2'));
  table.takeSteps(steps('client', [[2, 'present', 0.19, 1]], 'video'));
  expect([latency[4], latency[2]]).toEqual([NaN, NaN]);
});

test('frames that are lost at one time each count', () => {
  const table = new FrameTable();
  table.takeFrames(frames('video', 0, 4));
  table.takeSteps(
    steps(
      'client',
      [1, 2, 3].map((frame): Told => [frame, 'receive', 0.5, NaN, 'lost']),
    ),
  );
  expect(table.events.dropped.length).toBe(3);
  expect(table.lost.counts(0, 1)).toEqual([['client receive: lost', 3]]);
});

test('frames are numbered on where a new sender begins to count from 0', () => {
  const table = new FrameTable();
  table.takeFrames(frames('video', 0, 5));
  table.takeFrames({ ...frames('video 2', 0, 3), captureS: Float64Array.of(1, 1.1, 1.2) });
  expect(table.length).toBe(8);
  expect([5, 6, 7].map((row) => table.frameOf(row))).toEqual([0, 1, 2]);
  table.takeSteps(steps('guest', [[1, 'encode', 1.1, 7]], 'video 2'));
  expect(table.track('encode').values[6]).toBeCloseTo(7);
});

test('a session that is started again has other frames, though their stream and numbers are the same', () => {
  const table = new FrameTable();
  const later = (first: number) => ({ ...frames('video', first, 5), captureS: Float64Array.of(50, 51, 52, 53, 54) });
  table.takeFrames(frames('video', 0, 5));
  table.takeFrames(later(0));
  expect(table.length).toBe(10);
  table.takeFrames(later(0));
  expect(table.length).toBe(10);
  table.takeSteps(steps('guest', [[0, 'capture', 90, 1]]));
  expect([table.length, table.times[10], table.times[0]]).toEqual([11, 90, 0]);
});

test('the last frames are kept, and what is told of one that is gone changes nothing', () => {
  const table = new FrameTable(2_048);
  for (let first = 0; first < 10_000; first += 100) table.takeFrames(frames('video', first, 100));
  expect(table.length).toBeLessThanOrEqual(2_048);
  const last = table.length - 1;
  expect(table.frameOf(last)).toBe(9_999);
  expect(table.times[last]).toBeCloseTo(999.9);
  table.takeSteps(steps('guest', [[3, 'encode', 0.3, 7]]));
  expect(table.length - 1).toBe(last);
  table.takeSteps(steps('guest', [[9_999, 'encode', 999.9, 7]]));
  expect(table.track('encode').values[last]).toBeCloseTo(7);
});

test('times ascend where a frame was never captured or its time is not known', () => {
  const table = new FrameTable();
  table.takeFrames({ ...frames('video', 0, 4), captureS: Float64Array.of(1, NaN, NaN, 1.3) });
  table.takeFrames(frames('video', 6, 1, 4));
  const times = Array.from(table.times.slice(0, table.length));
  expect(times).toEqual([1, 1, 1, 1.3, 1.3, 1.3, 1.5]);
  expect(table.track('sizeP').values[4]).toBeNaN();
});
