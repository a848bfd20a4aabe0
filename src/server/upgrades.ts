// The one door of all WebSockets of the server: the same checks as every request, then the socket goes to whoever serves its path.

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { refuseForeign, refuseStranger, type Credentials } from './guard.ts';

const PING_MS = 20_000;
/** A socket that leaves so many pings in a row unanswered is dead. A slow one answers late, behind what waits for it. */
const MAX_MISSED_PINGS = 3;

/** The other end was killed, or its network went away: no failure of ours. */
const GONE = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'];

/** Who serves the sockets of one path. */
export interface SocketService {
  readonly path: string;
  /** A longer message ends its socket. */
  readonly maxMessageBytes: number;
  readonly maxSockets: number;
  /** True where a browser's cookie opens nothing: for programs that show the lab's token. */
  readonly bearerOnly: boolean;
  /** @param countGarbage to be called for each message that is none */
  serve(webSocket: WebSocket, countGarbage: () => void): void;
}

export interface UpgradeDoor extends Credentials {
  readonly hosts: () => ReadonlySet<string>;
  readonly port: () => number;
  readonly onError: (error: unknown) => void;
}

export interface Upgrades {
  /** Messages on all sockets that were none, since the start. */
  readonly garbage: () => number;
  close(): void;
}

interface Place {
  readonly service: SocketService;
  readonly sockets: WebSocketServer;
}

/** Serves the WebSockets of an HTTP server. */
export function attachUpgrades(server: Server, door: UpgradeDoor, services: readonly SocketService[]): Upgrades {
  let garbage = 0;
  const places = new Map(services.map((service) => [service.path, openPlace(service)]));
  const missed = new WeakMap<WebSocket, number>();
  server.on('upgrade', (request, socket, head) => {
    // A connection may break at any moment before it is a WebSocket.
    socket.on('error', door.onError);
    const place = places.get(request.url?.split('?', 1)[0] ?? '');
    const refusal = refuse(request, door, place);
    if (refusal !== null || place === undefined) return turnAway(socket, refusal ?? NO_PLACE);
    place.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('error', door.onError);
      webSocket.on('pong', () => missed.delete(webSocket));
      webSocket.on('error', (error) => {
        const { code = '' } = error as NodeJS.ErrnoException;
        // A message that is too long, or no WebSocket frame at all: the library closes the socket by itself.
        if (code.startsWith('WS_ERR_')) garbage++;
        else if (!GONE.includes(code)) door.onError(error);
      });
      place.service.serve(webSocket, () => garbage++);
    });
  });
  const pings = setInterval(() => {
    for (const { sockets } of places.values()) for (const webSocket of sockets.clients) ping(webSocket, missed);
  }, PING_MS);
  return {
    garbage: () => garbage,
    close() {
      clearInterval(pings);
      for (const { sockets } of places.values()) {
        for (const webSocket of sockets.clients) webSocket.terminate();
        sockets.close();
      }
    },
  };
}

function openPlace(service: SocketService): Place {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: service.maxMessageBytes,
    perMessageDeflate: false,
  });
  return { service, sockets };
}

interface TurnedAway {
  readonly status: string;
  readonly why: string;
}

const NO_PLACE: TurnedAway = { status: '404 Not Found', why: 'nothing is served here' };

function refuse(request: IncomingMessage, door: UpgradeDoor, place: Place | undefined): TurnedAway | null {
  const { host, origin, authorization, cookie } = request.headers;
  const headers = { host, origin, authorization, cookie };
  // A program that forgot its token is told so, and not that it should have come from a page.
  const bearerOnly = place?.service.bearerOnly === true;
  const refusal = refuseForeign(headers, door.hosts(), !bearerOnly);
  if (refusal !== null) return { status: `${refusal.status} Forbidden`, why: refusal.why };
  if (bearerOnly && authorization === undefined) return { status: '401 Unauthorized', why: NO_TOKEN };
  const stranger = refuseStranger(headers, door, door.port());
  if (stranger !== null) return { status: `${stranger.status} Unauthorized`, why: stranger.why };
  if (place === undefined) return NO_PLACE;
  return place.sockets.clients.size >= place.service.maxSockets
    ? { status: '503 Service Unavailable', why: `${place.service.maxSockets} are connected already` }
    : null;
}

const NO_TOKEN = 'an agent shows the token of the lab: it stands in server-token there (Authorization: Bearer TOKEN)';

function turnAway(socket: Duplex, { status, why }: TurnedAway): void {
  const body = `${why}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function ping(webSocket: WebSocket, missed: WeakMap<WebSocket, number>): void {
  const count = missed.get(webSocket) ?? 0;
  if (count >= MAX_MISSED_PINGS) return webSocket.terminate();
  missed.set(webSocket, count + 1);
  webSocket.ping();
}
