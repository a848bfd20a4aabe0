// The page itself, as Vite built it into dist/web. Every path of the page is answered with its one document.

import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { NOT_BUILT_PAGE } from './plain-pages.ts';

const ROOT = new URL('../../dist/web/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  map: 'application/json',
};

/** @param root folder that Vite built into; another one in tests */
export function staticFiles(root: URL = ROOT): Hono {
  return new Hono()
    .get('/assets/:name{[A-Za-z0-9_.-]+}', async (c) => {
      const name = c.req.param('name');
      const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
      const body = type === undefined ? null : await read(new URL(`assets/${name}`, root));
      if (body === null) return c.text('no such file', 404);
      // The name holds a hash of the content: it never changes.
      return c.body(new Uint8Array(body), 200, {
        'content-type': type!,
        'cache-control': 'public, max-age=31536000, immutable',
      });
    })
    .get('*', async (c) => {
      if (/\.\w+$/.test(c.req.path) && !c.req.path.startsWith('/benchmarks/')) return c.text('no such file', 404);
      const page = await read(new URL('index.html', root));
      c.header('cache-control', 'no-store');
      return page === null ? c.html(NOT_BUILT_PAGE, 503) : c.html(page.toString('utf8'));
    });
}

async function read(url: URL): Promise<Buffer | null> {
  return await readFile(url).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}
