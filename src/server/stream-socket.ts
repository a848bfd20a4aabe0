// The WebSocket of live pages: requests in, packets of rows out (live-wire.ts).

import type { WebSocket } from 'ws';
import { z } from 'zod';
import { MAX_GARBAGE, parseRequest } from './live-socket.ts';
import { STREAM_PATH, STREAM_WIRE_VERSION, type StreamRequest } from './live-wire.ts';
import type { StreamHub } from './stream-hub.ts';
import type { SocketService } from './upgrades.ts';

/** A request may name every indicator that it shows. */
const MAX_REQUEST_BYTES = 256 * 1024;
const MAX_SOCKETS = 64;
const MAX_INDICATORS = 2_000;
const MAX_NAME_LENGTH = 256;
const MAX_PAST_S = 3_600;

const REQUEST = z.strictObject({
  version: z.literal(STREAM_WIRE_VERSION),
  indicators: z.array(z.string().max(MAX_NAME_LENGTH)).max(MAX_INDICATORS),
  frames: z.boolean(),
  pictures: z.boolean(),
  pastS: z.number().min(0).max(MAX_PAST_S),
});

export function streamService(hub: StreamHub): SocketService {
  return {
    path: STREAM_PATH,
    maxMessageBytes: MAX_REQUEST_BYTES,
    maxSockets: MAX_SOCKETS,
    bearerOnly: false,
    serve: (webSocket, countGarbage) => serve(webSocket, hub, countGarbage),
  };
}

function serve(webSocket: WebSocket, hub: StreamHub, countGarbage: () => void): void {
  const page = hub.open(webSocket);
  let garbage = 0;
  webSocket.on('message', (data, isBinary) => {
    const request = isBinary ? null : parseRequest(data, REQUEST);
    if (request !== null) return hub.request(page, request satisfies StreamRequest);
    countGarbage();
    if (++garbage >= MAX_GARBAGE) webSocket.close(1008, 'not the language of this socket');
  });
  webSocket.on('close', () => hub.leave(page));
}
