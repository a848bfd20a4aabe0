// `5931`, `127.0.0.1:5931`, `[::1]:5931`: where something listens.

import { UserError } from '#core/user-error';
import { asArgument } from './wrong-argument.ts';

/** @param host where none is named; null where one must be */
export function parseAddress(text: string, where: string, host: string | null): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  const named = bracketed ?? plain ?? host;
  if (digits === undefined || port > 65_535 || named === null)
    throw new UserError({
      what: `"${text}" is no address`,
      where,
      todo: host === null ? 'Write host:port, as in 127.0.0.1:5930.' : 'Write a port, or host:port.',
    });
  return { host: named, port };
}

/** Of an option where something listens: commander says what is wrong with it. */
export const listenAddress = (text: string) => asArgument(() => parseAddress(text, '', '127.0.0.1'));

/** Of an option where something is reached. @param host where none is named; null where one must be */
export function serverAddress(text: string, host: string | null): { host: string; port: number } {
  return asArgument(() => {
    const address = parseAddress(text, '', host);
    if (address.port > 0) return address;
    throw new UserError({ what: '0 is no port to connect to', todo: 'Name the one where it listens.' });
  });
}
