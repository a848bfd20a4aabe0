import { expect, test } from 'vitest';
import type { AgentSpice, AgentState, LiveState, PartState } from '#core/live';
import { hasTap, recordedSettings, sessionWay, spiceWords } from './session-way.ts';

const TAP: AgentSpice = {
  device: null,
  tap: { listen: { host: '127.0.0.1', port: 5931 }, server: { host: '::1', port: 5930 } },
  log: 'server.log',
};
const DEVICE: AgentSpice = { device: '/dev/virtio-ports/st', tap: null, log: null };

const agent = (role: string, spice: AgentSpice | null, connected = true) => ({ role, spice, connected }) as AgentState;
const stateOf = (agents: AgentState[], settings: Record<string, string>, parts: string[] = []) =>
  ({
    agents,
    session: { settings, parts: parts.map((part) => ({ part }) as PartState) },
  }) as unknown as LiveState;

test('a SPICE session is fed by our encoder where the guest has a stream device or a sender was at work, else it is stock', () => {
  const server = agent('server', TAP);
  const guest = agent('guest', DEVICE);
  const spice = { session: 'spice' };
  expect(sessionWay(stateOf([server, guest], {}))).toBe('loopback');
  expect(sessionWay(stateOf([server, guest], spice))).toBe('guest');
  // Lost for a moment, its session is the same.
  expect(sessionWay(stateOf([server, { ...guest, connected: false }], spice))).toBe('guest');
  expect(sessionWay(stateOf([server, agent('guest', null)], spice))).toBe('stock');
  expect(sessionWay(stateOf([server], spice, ['relay', 'receiver']))).toBe('stock');
  // A recording tells its parts.
  expect(sessionWay(stateOf([server], spice, ['sender', 'relay']))).toBe('guest');
  expect(sessionWay(null)).toBe('loopback');
});

test('a recording of a cell that does not say its kind is of SPICE by what only a tap tells', () => {
  const kind = (names: string[], places: string[], settings = {}) =>
    recordedSettings(
      settings,
      names.map((name) => ({ name })),
      new Set(places),
    )['session'];
  expect(kind([], ['server encode', 'server send', 'client decode'])).toBe('spice');
  expect(kind(['tap.round-trip'], ['guest encode', 'server receive', 'server send'])).toBe('spice');
  const loopback = ['guest capture', 'server receive', 'server send', 'client receive'];
  expect(kind(['cpu.busy'], loopback)).toBeUndefined();
  // The tap stood beside it, and somebody was connected through it.
  expect(kind(['tap.round-trip'], loopback)).toBeUndefined();
  expect(kind(['tap.round-trip'], ['server send'], { session: 'loopback' })).toBe('loopback');
});

test('SPICE is offered while an agent with a tap is connected', () => {
  expect(hasTap([agent('server', TAP)])).toBe(true);
  expect(hasTap([agent('server', TAP, false), agent('guest', DEVICE), agent('client', null)])).toBe(false);
});

test('what an agent stands beside is told in words', () => {
  expect(spiceWords(agent('server', TAP))).toEqual(['tap 127.0.0.1:5931 → [::1]:5930', 'GStreamer’s log server.log']);
  expect(spiceWords(agent('guest', DEVICE))).toEqual(['stream device /dev/virtio-ports/st']);
  expect(spiceWords(agent('client', null))).toEqual([]);
});
