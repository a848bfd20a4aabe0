// A server over a lab: the page, the interface below it, and live changes.

import { hostname, networkInterfaces } from 'node:os';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { createCollector } from '#live/collector/collector';
import type { Collector } from '#live/collector-types';
import { agentLine } from './agent-line.ts';
import { agentService, MAX_AGENTS } from './agent-socket.ts';
import { createApp } from './app.ts';
import { BenchmarkPages } from './benchmark-pages.ts';
import { EncoderPages } from './encoder-pages.ts';
import { loopbackHosts } from './guard.ts';
import type { LabView } from './lab-view.ts';
import { Layouts } from './layouts.ts';
import { LiveFigures } from './live-figures.ts';
import { LiveHub } from './live-hub.ts';
import { liveService } from './live-socket.ts';
import type { AgentLine } from './live-wire.ts';
import { takeLab } from './one-server.ts';
import { ScriptRunner } from './script-runner.ts';
import { removeServerAddress, saveServerAddress } from './server-address.ts';
import { StreamHub } from './stream-hub.ts';
import { streamService } from './stream-socket.ts';
import { TitlePages } from './titles-pages.ts';
import { OneTimeLinks, Sessions, readServerToken } from './tokens.ts';
import { attachUpgrades, type SocketService } from './upgrades.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
/** A browser opens six connections to a host, and two WebSockets for each tab; every agent has one. */
const MAX_CONNECTIONS = MAX_AGENTS + 512;

export interface ServerOptions {
  readonly lab: LabView;
  /** 0 takes a free one. */
  readonly port: number;
  /** 127.0.0.1 where it is left out. */
  readonly host?: string | undefined;
  /** Without it no address but the loopback is listened on: whoever reaches it could try tokens. */
  readonly allowOtherAddress?: boolean | undefined;
  /** Holds a collector as well, which tells agents the version of encodelab; without it agents and live pages find none. */
  readonly live?: ServedLab | undefined;
  /** Told of failures of the server itself; by default they go to standard error. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Folder of the built page; only tests say. */
  readonly webRoot?: URL | undefined;
  /** Starts the command line; only tests say. */
  readonly scriptCommand?: readonly string[] | undefined;
}

interface ServedLab {
  readonly lab: Lab;
  readonly version: string;
  /** Who serves it, for a second server that is refused; `encodelab serve` where it is left out. */
  readonly what?: string | undefined;
}

export interface RunningServer {
  /** Address without a token, `http://127.0.0.1:8421`. */
  readonly address: string;
  /** Address with a token that signs one browser in, once. */
  readonly url: string;
  readonly port: number;
  /** Another such link. */
  link(): string;
  /** Null where it was started without one. */
  readonly collector: Collector | null;
  /** The token that agents and commands show. */
  readonly token: string;
  /** How an agent connects; it takes the token from the lab's file. */
  agentLine(role: string): AgentLine;
  /** Messages on WebSockets that were no requests. */
  garbage(): number;
  /** Ends every connection, the collector, and the bench that was started from the page. */
  close(): Promise<void>;
}

/**
 * Starts the server of a lab.
 * @throws UserError where the address is not allowed, the port is taken, or the lab has a server with a collector already
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', onError = printError } = options;
  if (!LOOPBACK.includes(host) && options.allowOtherAddress !== true) {
    throw new UserError({
      what: `${host} can be reached by other machines`,
      where: '--host',
      todo: 'leave it out for 127.0.0.1; or add --allow-other-address, on a network that you trust',
    });
  }
  const giveLabBack =
    options.live === undefined ? undefined : await takeLab(options.live.lab, options.live.what ?? 'encodelab serve');
  try {
    return await serve(options, host, onError, giveLabBack);
  } catch (error) {
    await giveLabBack?.();
    throw error;
  }
}

async function serve(
  options: ServerOptions,
  host: string,
  onError: (error: unknown) => void,
  giveLabBack: (() => Promise<void>) | undefined,
): Promise<RunningServer> {
  const { lab } = options;
  const serverToken = await readServerToken(lab.path);
  const links = new OneTimeLinks();
  const sessions = new Sessions();
  const scripts = new ScriptRunner(lab.path, options.scriptCommand);
  const benchmarks = new BenchmarkPages(lab.catalogue);
  const encoders = new EncoderPages(lab);
  const titles = new TitlePages(lab, serverToken);
  const hub = new LiveHub(lab.catalogue, benchmarks, scripts, onError);
  const server = createServer();
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server, host, options.port);
  const live = await openLive(options, onError).catch(async (error: unknown) => {
    await new Promise((resolve) => server.close(resolve));
    throw error;
  });
  const address = `http://${host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  const allowed = LOOPBACK.includes(host) ? loopbackHosts(port) : reachableHosts(host, port);
  const door = { serverToken, sessions, hosts: () => allowed, port: () => port, onError };
  const app = createApp({
    ...door,
    live: live && { ...live, listening: { host, port }, token: serverToken },
    lab,
    benchmarks,
    scripts,
    encoders,
    titles,
    links,
    baseUrl: () => address,
    webRoot: options.webRoot,
  });
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  server.on('request', (request, response) => void answer(request, response));
  const sockets = attachUpgrades(server, door, [liveService(hub), ...(live?.services ?? [])]);
  await saveServerAddress(lab.path, address);
  const link = () => `${address}/?token=${links.create()}`;
  return {
    address,
    url: link(),
    port,
    collector: live?.collector ?? null,
    token: serverToken,
    agentLine: (role) => agentLine({ host, port }, role, `--token-file ${join(lab.path, 'server-token')}`),
    link,
    garbage: sockets.garbage,
    async close() {
      await live?.close();
      sockets.close();
      await hub.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await Promise.all([scripts.close(), encoders.close(), titles.close()]);
      await removeServerAddress(lab.path, address);
      await giveLabBack?.();
    },
  };
}

/** A collector, and what the server makes around it. */
async function openLive({ live, lab }: ServerOptions, onError: (error: unknown) => void) {
  if (live === undefined) return undefined;
  const collector = await createCollector({ ...live, onError });
  const stream = new StreamHub(collector);
  const figures = new LiveFigures(collector);
  const services: readonly SocketService[] = [streamService(stream), agentService(collector)];
  return {
    collector,
    figures,
    layouts: new Layouts(lab.path),
    services,
    /** While agents are connected still: their parts are stopped. */
    async close() {
      stream.close();
      figures.close();
      await collector.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new UserError(whyNot(cause, host, port), { cause }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function whyNot(cause: NodeJS.ErrnoException, host: string, port: number) {
  switch (cause.code) {
    case 'EADDRINUSE':
      return { what: `port ${port} is taken`, where: '--port', todo: 'another number, or 0 for any free one' };
    case 'EACCES':
      return { what: `port ${port} may not be opened`, where: '--port', todo: 'a number from 1024 on' };
    default:
      return { what: `${host} can't be listened on: ${cause.message}`, where: '--host' };
  }
}

/** Names by which a server that listens beyond this machine may be called: its addresses, its own name, the one it was given. */
function reachableHosts(host: string, port: number): Set<string> {
  const hosts = loopbackHosts(port).add(`${host.toLowerCase()}:${port}`).add(`${hostname().toLowerCase()}:${port}`);
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, family } of addresses ?? [])
      hosts.add(family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`);
  }
  return hosts;
}

function printError(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
