// A ClearKey licence server (W3C Encrypted Media Extensions, section 9.1.4) over the lab's own keys: for development. It
// hands keys to players as they are; a real DRM service never does.

import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { openKeyStore } from '#pipeline/package/key-store';
import { publishedRoot } from '#pipeline/package/published-folder';
import { PUBLISHED_TITLE, publishedTitle, type PublishedTitle } from '#pipeline/package/publish-package';
import type { LabView } from './lab-view.ts';
import { refuseForeign, refuseStranger, type Credentials, type DoorHeaders } from './guard.ts';
import { sameToken } from './tokens.ts';

/** A request names a few ids of keys. */
const MAX_BODY_BYTES = 4096;
const MAX_KEYS = 16;

const REQUEST = z.object({ kids: z.array(z.string()).min(1).max(MAX_KEYS), type: z.literal('temporary').optional() });

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'authorization, content-type',
  'cache-control': 'no-store',
};

export interface LicenceParts extends Credentials {
  readonly lab: Pick<LabView, 'path'>;
  readonly hosts: () => ReadonlySet<string>;
  readonly port: () => number;
}

/** Lets players of any page in who show the token of that one title; it is derived, and holds as long as the lab's own. */
export function licenceToken(serverToken: string, name: string): string {
  return createHmac('sha256', serverToken).update(`licence ${name}`).digest('base64url');
}

/** `POST /licences/NAME`, stands before the door: it has one of its own. */
export function licences(parts: LicenceParts): Hono {
  const keys = openKeyStore(parts.lab.path);
  return new Hono()
    .options('/licences/:name', (c) => c.body(null, 204, CORS))
    .post(
      '/licences/:name',
      bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => refuse(c, 413, 'that is too long') }),
      async (c) => {
        const name = c.req.param('name');
        if (!mayAsk(c, parts, name)) return refuse(c, 401, 'this takes the token of the title, or of the lab');
        const request = REQUEST.safeParse(await c.req.json().catch(() => null));
        if (!request.success) return refuse(c, 400, 'that is no licence request of ClearKey');
        const title = await readPublishedTitle(publishedRoot(parts.lab.path), name);
        const known = title === null ? null : await keys.known(title.title);
        if (title === null || known === null) return refuse(c, 404, 'there are no keys for that title');
        const wanted = new Set(request.data.kids.map((kid) => Buffer.from(kid, 'base64url').toString('hex')));
        const found = known.keys.filter(({ keyId }) => wanted.has(keyId));
        if (found.length === 0) return refuse(c, 404, 'there are no keys of that name');
        const text = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');
        const answer = found.map(({ keyId, key }) => ({ kty: 'oct', kid: text(keyId), k: text(key) }));
        return c.json({ keys: answer, type: 'temporary' }, 200, CORS);
      },
    );
}

/** `GET /api/media/NAME`, behind the door: what a page of the lab needs to play a title. */
export function mediaApi(parts: LicenceParts): Hono {
  return new Hono().get('/api/media/:name', async (c) => {
    const name = c.req.param('name');
    const title = await readPublishedTitle(publishedRoot(parts.lab.path), name);
    if (title === null) return c.json({ problems: [{ what: `no title is published as ${name}` }] }, 404);
    const folder = `/media/${encodeURIComponent(name)}`;
    return c.json({
      title: title.title,
      protection: title.protection,
      dash: `${folder}/${title.dash}`,
      hls: `${folder}/${title.hls}`,
      licence:
        title.protection === 'none'
          ? null
          : { url: `/licences/${encodeURIComponent(name)}`, token: licenceToken(parts.serverToken, name) },
    });
  });
}

/** The bearer of the title's token, from any page; or who may ask this server for anything. */
function mayAsk(c: Context, parts: LicenceParts, name: string): boolean {
  const headers: DoorHeaders = {
    host: c.req.header('host') ?? new URL(c.req.url).host,
    origin: c.req.header('origin'),
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
  };
  if (headers.host === undefined || !parts.hosts().has(headers.host.toLowerCase())) return false;
  const token = /^Bearer ([\w-]+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token !== undefined && sameToken(token, licenceToken(parts.serverToken, name))) return true;
  return refuseForeign(headers, parts.hosts(), true) === null && refuseStranger(headers, parts, parts.port()) === null;
}

/** Null where nothing is published by that name. */
export async function readPublishedTitle(published: string, name: string): Promise<PublishedTitle | null> {
  if (name.startsWith('.') || /[/\\\0]/.test(name)) return null;
  const text = await readFile(join(published, name, PUBLISHED_TITLE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG') return null;
    throw error;
  });
  return text === null ? null : publishedTitle.parse(JSON.parse(text));
}

function refuse(c: Context, status: 400 | 401 | 404 | 413, what: string): Response {
  return c.json({ problems: [{ what }] }, status, CORS);
}
