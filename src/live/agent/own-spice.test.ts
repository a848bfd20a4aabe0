import { expect, test } from 'vitest';
import type { AgentSpice } from '#core/live';
import type { ReceiverSpec, SenderSpec } from '#session/part';
import { withOwnSpice } from './own-spice.ts';

const own: AgentSpice = { device: '/dev/own', tap: null, log: '/var/log/own' };
const of = { session: 's', stream: 'video', role: 'guest', transport: 'tcp', token: 't' } as const;
const relay = { host: '127.0.0.1', port: 1 };
const sender: SenderSpec = { ...of, part: 'sender', settings: {}, relay };
const receiver: ReceiverSpec = { ...of, part: 'receiver', relay };

test("a device, a file or an address of a request is the agent's own in its place", () => {
  for (const device of ['', '/etc/passwd'])
    expect(withOwnSpice({ ...sender, device }, own)).toEqual({ ...sender, device: '/dev/own' });
  const other = { ...own, log: '/etc/passwd' };
  expect(withOwnSpice({ ...receiver, spice: { agent: other } }, own)).toEqual({ ...receiver, spice: { agent: own } });
});

test('parts of a loopback session stay as they are', () => {
  for (const spec of [sender, receiver]) expect(withOwnSpice(spec, own)).toBe(spec);
});

test('what the agent does not have is refused with the option that it lacks', () => {
  expect(() => withOwnSpice({ ...sender, device: '' }, null)).toThrow(/no stream device[^]*--stream-device/);
  expect(() => withOwnSpice({ ...receiver, spice: { agent: null } }, { ...own, log: null })).toThrow(
    /--spice-log FILE/,
  );
});
