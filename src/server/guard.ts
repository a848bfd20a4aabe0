// The door: which addresses a request may name, where it may come from, and who may make it. The same checks serve
// every method and the WebSocket upgrade.

import { sameToken, type Sessions } from './tokens.ts';

export interface Credentials {
  readonly serverToken: string;
  readonly sessions: Sessions;
}

/** The headers that decide, lower-case names; several values of one header are joined as HTTP has it. */
export interface DoorHeaders {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export type Refusal = { readonly status: 401 | 403; readonly why: string };

/** Names under which a server on the loopback address is reached. Anything else is a name that was rebound to it. */
export function loopbackHosts(port: number): Set<string> {
  return new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]);
}

/** A cookie is sent to every port of a host: the name tells ours from that of another lab. */
export function cookieName(port: number): string {
  return `encodelab-${port}`;
}

/**
 * Refuses what comes by a foreign name (DNS rebinding) or from a foreign page.
 * @param needsOrigin true where a browser always tells the origin, so that its absence is suspect
 */
export function refuseForeign(headers: DoorHeaders, hosts: ReadonlySet<string>, needsOrigin: boolean): Refusal | null {
  if (headers.host === undefined || !hosts.has(headers.host.toLowerCase()))
    return { status: 403, why: 'this server does not answer to that host name' };
  if (headers.origin === undefined) {
    // Programs send no origin; they show the bearer token, which no foreign page can.
    return needsOrigin && headers.authorization === undefined
      ? { status: 403, why: 'a request that changes something must tell its origin' }
      : null;
  }
  const origin = headers.origin.toLowerCase();
  const own = origin.startsWith('http://') && hosts.has(origin.slice('http://'.length));
  return own ? null : { status: 403, why: 'requests from other pages are refused' };
}

/** Lets in a bearer of the lab's token, or a browser with a session. */
export function refuseStranger(headers: DoorHeaders, credentials: Credentials, port: number): Refusal | null {
  if (headers.authorization !== undefined) {
    const token = /^Bearer ([\w-]+)$/i.exec(headers.authorization)?.[1];
    return token !== undefined && sameToken(token, credentials.serverToken)
      ? null
      : { status: 401, why: 'the bearer token is not the one in server-token of this lab' };
  }
  return credentials.sessions.has(readCookie(headers.cookie, cookieName(port)))
    ? null
    : { status: 401, why: 'open the link that `encodelab serve --link` prints' };
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
