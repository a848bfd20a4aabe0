// The device itself: a virtio port (a character device) in a guest, or a UNIX socket that plays one.

import { statSync } from 'node:fs';
import { UserError } from '#core/user-error';
import { openCharacterDevice } from './character-device.ts';
import { connectSocket } from './socket-device.ts';

export interface DeviceEndEvents {
  onOpen(): void;
  /** Valid until the call returns. */
  onBytes(bytes: Uint8Array): void;
  /** Told once; nothing follows. */
  onGone(why: string): void;
}

export interface DeviceEnd {
  /** Bytes that were given and were not taken yet. */
  readonly queuedBytes: number;
  /** `onSent` is called when the device has taken all of it. */
  write(bytes: Buffer, onSent?: () => void): void;
  /** Forgets what was given, but for a message that the device has the beginning of. */
  clear(): void;
  close(): void;
}

/** Opens it; events follow, even where that fails. */
export function openDevice(path: string, events: DeviceEndEvents): DeviceEnd {
  const isSocket = statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
  return isSocket ? connectSocket(path, events) : openCharacterDevice(path, events);
}

/** @throws UserError where there is no such device, or it is a file or a folder */
export function checkDevice(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    throw new UserError({
      what: 'there is no such device',
      where: path,
      todo: 'QEMU makes it: -chardev spiceport,id=st,name=org.spice-space.stream.0 and a virtserialport of the same name.',
    });
  if (!found.isCharacterDevice() && !found.isSocket())
    throw new UserError({ what: 'it is neither a character device nor a socket', where: path });
}
