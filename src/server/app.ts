// Every HTTP request to a lab's server: through the door, then to the interface or the page.

import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, setCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import type { Context, MiddlewareHandler } from 'hono';
import { UserError } from '#core/user-error';
import { createApi, type ApiParts } from './api.ts';
import { cookieName, refuseForeign, refuseStranger, type DoorHeaders } from './guard.ts';
import { MAX_EXPLORE_BODY_BYTES } from './explore-bodies.ts';
import { MAX_LAYOUT_BYTES } from './layouts.ts';
import { licences, mediaApi } from './licences.ts';
import { liveMetrics } from './live-metrics.ts';
import { OPEN_METRICS_TYPE } from './open-metrics.ts';
import { origin } from './origin.ts';
import { NO_LINK_PAGE, PLAIN_STYLE_SOURCE, USED_LINK_PAGE, onwardPage } from './plain-pages.ts';
import { staticFiles } from './static-files.ts';
import type { OneTimeLinks, Sessions } from './tokens.ts';

/** Requests carry nothing but their address, and their body is not even read, but for these. */
const MAX_BODY_BYTES = 1024;
/** Settings of a session, and of a cell that is recorded. */
const MAX_LIVE_BODY_BYTES = 64 * 1024;

export interface AppParts extends ApiParts {
  readonly links: OneTimeLinks;
  readonly sessions: Sessions;
  readonly serverToken: string;
  /** Hosts that a request may name, `127.0.0.1:8421`; asked anew for each, as the port is known only once it is open. */
  readonly hosts: () => ReadonlySet<string>;
  readonly port: () => number;
  /** Address for links, `http://127.0.0.1:8421`. */
  readonly baseUrl: () => string;
  /** Told of every failure that is a bug or a broken disk, not a mistake of who asked. */
  readonly onError: (error: unknown) => void;
}

export function createApp(parts: AppParts): Hono {
  const app = new Hono();
  // What is published is for players of any page; they have doors of their own.
  app.route('/', origin(parts));
  app.route('/', licences(parts));
  app.use(securityHeaders);
  app.use(async (c, next) => {
    const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD';
    const refusal = refuseForeign(doorHeaders(c), parts.hosts(), changes);
    return refusal === null ? await next() : c.json({ problems: [{ what: refusal.why }] }, refusal.status);
  });
  app.get('*', async (c, next) => (c.req.query('token') === undefined ? await next() : signIn(c, parts)));
  app.use(async (c, next) => {
    const refusal = refuseStranger(doorHeaders(c), parts, parts.port());
    if (refusal === null) return await next();
    if (c.req.method === 'GET' && !c.req.path.startsWith('/api/')) return plainPage(c, NO_LINK_PAGE, refusal.status);
    return c.json({ problems: [{ what: refusal.why }] }, refusal.status);
  });
  const limitTo = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: (c) => c.json({ problems: [{ what: 'this server takes no bodies of that length' }] }, 413),
    });
  const limits: readonly (readonly [path: string, limit: MiddlewareHandler])[] = [
    ['/api/v1/live/layouts/', limitTo(MAX_LAYOUT_BYTES + MAX_BODY_BYTES)],
    ['/api/v1/live/', limitTo(MAX_LIVE_BODY_BYTES)],
    ['/api/v1/explore/', limitTo(MAX_EXPLORE_BODY_BYTES)],
    // Not held in memory but written away as it comes, with a limit of its own.
    ['/api/v1/profiles', (_, next) => next()],
    ['/', limitTo(MAX_BODY_BYTES)],
  ];
  // A request without either header has no body (RFC 9112, section 6.3): there is nothing to limit.
  app.use((c, next) =>
    c.req.header('content-length') === undefined && c.req.header('transfer-encoding') === undefined
      ? next()
      : limits.find(([path]) => c.req.path.startsWith(path))![1](c, next),
  );
  app.use('/api/*', async (c, next) => {
    c.header('cache-control', 'no-store');
    await next();
  });
  app.post('/api/links', (c) => c.json({ url: `${parts.baseUrl()}/?token=${parts.links.create()}` }));
  app.route('/api/v1', createApi(parts));
  app.route('/', mediaApi(parts));
  app.get('/metrics', (c) => {
    const { live } = parts;
    if (live === undefined) return c.notFound();
    return c.body(liveMetrics(live.collector, live.figures), 200, { 'content-type': OPEN_METRICS_TYPE });
  });
  app.all('/api/*', (c) => c.json({ problems: [{ what: `there is nothing at ${c.req.path}` }] }, 404));
  app.route('/', staticFiles(parts.webRoot));
  app.notFound((c) => c.json({ problems: [{ what: `there is nothing at ${c.req.path}` }] }, 404));
  app.onError((error, c) => {
    if (error instanceof UserError) return c.json({ problems: error.problems }, 400);
    // What the framework itself refuses: a body that is no JSON.
    if (error instanceof HTTPException && error.status < 500)
      return c.json({ problems: [{ what: error.message }] }, error.status);
    parts.onError(error);
    return c.json(
      { problems: [{ what: `the server failed: ${error.message}`, todo: 'its terminal shows more' }] },
      500,
    );
  });
  return app;
}

/** A link works once: it becomes a cookie, and the address loses its token. */
function signIn(c: Context, parts: AppParts): Response | Promise<Response> {
  const url = new URL(c.req.url);
  const token = url.searchParams.get('token')!;
  url.searchParams.delete('token');
  // A path that begins with two slashes would be another host.
  const clean = `${url.pathname.replace(/^\/+/, '/')}${url.search}`;
  const name = cookieName(parts.port());
  if (parts.links.use(token)) {
    setCookie(c, name, parts.sessions.create(), { httpOnly: true, sameSite: 'Strict', path: '/' });
  } else if (refuseStranger(doorHeaders(c), parts, parts.port()) !== null) {
    // From another site a browser keeps its strict cookie back: asked again from a page of ours, it shows who it is.
    if (c.req.header('sec-fetch-site') === 'cross-site') {
      url.searchParams.set('token', token);
      return c.html(onwardPage(`${url.pathname.replace(/^\/+/, '/')}${url.search}`));
    }
    deleteCookie(c, name, { path: '/' });
    return plainPage(c, USED_LINK_PAGE, 401);
  }
  return c.req.header('sec-fetch-site') === 'cross-site' ? c.html(onwardPage(clean)) : c.redirect(clean, 303);
}

function plainPage(c: Context, html: string, status: 401 | 403): Response | Promise<Response> {
  c.header('content-security-policy', `default-src 'none'; style-src ${PLAIN_STYLE_SOURCE}; frame-ancestors 'none'`);
  return c.html(html, status);
}

const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const headers = c.res.headers;
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', CONTENT_POLICY);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('x-frame-options', 'DENY');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-resource-policy', 'same-origin');
};

const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${PLAIN_STYLE_SOURCE}`,
  "img-src 'self' data: blob:",
  // A player hands the browser a source that the page itself fills.
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function doorHeaders(c: Context): DoorHeaders {
  // Without a socket (in a test) the address itself is what a Host header would say.
  return {
    host: c.req.header('host') ?? new URL(c.req.url).host,
    origin: c.req.header('origin'),
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
  };
}
