// The WebSocket at /api/v1/live: the same door as every request, small requests in, changes out.

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { z } from 'zod';
import { refuseForeign, refuseStranger, type Credentials } from './guard.ts';
import type { Listener, LiveHub } from './live-hub.ts';
import { WIRE_VERSION, type LiveRequest } from './wire.ts';

const PATH = '/api/v1/live';
/** A request names what is looked at, nothing more. */
const MAX_REQUEST_BYTES = 4 * 1024;
const MAX_SOCKETS = 64;
/** After so many messages that are no requests, whoever sends them is sent away. */
const MAX_GARBAGE = 20;
/** A page that takes nothing in while this much waits for it is let go; it comes back and reads anew. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const PING_MS = 20_000;

const NAME = z.string().max(512);
const REQUEST = z.strictObject({
  version: z.literal(WIRE_VERSION),
  list: z.boolean().optional(),
  benchmark: NAME.optional(),
  run: NAME.optional(),
  script: z.boolean().optional(),
});

export interface LiveSocketParts extends Credentials {
  readonly hub: LiveHub;
  readonly hosts: () => ReadonlySet<string>;
  readonly port: () => number;
  readonly onError: (error: unknown) => void;
}

export interface LiveSockets {
  /** Messages that were no requests, since the start. */
  readonly garbage: () => number;
  close(): void;
}

/** Serves the WebSocket on an HTTP server. */
export function attachLiveSocket(server: Server, parts: LiveSocketParts): LiveSockets {
  let garbage = 0;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_REQUEST_BYTES, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    // A connection may break at any moment before it is a WebSocket.
    socket.on('error', parts.onError);
    const refusal = refuse(request, parts, sockets.clients.size);
    if (refusal !== null) return turnAway(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('error', parts.onError);
      serve(webSocket, parts, () => ++garbage);
    });
  });
  const pings = setInterval(() => {
    for (const webSocket of sockets.clients) ping(webSocket);
  }, PING_MS);
  return {
    garbage: () => garbage,
    close() {
      clearInterval(pings);
      for (const webSocket of sockets.clients) webSocket.terminate();
      sockets.close();
    },
  };
}

function refuse(request: IncomingMessage, parts: LiveSocketParts, open: number): string | null {
  const { host, origin, authorization, cookie } = request.headers;
  const headers = { host, origin, authorization, cookie };
  const refusal = refuseForeign(headers, parts.hosts(), true) ?? refuseStranger(headers, parts, parts.port());
  if (refusal !== null) return `${refusal.status} ${refusal.status === 401 ? 'Unauthorized' : 'Forbidden'}`;
  if (request.url?.split('?', 1)[0] !== PATH) return '404 Not Found';
  return open >= MAX_SOCKETS ? '503 Service Unavailable' : null;
}

function turnAway(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function serve(webSocket: WebSocket, { hub, onError }: LiveSocketParts, countGarbage: () => number): void {
  const listener: Listener = {
    send(message) {
      if (webSocket.readyState !== webSocket.OPEN) return;
      if (webSocket.bufferedAmount > MAX_WAITING_BYTES) return webSocket.terminate();
      webSocket.send(JSON.stringify(message));
    },
  };
  let garbage = 0;
  webSocket.on('message', (data, isBinary) => {
    const request = isBinary ? null : parseRequest(data);
    if (request !== null) return hub.request(listener, request);
    countGarbage();
    if (++garbage >= MAX_GARBAGE) webSocket.close(1008, 'not the language of this socket');
  });
  webSocket.on('close', () => hub.remove(listener));
  webSocket.on('error', (error) => {
    // A message that is too long, or no WebSocket frame at all: the library closes the socket by itself.
    if ((error as NodeJS.ErrnoException).code?.startsWith('WS_ERR_')) countGarbage();
    else onError(error);
  });
  webSocket.on('pong', () => waiting.delete(webSocket));
  hub.add(listener);
}

/** Sockets that owe an answer to a ping. */
const waiting = new WeakSet<WebSocket>();

function ping(webSocket: WebSocket): void {
  if (waiting.has(webSocket)) return webSocket.terminate();
  waiting.add(webSocket);
  webSocket.ping();
}

function parseRequest(data: RawData): LiveRequest | null {
  try {
    const parsed = REQUEST.safeParse(JSON.parse((data as Buffer).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
