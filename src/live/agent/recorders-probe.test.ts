// The peer is small and written from the description of the protocol.

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SeriesBatch } from '#core/recording';
import { monotonicUs } from '#system/clock';
import { RecordersPeer } from '../../../test/session/spice-recorders-peer.ts';
import { IndicatorList } from './indicator-list.ts';
import { RecordersProbe } from './recorders-probe.ts';

const until = (what: () => boolean) => expect.poll(what, { timeout: 20_000, interval: 10 }).toBe(true);

let peer: RecordersPeer;
let list: IndicatorList;
let probe: RecordersProbe | null = null;
let batches: SeriesBatch[];
let messages: string[];
let followed: number[];
/** Indicators that were told of, whenever the list was told. */
let toldIndicators: number;

beforeEach(async () => {
  peer = new RecordersPeer(['frame', 'gst_frame', 'frames_dropped', 'quality_interface', 'agent_info', 'mystery']);
  await peer.open();
  list = new IndicatorList();
  [batches, messages, followed, toldIndicators] = [[], [], [], 0];
});
afterEach(async () => {
  await probe?.close();
  probe = null;
  await peer.die();
});

function listen(): RecordersProbe {
  probe = new RecordersProbe(peer.address, {
    agent: 'guest',
    role: 'guest',
    member: null,
    retryMs: 50,
    list,
    onRows: (batch) => {
      expect(Math.max(...batch.indicator)).toBeLessThan(toldIndicators);
      batches.push(batch);
    },
    onChanged: () => (toldIndicators = list.all.length),
    onMessage: (text) => messages.push(text),
    follow: (pid) => followed.push(pid),
  });
  return probe;
}

const of = (name: string, column: 'value' | 'timeUs' = 'value') => {
  const position = list.all.findIndex((one) => one.name === name);
  return batches.flatMap((batch) => [...batch[column]].filter((_, row) => batch.indicator[row] === position));
};
const name = () => `recorders 127.0.0.1:${peer.port}`;

test('frames become values at the times at which they were sent, messages and the process are handed on', async () => {
  const startUs = monotonicUs();
  const { failure } = listen();
  await until(() => peer.heard === '111110');
  peer.tellGuestFrame(4321, true);
  peer.tellGuestFrame(99, false);
  peer.tell('quality_interface', 'guest: it stutters');
  peer.tell('quality_interface', 'client: !look here');
  peer.tell('quality_interface', `guest: #${'x'.repeat(5_000)}`);
  peer.tell('agent_info', 'pid: 4242');
  peer.tell('agent_info', 'pid: 4243');
  peer.tell('agent_info', 'version 7');
  await until(() => messages.length === 5 && of('recorders.frame.rate').length > 0);
  const endUs = monotonicUs();
  expect(failure).toBeNull();
  expect(of('recorders.frame.bytes')).toEqual([4321, 99]);
  expect(of('recorders.sleep.time')).toEqual([0.5, 0.5]);
  expect(of('recorders.capture.time')).toEqual([2, 2]);
  expect(of('recorders.encode.time')).toEqual([6, 6]);
  expect(of('recorders.send.time')).toEqual([0.4, 0.4]);
  for (const timeUs of batches.flatMap((batch) => [...batch.timeUs])) {
    expect(timeUs).toBeGreaterThanOrEqual(startUs);
    expect(timeUs).toBeLessThanOrEqual(endUs);
  }
  expect(of('recorders.frame.rate', 'timeUs')[0]! - startUs).toBeGreaterThanOrEqual(1e6);
  expect(of('recorders.drop.rate')[0]).toBe(0);
  expect(followed).toEqual([4242]);
  expect(messages).toEqual([
    `${name()}: it tells frame, gst_frame, frames_dropped, quality_interface, agent_info`,
    'it stutters',
    '!client: look here',
    `#${'x'.repeat(499)}… (5001 characters)`,
    `${name()}: not understood: agent_info: version 7`,
  ]);
});

