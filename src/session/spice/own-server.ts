// Whether a tap's server would be the tap: each connection would then make another, until there are no more.

import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';

interface Address {
  readonly host: string;
  readonly port: number;
}

const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Never where it listens on a free port: nobody can have named that. A name that nobody knows is nobody's. */
export async function isOwnServer(listen: Address, server: Address): Promise<boolean> {
  if (listen.port === 0 || listen.port !== server.port) return false;
  const [listened, asked] = await Promise.all([addressesOf(listen.host), addressesOf(server.host)]);
  // Where any address is connected to, it is the loopback.
  return asked.some((address) => listened.some((own) => reaches(own, ANY[address] ?? address)));
}

function reaches(listened: string, address: string): boolean {
  if (!Object.hasOwn(ANY, listened)) return listened === address;
  // The any address of version 6 takes version 4 too.
  return (listened === '::' || !address.includes(':')) && isOfThisMachine(address);
}

function isOfThisMachine(address: string): boolean {
  if (address.startsWith('127.') || address === '::1') return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address) === true);
}

async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => normal(address));
}

/** In one way of writing, without its zone, `::ffff:127.0.0.1` as version 4. */
function normal(address: string): string {
  if (!address.includes(':')) return address;
  const short = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const [a, b] = [parseInt(high, 16), parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}
