// A UNIX socket in the place of the device: what a host gives where its guest is no virtual machine, and what tests talk to.

import { connect } from 'node:net';
import type { DeviceEnd, DeviceEndEvents } from './device-end.ts';
import { WriteQueue } from './write-queue.ts';

export function connectSocket(path: string, events: DeviceEndEvents): DeviceEnd {
  const queue = new WriteQueue();
  const socket = connect(path);
  let open = false;
  let closed = false;
  const gone = (why: string) => {
    if (closed) return;
    closed = true;
    socket.destroy();
    events.onGone(why);
  };
  // One message at a time is with the socket, so that what was not begun can be forgotten.
  const write = () => {
    queue.drain((bytes, from) => {
      if (!open || closed || socket.writableNeedDrain) return 0;
      socket.write(from === 0 ? bytes : bytes.subarray(from));
      return bytes.length - from;
    });
  };
  socket.on('connect', () => {
    open = true;
    events.onOpen();
  });
  socket.on('data', (bytes) => {
    if (!closed) events.onBytes(bytes);
  });
  socket.on('drain', write);
  socket.on('error', (error) => gone(error.message));
  socket.on('close', () => gone('the host has closed it'));
  return {
    get queuedBytes() {
      return queue.queuedBytes + socket.writableLength;
    },
    write(bytes, onSent) {
      if (!open || closed) return;
      queue.push(bytes, onSent);
      write();
    },
    clear: () => queue.clear(),
    close() {
      closed = true;
      socket.destroy();
    },
  };
}
