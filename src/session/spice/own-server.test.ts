import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { isOwnServer } from './own-server.ts';

const outer = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

const CASES: readonly (readonly [listen: string, server: string, isOwn: boolean])[] = [
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', 'localhost', true],
  ['127.0.0.1', '0.0.0.0', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['127.0.0.1', '198.51.100.7', false],
  ['0.0.0.0', '127.0.0.2', true],
  ['0.0.0.0', '::1', false],
  ['0.0.0.0', '198.51.100.7', false],
  ['::', '127.0.0.1', true],
  ['::', '::1', true],
  ['::', '::ffff:127.0.0.1', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['::1', '127.0.0.1', false],
  ...(outer === undefined
    ? []
    : ([
        ['0.0.0.0', outer, true],
        ['127.0.0.1', outer, false],
      ] as const)),
];

test.each(CASES)(
  'who listens at %s and connects to %s on the same port reaches itself: %s',
  async (host, server, own) => {
    expect(await isOwnServer({ host, port: 5930 }, { host: server, port: 5930 })).toBe(own);
    expect(await isOwnServer({ host, port: 5931 }, { host: server, port: 5930 })).toBe(false);
    expect(await isOwnServer({ host, port: 0 }, { host: server, port: 0 })).toBe(false);
  },
);
