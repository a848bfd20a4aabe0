// TCP and UDP on one port number.

import { createSocket, type Socket } from 'node:dgram';
import { createServer, isIPv6, type AddressInfo, type Server } from 'node:net';
import { UserError } from '#core/user-error';
import type { RelayAddress } from '../part.ts';
import { UDP_BUFFER_BYTES } from '../transport/udp-wire.ts';

/** A free port of TCP may be taken for UDP: so many are tried. */
const PORT_TRIES = 20;

/**
 * Listens on both.
 * @param address port 0 takes a free number
 * @throws UserError where the address can't be had
 */
export async function bindBoth(address: RelayAddress): Promise<{ server: Server; socket: Socket; port: number }> {
  for (let tries = 1; ; tries++) {
    const server = createServer();
    const socket = createSocket({
      type: isIPv6(address.host) ? 'udp6' : 'udp4',
      recvBufferSize: UDP_BUFFER_BYTES,
      sendBufferSize: UDP_BUFFER_BYTES,
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(address.port, address.host, resolve);
      });
      const { port } = server.address() as AddressInfo;
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(port, address.host, resolve);
      });
      return { server, socket, port };
    } catch (cause) {
      server.close();
      socket.close();
      const { code, message } = cause as NodeJS.ErrnoException;
      if (address.port === 0 && code === 'EADDRINUSE' && tries < PORT_TRIES) continue;
      const where = `${address.host}:${address.port}`;
      throw new UserError(
        { what: `the relay can't listen: ${code ?? message}`, where, todo: 'Take another address or port.' },
        { cause },
      );
    }
  }
}
