// Shapes over HTTP.

import { Hono } from 'hono';
import { UserError } from '#core/user-error';
import type { ShapePages } from './shapes-pages.ts';

export function shapesApi(shapes: ShapePages) {
  return new Hono().get('/shapes', async (c) => {
    const { kind, codec, ...others } = c.req.query();
    const [unknown] = Object.keys(others);
    if (unknown !== undefined)
      throw new UserError({
        what: `shapes are not chosen by ${unknown}`,
        where: `?${unknown}=`,
        todo: 'by kind and codec',
      });
    return c.json(await shapes.page({ kind, codec }));
  });
}
