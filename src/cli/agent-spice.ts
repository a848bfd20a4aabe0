// Options of `encodelab agent` for a machine of a SPICE desktop: in the guest, before the server, beside the client.

import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { AgentSpice, SpiceAddress } from '#core/live';
import { UserError } from '#core/user-error';
import { checkDevice } from '#session/spice/stream-device/device-end';
import { parseAddress } from './spice-address.ts';

export interface AgentSpiceOptions {
  /** True where no path was given. */
  readonly streamDevice?: string | true;
  readonly spiceServer?: string;
  readonly spiceListen?: string;
  readonly spiceLog?: string;
}

const DEFAULT_DEVICE = '/dev/virtio-ports/org.spice-space.stream.0';
const LOCALHOST = '127.0.0.1';

export function addAgentSpiceOptions(command: Command): Command {
  return command
    .option('--stream-device [path]', `in a SPICE guest: encode into this device (default: ${DEFAULT_DEVICE})`)
    .option('--spice-server <host:port>', 'beside a SPICE server: stand before it as a tap, all the time')
    .option(
      '--spice-listen <address>',
      `where its clients connect then: port, or host:port (default host: ${LOCALHOST})`,
    )
    .option('--spice-log <file>', "file where GStreamer's latency tracer writes in that server, or in the client");
}

/**
 * Null where none of them was given.
 * @throws UserError where one is wrong, or half of a pair is missing
 */
export function agentSpiceOf(options: AgentSpiceOptions): AgentSpice | null {
  const { streamDevice, spiceServer, spiceListen, spiceLog } = options;
  const device = streamDevice === true ? DEFAULT_DEVICE : (streamDevice ?? null);
  if (device !== null) checkDevice(device);
  const tap = tapOf(spiceServer, spiceListen);
  const log = spiceLog === undefined ? null : logOf(spiceLog);
  return device === null && tap === null && log === null ? null : { device, tap, log };
}

function tapOf(server: string | undefined, listen: string | undefined): AgentSpice['tap'] {
  if (server === undefined && listen === undefined) return null;
  if (server === undefined)
    throw new UserError({
      what: 'a tap needs the SPICE server that it stands before',
      where: `--spice-listen ${listen}`,
      todo: 'Add --spice-server HOST:PORT, the plain port of the server: 127.0.0.1:5930.',
    });
  if (listen === undefined)
    throw new UserError({
      what: 'a tap needs a port where clients connect',
      where: `--spice-server ${server}`,
      todo: "Add --spice-listen PORT, and let clients connect there in the server's place: 5931.",
    });
  const tap = {
    listen: named(parseAddress(listen, '--spice-listen', LOCALHOST), '--spice-listen'),
    server: named(parseAddress(server, '--spice-server', null), '--spice-server'),
  };
  if (tap.listen.port === tap.server.port && tap.listen.host === tap.server.host)
    throw new UserError({
      what: 'the tap would be its own server',
      where: '--spice-listen',
      todo: `Take another port than ${tap.server.port}.`,
    });
  return tap;
}

/** A port that clients have to know can't be any free one. */
function named(address: SpiceAddress, where: string): SpiceAddress {
  if (address.port > 0) return address;
  throw new UserError({ what: '0 is no port to connect to', where, todo: 'Name one: 5931.' });
}

/** The program that writes it may begin later. */
function logOf(path: string): string {
  const file = resolve(path);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UserError({ what: 'a log is a file, and this is a folder', where: file, todo: '--spice-log FILE' });
  if (statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory() === true) return file;
  throw new UserError({
    what: 'there is no folder for this log',
    where: file,
    todo: 'Name the file that GST_DEBUG_FILE names in the environment of the SPICE server or client.',
  });
}
