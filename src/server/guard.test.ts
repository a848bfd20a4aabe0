import { expect, test } from 'vitest';
import { cookieName, loopbackHosts, refuseForeign, refuseStranger, type DoorHeaders } from './guard.ts';
import { Sessions } from './tokens.ts';

const PORT = 4600;
const HOSTS = loopbackHosts(PORT);
const headers = (some: Partial<DoorHeaders>): DoorHeaders => ({
  host: `127.0.0.1:${PORT}`,
  origin: undefined,
  authorization: undefined,
  cookie: undefined,
  ...some,
});

test.each([
  ['127.0.0.1:4600', undefined, null],
  ['localhost:4600', 'http://localhost:4600', null],
  ['LOCALHOST:4600', 'http://localhost:4600', null],
  ['[::1]:4600', 'http://[::1]:4600', null],
  ['127.0.0.1:4600', 'http://localhost:4600', null],
  [undefined, undefined, 403],
  ['127.0.0.1', undefined, 403],
  ['127.0.0.1:80', undefined, 403],
  ['evil.example:4600', undefined, 403],
  ['127.0.0.1.evil.example:4600', undefined, 403],
  ['127.0.0.1:4600', 'http://evil.example', 403],
  ['127.0.0.1:4600', 'https://127.0.0.1:4600', 403],
  ['127.0.0.1:4600', 'http://127.0.0.1:4601', 403],
  ['127.0.0.1:4600', 'null', 403],
  ['127.0.0.1:4600', '', 403],
])('a request to %s from %s is answered with %s', (host, origin, status) => {
  expect(refuseForeign(headers({ host, origin }), HOSTS, false)?.status ?? null).toBe(status);
});

test('a request that changes something tells its origin, unless it shows the bearer token', () => {
  expect(refuseForeign(headers({}), HOSTS, true)?.status).toBe(403);
  expect(refuseForeign(headers({ authorization: 'Bearer x' }), HOSTS, true)).toBeNull();
  expect(
    refuseForeign(headers({ authorization: 'Bearer x', origin: 'http://evil.example' }), HOSTS, true)?.status,
  ).toBe(403);
});

test('a session is known by the cookie of this port alone', () => {
  const sessions = new Sessions();
  const id = sessions.create();
  const credentials = { serverToken: 'the-token', sessions };
  const enter = (some: Partial<DoorHeaders>) => refuseStranger(headers(some), credentials, PORT)?.status ?? null;
  expect(enter({})).toBe(401);
  expect(enter({ cookie: `a=b; ${cookieName(PORT)}=${id}` })).toBeNull();
  expect(enter({ cookie: `${cookieName(4601)}=${id}` })).toBe(401);
  expect(enter({ cookie: `${cookieName(PORT)}=${id}x` })).toBe(401);
  expect(enter({ authorization: 'Bearer the-token' })).toBeNull();
  expect(enter({ authorization: 'Bearer another' })).toBe(401);
  expect(enter({ authorization: 'Basic the-token' })).toBe(401);
  // A wrong bearer is not made good by a cookie.
  expect(enter({ authorization: 'Bearer another', cookie: `${cookieName(PORT)}=${id}` })).toBe(401);
});