test('one that is not there, comes, dies and comes back is told of once each time', async () => {
  await peer.die();
  const listening = listen();
  await until(() => messages.length === 1);
  const missing = `${name()}: nobody listens there`;
  expect(listening.failure).toBe(missing);
  await peer.open();
  await until(() => messages.length === 2);
  expect(listening.failure).toBeNull();
  await until(() => peer.heard === '111110');
  peer.tell('frame', 'Capturing frame...');
  await peer.die();
  await until(() => messages.at(-1)!.startsWith(missing));
  await peer.open();
  await until(() => peer.heard === '111110111110');
  peer.tell('agent_info', 'pid: 1');
  // The frame that was begun before it died is not one of this process.
  peer.tell('frame', 'Sent frame');
  peer.tellGuestFrame(7, false);
  await until(() => of('recorders.frame.bytes').length > 0);
  expect(of('recorders.send.time')).toEqual([0.4]);
  const again = 'it is tried again every 0.05 s';
  expect(messages.filter((text) => !text.includes('closed') && !text.includes('ECONNRESET'))).toEqual([
    `${missing}; ${again}`,
    `${name()}: it tells frame, gst_frame, frames_dropped, quality_interface, agent_info`,
    `${missing}; ${again}`,
    `${name()}: it tells frame, gst_frame, frames_dropped, quality_interface, agent_info`,
    `${name()}: not understood: agent_info: process 1 is not its own`,
  ]);
  expect(followed).toEqual([]);
});

test.for([
  ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\nRecorders: frame;\n'],
  ['bytes without an end', 'x'.repeat(1_100_000)],
] as const)('%s: it is left, told of once, and tried again', async ([, greeting]) => {
  peer.greeting = greeting;
  const listening = listen();
  await until(() => peer.connections >= 4);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatch(/: (it does not begin with its recorders|a line is longer than any); it is tried again/);
  expect(listening.failure).not.toBeNull();
  expect(batches).toEqual([]);
});

test('one that begins with other bytes each time is told of once, without them', async () => {
  let times = 0;
  Object.defineProperty(peer, 'greeting', { get: () => `\u001b[31m${times++}\u0007\n` });
  listen();
  await until(() => peer.connections >= 4);
  expect(messages).toEqual([`${name()}: it does not begin with its recorders; it is tried again every 0.05 s`]);
});

test('what a process says moves no cursor and begins no line', async () => {
  listen();
  await until(() => peer.heard === '111110');
  peer.tell('quality_interface', 'cli\u001b[31ment: one\u001b]0;two\u0007\u009b three\r\b');
  peer.tell('mystery\u001b[2J', 'any\u001bthing');
  peer.write('no\u001b[2J\nentry\u0000\n\n');
  await until(() => messages.length >= 4);
  expect(messages.slice(1).join('')).toContain('no\uFFFD[2J / entry');
  for (const text of messages) expect(text).not.toMatch(/\p{Cc}/u);
});

test('one that talks garbage after its greeting is told of a few times, and what is right in it is kept', async () => {
  listen();
  await until(() => peer.heard === '111110');
  for (let i = 0; i < 500; i++) {
    peer.write(`garbage ${i}\0\xff\n\n`);
    peer.tell('quality_interface', `guest: text ${i}`);
    peer.tell('no_recorder', 'of mine');
  }
  peer.tellGuestFrame(55, false);
  await until(() => of('recorders.frame.bytes').length > 0);
  expect(of('recorders.frame.bytes')).toEqual([55]);
  expect(messages.filter((text) => text.includes('not understood'))).toHaveLength(5);
  expect(messages.length).toBeLessThan(500);
});

test('a flood leaves values out and says so; it stops nothing', async () => {
  listen();
  await until(() => peer.heard === '111110');
  for (let i = 0; i < 20_000; i++) peer.tell('frames_dropped', `drop frame after ${i} in queue`);
  peer.tell('frames_dropped', 'dropped 3 frames');
  await until(() => of('recorders.drop.rate').some((rate) => rate > 0));
  expect(Math.max(...batches.map(({ value }) => value.length))).toBeLessThanOrEqual(2_000);
  // A machine that needs seconds to read it has room for all of it.
  const hasAll = of('recorders.queue.time').length === 20_000;
  const lost = messages.filter((text) => text.includes('left out'));
  expect(lost).toEqual(hasAll ? [] : [`${name()}: it tells more than is kept; some of it is left out`]);
});
