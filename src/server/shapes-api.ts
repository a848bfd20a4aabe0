// Shapes over HTTP.

import { Hono } from 'hono';
import type { ShapePages } from './shapes-pages.ts';

export function shapesApi(shapes: ShapePages) {
  return new Hono().get('/shapes', async (c) => {
    const { kind, codec } = c.req.query();
    return c.json(await shapes.page({ kind, codec }));
  });
}
