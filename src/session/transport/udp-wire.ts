// UDP. An end has a socket that is bound to its relay: whatever comes from elsewhere does not reach it. The relay has one socket
// for all of its peers.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { parsePacket } from './packet.ts';
import type { Wire, WireEvents } from './wire.ts';

/** Asked of the kernel, which may give less: a keyframe must not overflow while a picture is decoded. */
export const UDP_BUFFER_BYTES = 4 * 1024 * 1024;

/** An end's wire. Calls `onReady` when it can send. */
export function udpWire(host: string, port: number, events: WireEvents, onReady: () => void): Wire {
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    recvBufferSize: UDP_BUFFER_BYTES,
    sendBufferSize: UDP_BUFFER_BYTES,
  });
  let closed = false;
  let ready = false;
  let queuedBytes = 0;
  const end = (why: string) => {
    if (closed) return;
    closed = true;
    socket.close();
    events.onClosed(why);
  };
  socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  socket.on('message', (raw) => {
    const packet = parsePacket(raw);
    if (packet !== null && !closed) events.onPacket(packet, raw);
  });
  socket.connect(port, host, () => {
    if (closed) return;
    ready = true;
    onReady();
  });
  return {
    get queuedBytes() {
      return queuedBytes;
    },
    raw: (packet) => packet,
    send(raw, onSent) {
      if (closed || !ready) return;
      queuedBytes += raw.length;
      socket.send(raw, (error) => {
        queuedBytes -= raw.length;
        // Nobody listens there. Any other error is a datagram that was lost, as datagrams are.
        if ((error as NodeJS.ErrnoException | null)?.code === 'ECONNREFUSED') end('ECONNREFUSED');
        else onSent?.();
      });
    },
    close() {
      if (closed) return;
      closed = true;
      // One turn later, so that a farewell is with the kernel.
      setImmediate(() => socket.close());
    },
  };
}

/** The relay's wire to one of its peers. */
export function udpPeerWire(socket: Socket, to: RemoteInfo): Wire {
  let queuedBytes = 0;
  return {
    get queuedBytes() {
      return queuedBytes;
    },
    raw: (packet) => packet,
    send(raw, onSent) {
      queuedBytes += raw.length;
      socket.send(raw, to.port, to.address, () => {
        queuedBytes -= raw.length;
        onSent?.();
      });
    },
    close() {},
  };
}
