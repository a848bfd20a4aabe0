import { expect, test } from 'vitest';
import type { AgentSpice, AgentState } from '#core/live';
import { isWanted, missingAgent } from './missing-agent.ts';

const URL = 'http://127.0.0.1:4600';
const address = (port: number) => ({ host: '127.0.0.1', port });
const NOTHING: AgentSpice = { device: null, tap: null, log: null };
const agent = (role: string, spice: AgentSpice | null) => ({ role, spice }) as AgentState;

test('an agent of a SPICE desktop is one that stands beside what is needed, and not only one of its role', () => {
  const tap = { listen: address(5931), server: address(5930) };
  expect(isWanted(agent('server', { ...NOTHING, tap }), { role: 'server', beside: 'tap' })).toBe(true);
  expect(isWanted(agent('guest', { ...NOTHING, tap }), { role: 'server', beside: 'tap' })).toBe(false);
  for (const spice of [null, NOTHING, { ...NOTHING, device: '/dev/x' }])
    expect(isWanted(agent('server', spice), { role: 'server', beside: 'tap' })).toBe(false);
  expect(isWanted(agent('guest', { ...NOTHING, device: '/dev/x' }), { role: 'guest', beside: 'device' })).toBe(true);
  expect(isWanted(agent('guest', null), { role: 'guest', beside: 'device' })).toBe(false);
  expect(isWanted(agent('guest', null), { role: 'guest' })).toBe(true);
});

test('one that is missing is told with the line that starts it', () => {
  expect(missingAgent({ role: 'server', beside: 'tap' }, URL)).toEqual({
    what: 'no agent of the role server stands before a SPICE server',
    where: URL,
    todo: `on its machine: encodelab agent --role server --spice-server HOST:PORT --spice-listen PORT --collector ${URL} --token …`,
  });
  const device = missingAgent({ role: 'guest', beside: 'device', why: ['bitrate', 'gop'] }, URL);
  expect(device.what).toContain("a stock server can't be asked for bitrate, gop");
  expect(device.todo).toContain('encodelab agent --role guest --stream-device --collector');
  expect(missingAgent({ role: 'client' }, URL).what).toBe('no agent of the role client is connected');
});
