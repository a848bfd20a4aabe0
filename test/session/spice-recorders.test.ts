// A whole agent beside patched SPICE processes. These are small peers, written from the description of their protocol.

import { afterEach, expect, test } from 'vitest';
import { AgentBench } from '../live/agent-bench.ts';
import { RecordersPeer } from './spice-recorders-peer.ts';

const bench = AgentBench.forEach();
const peers: RecordersPeer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.die()));
});

const until = (what: () => boolean) => expect.poll(what, { timeout: 30_000, interval: 20 }).toBe(true);
const absent = () => (bench.collector.indicators.at(-1) ?? bench.collector.hellos.at(-1))!.absent;
const values = (name: string) => bench.collector.valuesOf(name);

async function open(...recorders: string[]): Promise<RecordersPeer> {
  const peer = await new RecordersPeer(recorders).open();
  peers.push(peer);
  return peer;
}

test('what a guest tells reaches the collector: its frames, its process, its words', async () => {
  const peer = await open('frame', 'gst_frame', 'quality_interface', 'agent_info');
  await bench.start({ role: 'guest', recorders: [peer.address] });
  await until(() => peer.heard === '1111');
  peer.tellGuestFrame(4321, true);
  peer.tell('quality_interface', 'client: !freeze');
  peer.tell('agent_info', `pid: ${process.pid}`);
  await until(() => values('recorders.encode.time').length > 0 && values('program.memory').length > 0);
  expect(values('recorders.frame.bytes')).toEqual([4321]);
  expect(values('recorders.encode.time')).toEqual([6]);
  expect(values('program.memory')[0]).toBeGreaterThan(1e6);
  await until(() => bench.collector.texts.includes('!client: freeze'));
  expect(absent().filter((reason) => reason.includes('recorders'))).toEqual([]);
  await peer.die();
  await until(() => absent().some((reason) => reason.startsWith(`recorders 127.0.0.1:${peer.port}: `)));
  await until(() => values('cpu.busy').length > 2);
});

test('of two processes each has its indicators; a program that was named is the one that is measured', async () => {
  const server = await open('stream_channel_data', 'agent_info');
  const client = await open('frames_info', 'frames_stats');
  const recorders = [server.address, client.address];
  await bench.start({ role: 'host', recorders, process: 'a-program-that-nobody-has' });
  await until(() => server.heard === '11' && client.heard === '11');
  server.tell('agent_info', `pid: ${process.pid}`);
  server.tell('stream_channel_data', 'Stream data packet size 900 mm_time 5');
  client.tell('frames_info', 'frame size 901 keyframe 1');
  client.tell('frames_stats', 'frame mm_time 5 size 901 creation time 7 decoded time 1500 queue 1 before 0 keyframe 1');
  await until(() => values('recorders.frame.rate[0]').length > 0 && values('recorders.frame.rate[1]').length > 0);
  expect(values('recorders.frame.bytes[0]')).toEqual([900]);
  expect(values('recorders.frame.bytes[1]')).toEqual([901]);
  expect(values('recorders.decode.time[1]')).toEqual([1.5]);
  expect(absent()).toContain('program: no process is named a-program-that-nobody-has');
  expect(values('program.memory')).toEqual([]);
});
