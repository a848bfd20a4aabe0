// The WebSocket at /api/v1/live: small requests in, changes of benchmarks and runs out.

import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Listener, LiveHub } from './live-hub.ts';
import type { SocketService } from './upgrades.ts';
import { WIRE_VERSION, type LiveRequest } from './wire.ts';

/** A request names what is looked at, nothing more. */
const MAX_REQUEST_BYTES = 4 * 1024;
const MAX_SOCKETS = 64;
/** After so many messages that are no requests, whoever sends them is sent away. */
export const MAX_GARBAGE = 20;
/** A page that takes nothing in while this much waits for it is let go; it comes back and reads anew. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

const NAME = z.string().max(512);
const REQUEST = z.strictObject({
  version: z.literal(WIRE_VERSION),
  list: z.boolean().optional(),
  benchmark: NAME.optional(),
  run: NAME.optional(),
  script: z.boolean().optional(),
});

/** Serves pages that look at benchmarks and runs. */
export function liveService(hub: LiveHub): SocketService {
  return {
    path: '/api/v1/live',
    maxMessageBytes: MAX_REQUEST_BYTES,
    maxSockets: MAX_SOCKETS,
    bearerOnly: false,
    serve: (webSocket, countGarbage) => serve(webSocket, hub, countGarbage),
  };
}

function serve(webSocket: WebSocket, hub: LiveHub, countGarbage: () => void): void {
  const listener: Listener = {
    send(message) {
      if (webSocket.readyState !== webSocket.OPEN) return;
      if (webSocket.bufferedAmount > MAX_WAITING_BYTES) return webSocket.terminate();
      webSocket.send(JSON.stringify(message));
    },
  };
  let garbage = 0;
  webSocket.on('message', (data, isBinary) => {
    const request = isBinary ? null : parseRequest(data, REQUEST);
    if (request !== null) return hub.request(listener, request satisfies LiveRequest);
    countGarbage();
    if (++garbage >= MAX_GARBAGE) webSocket.close(1008, 'not the language of this socket');
  });
  webSocket.on('close', () => hub.remove(listener));
  hub.add(listener);
}

/** @returns null where it is no JSON, or not of that form */
export function parseRequest<Form extends z.ZodType>(data: RawData, form: Form): z.infer<Form> | null {
  try {
    const parsed = form.safeParse(JSON.parse((data as Buffer).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
