// The one line that starts an agent on another machine.

import { networkInterfaces } from 'node:os';
import type { AgentLine } from './live-wire.ts';

export interface Listening {
  /** As it was asked for: `127.0.0.1`, `0.0.0.0`, `192.0.2.7`. */
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/**
 * @param role of the agent
 * @param secret the option with the lab's token: `--token …`, `--token-file …`
 */
export function agentLine({ host, port }: Listening, role: string, secret: string): AgentLine {
  const [first, ...others] = reachableAddresses(host).map(
    (address) =>
      `encodelab agent --role ${role} --collector http://${address.includes(':') ? `[${address}]` : address}:${port} ${secret}`,
  );
  return { line: first!, others, note: note(host) };
}

function note(host: string): string | null {
  if (LOOPBACK.includes(host))
    return 'This server listens on this machine only. For agents of other machines start it with: encodelab serve --host 0.0.0.0 --allow-other-address';
  const outside = reachableAddresses(host).filter((address) => !LOOPBACK.includes(address));
  return outside.length === 0 ? 'This machine has no address on a network.' : null;
}

/** Addresses by which others come; the loopback where there is no other. */
function reachableAddresses(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  // Link-local addresses of IPv6 need the name of an interface, which is another one there.
  const usable = all.filter(({ address, family, internal }) => {
    return !internal && (family === 'IPv4' || (host === '::' && !address.startsWith('fe80')));
  });
  return usable.length === 0 ? ['127.0.0.1'] : usable.map(({ address }) => address);
}
