// The origin of published titles, /media/NAME/…: what players and caches expect of one, for pages of any other place.

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { mediaHeaders } from '#pipeline/package/media-type';
import { publishedRoot } from '#pipeline/package/published-folder';
import { byteRange } from './byte-range.ts';
import type { LabView } from './lab-view.ts';

/** Names in a path below `/media/`: of the title, of a variant of it, of a version's folder, of a file. */
const MAX_NAMES = 4;
/** A browser asks once an hour whether another page may read from here. */
const PREFLIGHT_S = 3600;

/** Sent with every answer: anybody may play what is published, and no file is ever a page. */
const ALWAYS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'accept-ranges, content-length, content-range, date, etag',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

export interface OriginParts {
  readonly lab: Pick<LabView, 'path'>;
  readonly hosts: () => ReadonlySet<string>;
}

/** Stands before the door: what is published may be played without a token. */
export function origin({ lab, hosts }: OriginParts): Hono {
  const published = publishedRoot(lab.path);
  return new Hono()
    .use('/media/*', async (c, next) => {
      // Any other name was rebound to this address.
      const host = c.req.header('host') ?? new URL(c.req.url).host;
      if (hosts().has(host.toLowerCase())) return await next();
      return c.json({ problems: [{ what: 'this server does not answer to that host name' }] }, 403);
    })
    .options('/media/*', (c) =>
      c.body(null, 204, {
        ...ALWAYS,
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': 'range, if-none-match, if-range',
        'access-control-max-age': String(PREFLIGHT_S),
      }),
    )
    .get('/media/*', (c) => answer(c, published))
    .all('/media/*', (c) => c.text('only GET and HEAD', 405, { ...ALWAYS, allow: 'GET, HEAD, OPTIONS' }));
}

async function answer(c: Context, published: string): Promise<Response> {
  const names = namesOf(new URL(c.req.url).pathname);
  const headers = names === null ? null : mediaHeaders(names.slice(1).join('/'));
  const file = names === null || headers === null ? null : await findFile(published, names);
  if (file === null || headers === null) return c.text('no such file', 404, { ...ALWAYS, 'cache-control': 'no-store' });
  const common = {
    ...ALWAYS,
    'accept-ranges': 'bytes',
    'cache-control': headers.cacheControl,
    'content-type': headers.contentType,
    etag: file.etag,
    'last-modified': file.changedAt.toUTCString(),
  };
  if (holdsAlready(c.req.header('if-none-match'), file.etag)) return c.body(null, 304, common);
  // A part of another version than the one that is known would not fit to it.
  const same = [undefined, file.etag, common['last-modified']].includes(c.req.header('if-range'));
  const range = same ? byteRange(c.req.header('range'), file.bytes) : 'all';
  if (range === 'none')
    return c.body(null, 416, { ...common, 'content-range': `bytes */${file.bytes}`, 'cache-control': 'no-store' });
  const [first, last] = range === 'all' ? [0, file.bytes - 1] : range;
  const length = { 'content-length': String(last - first + 1) };
  const part = range === 'all' ? {} : { 'content-range': `bytes ${first}-${last}/${file.bytes}` };
  const status = range === 'all' ? 200 : 206;
  const isEmpty = c.req.method === 'HEAD' || file.bytes === 0;
  const body = isEmpty ? null : Readable.toWeb(createReadStream(file.path, { start: first, end: last }));
  return new Response(body, { status, headers: { ...common, ...length, ...part } });
}

/**
 * Names in a path below `/media/`, each decoded once. Null where one of them could lead anywhere but down.
 */
function namesOf(path: string): string[] | null {
  const names: string[] = [];
  for (const part of path.split('/').slice(2)) {
    let name: string;
    try {
      name = decodeURIComponent(part);
    } catch {
      return null;
    }
    // What begins with a dot is hidden, not whole yet, or leads up.
    if (name === '' || name.startsWith('.') || /[/\\\0]/.test(name)) return null;
    names.push(name);
  }
  return names.length < 2 || names.length > MAX_NAMES ? null : names;
}

interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly changedAt: Date;
  readonly etag: string;
}

/** Null where there is none, or a link leads out of the folder. */
async function findFile(published: string, names: readonly string[]): Promise<FoundFile | null> {
  try {
    const [root, path] = await Promise.all([realpath(published), realpath(join(published, ...names))]);
    const found = await stat(path);
    if (!path.startsWith(root + sep) || !found.isFile()) return null;
    const etag = `"${found.size.toString(16)}-${Math.round(found.mtimeMs).toString(16)}-${found.ino.toString(16)}"`;
    return { path, bytes: found.size, changedAt: found.mtime, etag };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && ABSENT.has(code)) return null;
    throw error;
  }
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EACCES', 'ELOOP']);

function holdsAlready(header: string | undefined, etag: string): boolean {
  const known = header?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  return known.includes('*') || known.includes(etag);
}
