import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { openKeyStore } from '#pipeline/package/key-store';
import { byteRange } from './byte-range.ts';
import { licenceToken } from './licences.ts';
import { startServer, type RunningServer } from './start-server.ts';

const VERSION = '0123456789abcdef';
const TITLE = '0197c0de-0000-7000-8000-000000000001';
const SECRET = 'nobody outside may read this';
const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
let folder: string;
let lab: Lab;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-origin-'));
  lab = await openLab(folder);
  const title = join(folder, 'published', 'bunny & co');
  await mkdir(join(title, VERSION), { recursive: true });
  const about = { version: 1, title: TITLE, protection: 'cenc', keyIds: {}, dash: 'manifest.mpd', hls: 'master.m3u8' };
  await writeFile(join(title, 'title.json'), JSON.stringify(about));
  await writeFile(join(title, 'manifest.mpd'), '<MPD/>');
  await writeFile(join(title, 'master.m3u8'), '#EXTM3U\n');
  await writeFile(join(title, VERSION, 'v1.mp4'), CONTENT);
  await mkdir(join(title, 'none', VERSION), { recursive: true });
  await writeFile(join(title, 'none', VERSION, 'v1.mp4'), CONTENT);
  await writeFile(join(title, VERSION, 'empty.vtt'), '');
  await writeFile(join(title, VERSION, '.unfinished-1.mp4'), SECRET);
  await writeFile(join(title, VERSION, 'notes.txt'), SECRET);
  // What a path or a link might reach for.
  await writeFile(join(folder, 'secret.mp4'), SECRET);
  await symlink(join(folder, 'secret.mp4'), join(title, VERSION, 'link.mp4'));
  await symlink(folder, join(title, 'fedcba9876543210'));
  server = await startServer({ lab, port: 0 });
});
afterAll(async () => {
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

const MEDIA = '/media/bunny%20%26%20co';
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${server.address}${path}`, { method, headers });

/** Sends a path as it is: `fetch` would tidy it up. */
function askRaw(path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('the origin', () => {
  test.each([
    ['manifest.mpd', 'application/dash+xml', 'public, max-age=5'],
    ['master.m3u8', 'application/vnd.apple.mpegurl', 'public, max-age=5'],
    [`${VERSION}/v1.mp4`, 'video/mp4', 'public, max-age=31536000, immutable'],
    [`none/${VERSION}/v1.mp4`, 'video/mp4', 'public, max-age=31536000, immutable'],
    [`${VERSION}/empty.vtt`, 'text/vtt; charset=utf-8', 'public, max-age=31536000, immutable'],
  ])('gives %s to anybody, with its type and life time', async (name, type, cache) => {
    const response = await ask(`${MEDIA}/${name}`, { origin: 'http://player.example' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('cache-control')).toBe(cache);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['bytes=0-0', 206, 'bytes 0-0/1000', CONTENT.subarray(0, 1)],
    ['bytes=10-19', 206, 'bytes 10-19/1000', CONTENT.subarray(10, 20)],
    ['bytes=990-', 206, 'bytes 990-999/1000', CONTENT.subarray(990)],
    ['bytes=-5', 206, 'bytes 995-999/1000', CONTENT.subarray(995)],
    ['bytes=0-99999', 206, 'bytes 0-999/1000', CONTENT],
    ['bytes=1000-', 416, 'bytes */1000', Buffer.of()],
    ['bytes=-0', 416, 'bytes */1000', Buffer.of()],
    ['bytes=5-1', 200, null, CONTENT],
    ['bytes=0-1,5-6', 200, null, CONTENT],
    ['pages=1-2', 200, null, CONTENT],
  ])('answers the range %s with %i', async (range, status, contentRange, body) => {
    const response = await ask(`${MEDIA}/${VERSION}/v1.mp4`, { range });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  test('answers HEAD with everything but the body', async () => {
    const response = await ask(`${MEDIA}/${VERSION}/v1.mp4`, { range: 'bytes=0-9' }, 'HEAD');
    expect(response.status).toBe(206);
    expect(response.headers.get('content-length')).toBe('10');
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  test('knows what a cache has already, and gives no part of another version', async () => {
    const path = `${MEDIA}/manifest.mpd`;
    const etag = (await ask(path)).headers.get('etag')!;
    expect((await ask(path, { 'if-none-match': `"x", W/${etag}` })).status).toBe(304);
    expect((await ask(path, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    await utimes(join(folder, 'published', 'bunny & co', 'manifest.mpd'), 5, 5);
    expect((await ask(path, { 'if-none-match': etag })).status).toBe(200);
    expect((await ask(path, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(200);
  });

  test('tells a foreign page that it may ask for ranges, and nothing that it may change', async () => {
    const response = await ask(`${MEDIA}/manifest.mpd`, { origin: 'http://player.example' }, 'OPTIONS');
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, HEAD');
    expect(response.headers.get('access-control-allow-headers')).toContain('range');
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await ask(`${MEDIA}/manifest.mpd`, { origin: 'http://player.example' }, method)).status).toBe(405);
  });

  test('opens nothing else of the server to foreign pages', async () => {
    for (const path of ['/', '/api/v1/runs', '/api/media/bunny%20%26%20co', '/mediax', '/metrics']) {
      const response = await ask(path, { origin: 'http://player.example' });
      expect(response.status, path).toBe(403);
      expect(response.headers.get('access-control-allow-origin'), path).toBeNull();
    }
  });

  test('does not answer to another name', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'rebound.example' };
      httpRequest({ host: '127.0.0.1', port: server.port, path: `${MEDIA}/manifest.mpd`, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  test.each([
    `${MEDIA}/${VERSION}/link.mp4`,
    `${MEDIA}/fedcba9876543210/secret.mp4`,
    `${MEDIA}/${VERSION}/.unfinished-1.mp4`,
    `${MEDIA}/${VERSION}/notes.txt`,
    `${MEDIA}/../../secret.mp4`,
    `${MEDIA}/..%2f..%2fsecret.mp4`,
    `${MEDIA}/%2e%2e/%2e%2e/secret.mp4`,
    `${MEDIA}/..%5c..%5csecret.mp4`,
    '/media/../secret.mp4',
    '/media/%2e%2e/secret.mp4',
    '/media//secret.mp4',
    `${MEDIA}/${VERSION}/v1.mp4%00.mp4`,
    `${MEDIA}/${VERSION}/%ff.mp4`,
    `${MEDIA}/${VERSION}`,
    `${MEDIA}/`,
    `${MEDIA}/${VERSION}/${'x'.repeat(400)}.mp4`,
    `${MEDIA}/${VERSION}/v1.mp4/more.mp4`,
  ])('has nothing at %s', async (path) => {
    const { status, body } = await askRaw(path);
    expect([401, 404]).toContain(status);
    expect(body).not.toContain(SECRET);
  });

  test('never gives what lies elsewhere, whatever the path', async () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2e%2e',
      '/',
      '%2f',
      '%5c',
      '%00',
      'bunny%20%26%20co',
      VERSION,
      'secret.mp4',
      '%252e',
      'published',
      '//',
      'link.mp4',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const { status, body } = await askRaw(`/media/${pieces.join('/')}`);
        expect(body).not.toContain(SECRET);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });
});

test('a range of bytes lies in the file, whatever is asked for', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.option(fc.nat(2000)), fc.option(fc.nat(2000)), (bytes, from, to) => {
      const range = byteRange(`bytes=${from ?? ''}-${to ?? ''}`, bytes);
      if (typeof range === 'string') return;
      expect(range[0]).toBeGreaterThanOrEqual(0);
      expect(range[1]).toBeGreaterThanOrEqual(range[0]);
      expect(range[1]).toBeLessThan(bytes);
    }),
  );
});

describe('the licence server', () => {
  const path = '/licences/bunny%20%26%20co';
  const own = () => ({ authorization: `Bearer ${licenceToken(server.token, 'bunny & co')}` });
  const post = async (headers: Record<string, string>, body: unknown, at = path) =>
    await fetch(`${server.address}${at}`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const kids = async () => {
    const { keys } = await openKeyStore(folder).keys(TITLE);
    return keys.map(({ keyId, key }) => ({
      kid: Buffer.from(keyId, 'hex').toString('base64url'),
      k: Buffer.from(key, 'hex').toString('base64url'),
    }));
  };

  test('gives the keys that are asked for to a player of any page that has the token of the title', async () => {
    const [one, two] = await kids();
    const response = await post(
      { ...own(), origin: 'http://player.example' },
      { kids: [one!.kid, two!.kid], type: 'temporary' },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      keys: [one, two].map((key) => ({ kty: 'oct', ...key })),
      type: 'temporary',
    });
  });

  test('gives them to the bearer of the token of the lab too', async () => {
    const [one] = await kids();
    expect((await post({ authorization: `Bearer ${server.token}` }, { kids: [one!.kid] })).status).toBe(200);
  });

  test.each([
    ['no token', {}],
    ['the token of another title', { authorization: `Bearer ${licenceToken('x', 'other')}` }],
    ['a cookie of nobody', { cookie: 'encodelab-1=x' }],
  ] as const)('gives nothing for %s', async (_, headers) => {
    const [one] = await kids();
    const response = await post(headers, { kids: [one!.kid] });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain(one!.k);
  });

  test('gives nothing to a foreign page that has the token of the lab', async () => {
    const [one] = await kids();
    const headers = { authorization: `Bearer ${server.token}`, origin: 'http://player.example' };
    expect((await post(headers, { kids: [one!.kid] })).status).toBe(401);
  });

  test.each([
    ['no JSON', 'kids', 400],
    ['no ids', { kids: [] }, 400],
    ['too many ids', { kids: Array.from({ length: 17 }, () => 'a') }, 400],
    ['a key that is not of the title', { kids: ['AAAAAAAAAAAAAAAAAAAAAA'] }, 404],
    ['a licence that lasts', { kids: ['AAAAAAAAAAAAAAAAAAAAAA'], type: 'persistent-license' }, 400],
    ['too much', 'x'.repeat(5000), 413],
  ])('refuses %s', async (_, body, status) => {
    expect((await post(own(), body)).status).toBe(status);
  });

  test('knows nothing of titles that are not published', async () => {
    const token = (name: string) => ({ authorization: `Bearer ${licenceToken(server.token, name)}` });
    for (const name of ['other', '.hidden', '../published/bunny & co'])
      expect((await post(token(name), { kids: ['a'] }, `/licences/${encodeURIComponent(name)}`)).status).toBe(404);
  });

  test('is told of to pages of the lab alone', async () => {
    const about = '/api/media/bunny%20%26%20co';
    expect((await ask(about)).status).toBe(401);
    const response = await ask(about, { authorization: `Bearer ${server.token}` });
    expect(await response.json()).toEqual({
      title: TITLE,
      protection: 'cenc',
      dash: `${MEDIA}/manifest.mpd`,
      hls: `${MEDIA}/master.m3u8`,
      licence: { url: path, token: licenceToken(server.token, 'bunny & co') },
    });
    expect((await ask('/api/media/other', { authorization: `Bearer ${server.token}` })).status).toBe(404);
  });
});
