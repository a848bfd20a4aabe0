import { expect, test } from 'vitest';
import type { RecorderFact } from './recorder-facts.ts';
import { RecorderIndicators, recorderIndicator } from './recorder-indicators.ts';

/** All values in their order. The connection begins at second 0 and the facts are read before second 2. */
function told(recorders: readonly string[], facts: readonly RecorderFact[]): (readonly [string, number])[] {
  const values: [string, number][] = [];
  const indicators = new RecorderIndicators(recorders, 0, (quantity, _, value) => values.push([quantity, value]));
  for (const fact of facts) indicators.take(fact);
  indicators.tick(999_999);
  indicators.tick(2e6);
  return values.filter(([, value]) => !Number.isNaN(value));
}

const clientFrame = (bytes: number, key = false): RecorderFact => ({ kind: 'client frame', atUs: 7, bytes, key });
const decodedFrame: RecorderFact = {
  kind: 'decoded frame',
  atUs: 8,
  mmTimeMs: 5,
  bytes: 900,
  createdUs: 1,
  decodeUs: 1_250,
  queue: 2,
  queueBefore: 1,
  key: true,
};

test('steps that a guest did not tell are absent, and so is a duration of a clock that was set', () => {
  const frame = {
    startUs: 0,
    sleepUs: null,
    captureUs: -5,
    encodeUs: 6_000,
    sendUs: 0,
    sentUs: 9,
    bytes: 250,
    key: true,
  };
  expect(told(['frame'], [{ kind: 'guest frame', frame }])).toEqual([
    ['encode.time', 6],
    ['send.time', 0],
    ['frame.bytes', 250],
    ['frame.rate', 0.5],
    ['bitrate', 1000],
    ['keyframe.rate', 0.5],
  ]);
});

test('no frame is a rate of zero where frames would be told, and no rate where they would not', () => {
  expect(told(['stream_channel_data'], [])).toEqual([
    ['frame.rate', 0],
    ['bitrate', 0],
  ]);
  expect(told(['quality', 'agent_info'], [])).toEqual([]);
});

test('a client that tells a frame twice, as it comes and as it is decoded, has it counted once', () => {
  const facts = [clientFrame(500, true), decodedFrame, clientFrame(750), decodedFrame];
  expect(told(['frames_stats', 'frames_info'], facts)).toEqual([
    ['frame.bytes', 500],
    ['decode.time', 1.25],
    ['queue.frames', 2],
    ['frame.bytes', 750],
    ['decode.time', 1.25],
    ['queue.frames', 2],
    ['frame.rate', 1],
    ['bitrate', 5000],
    ['keyframe.rate', 0.5],
  ]);
  expect(told(['frames_stats'], [decodedFrame])).toContainEqual(['frame.bytes', 900]);
});

test('recorders that are named and tell nothing are no frames: the first one that tells is counted', () => {
  const named = ['frame', 'stream_channel_data', 'frames_info', 'frames_stats'];
  expect(told(named, [clientFrame(500, true), decodedFrame, clientFrame(750)])).toEqual([
    ['frame.bytes', 500],
    ['decode.time', 1.25],
    ['queue.frames', 2],
    ['frame.bytes', 750],
    ['frame.rate', 1],
    ['bitrate', 5000],
    ['keyframe.rate', 0.5],
  ]);
  // Nobody has told yet: no frame is a rate of zero still.
  expect(told(named, [])).toContainEqual(['frame.rate', 0]);
});

test('a size that was not told leaves no bitrate; the next second has one again', () => {
  const frame = { startUs: 0, sleepUs: 1, captureUs: 1, encodeUs: 1, sendUs: 1, sentUs: 9, bytes: null, key: false };
  const values: [string, number][] = [];
  const indicators = new RecorderIndicators(['frame'], 0, (quantity, _, value) => values.push([quantity, value]));
  indicators.take({ kind: 'guest frame', frame });
  indicators.tick(1e6);
  indicators.take({ kind: 'guest frame', frame: { ...frame, bytes: 100 } });
  indicators.tick(2e6);
  expect(values.filter(([name]) => name === 'bitrate')).toEqual([
    ['bitrate', NaN],
    ['bitrate', 800],
  ]);
});

test('drops and the frame rate that was asked for are told each second', () => {
  const facts: RecorderFact[] = [
    { kind: 'frames dropped', atUs: 1, count: 3 },
    { kind: 'frame left queue', atUs: 2, afterUs: 1_234 },
    { kind: 'frame rate asked', atUs: 3, fps: 30 },
  ];
  expect(told(['frames_dropped', 'quality_setting'], facts)).toEqual([
    ['queue.time', 1.234],
    ['drop.rate', 1.5],
    ['frame.rate.wanted', 30],
  ]);
});

test('of several processes each has a name of its own', () => {
  expect(recorderIndicator('frame.rate', 'recorders host:1', null).name).toBe('recorders.frame.rate');
  expect(recorderIndicator('frame.rate', 'recorders host:1', 1).name).toBe('recorders.frame.rate[1]');
});
