// A character device (a guest's virtio port), without ever blocking: Node can't wait for one with its event loop, and a read that
// blocks would hold a thread for ever and keep the process from ending. What a server says is a few bytes now and then.

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import type { DeviceEnd, DeviceEndEvents } from './device-end.ts';
import { WriteQueue } from './write-queue.ts';

/** It is looked at so often for something to read, milliseconds. */
const READ_MS = 20;
/** A device that is full is tried again after this time, milliseconds. */
const FULL_MS = 2;
const READ_BYTES = 4096;

export function openCharacterDevice(path: string, events: DeviceEndEvents): DeviceEnd {
  const queue = new WriteQueue();
  const buffer = Buffer.alloc(READ_BYTES);
  let fd = -1;
  let reading: NodeJS.Timeout | null = null;
  let full: NodeJS.Timeout | null = null;

  const close = () => {
    if (reading !== null) clearInterval(reading);
    if (full !== null) clearTimeout(full);
    reading = full = null;
    if (fd >= 0) closeSync(fd);
    fd = -1;
  };
  const gone = (why: string) => {
    close();
    events.onGone(why);
  };
  const read = () => {
    for (;;) {
      const count = tried(() => readSync(fd, buffer));
      if (count === null || fd < 0) return;
      if (count instanceof Error) return gone(count.message);
      if (count === 0) return gone('the host has closed it');
      events.onBytes(buffer.subarray(0, count));
      if (fd < 0 || count < READ_BYTES) return;
    }
  };
  const write = () => {
    full = null;
    let fault: Error | null = null;
    const done = queue.drain((bytes, from) => {
      if (fd < 0) return 0;
      const count = tried(() => writeSync(fd, bytes, from));
      if (count instanceof Error) fault = count;
      return typeof count === 'number' ? count : 0;
    });
    if (fault !== null) gone((fault as Error).message);
    else if (!done && fd >= 0) full = setTimeout(write, FULL_MS);
  };
  setImmediate(() => {
    try {
      fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch (error) {
      return gone((error as Error).message);
    }
    reading = setInterval(read, READ_MS);
    events.onOpen();
  });
  return {
    get queuedBytes() {
      return queue.queuedBytes;
    },
    write(bytes, onSent) {
      if (fd < 0) return;
      queue.push(bytes, onSent);
      if (full === null) write();
    },
    clear: () => queue.clear(),
    close,
  };
}

/** Null where it would have to wait. */
function tried(call: () => number): number | Error | null {
  try {
    return call();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? null : (error as Error);
  }
}
