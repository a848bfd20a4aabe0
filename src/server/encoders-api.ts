// Engines and encoders over HTTP.

import { Hono } from 'hono';
import { BUNDLED_ENGINE } from '#core/engine';
import type { EncoderPages } from './encoder-pages.ts';

/** No request has a body: an engine and an encoder go by names that the server has told before. */
export function encodersApi(encoders: EncoderPages) {
  return new Hono()
    .get('/engines', async (c) => c.json({ engines: await encoders.engines() }))
    .get('/encoders', async (c) => c.json(await encoders.list(c.req.query('engine') ?? BUNDLED_ENGINE)))
    .get('/encoders/:name', async (c) => {
      const page = await encoders.encoder(c.req.query('engine') ?? BUNDLED_ENGINE, c.req.param('name'));
      return page === null ? c.json(noEncoder(c.req.param('name')), 404) : c.json(page, 200);
    })
    .post('/encoders/:name/prove', async (c) => {
      const proof = await encoders.prove(c.req.query('engine') ?? BUNDLED_ENGINE, c.req.param('name'));
      return proof === null ? c.json(noEncoder(c.req.param('name')), 404) : c.json({ proof }, 202);
    })
    .get('/proof', (c) => c.json({ proof: encoders.proof() }))
    .post('/proof/stop', (c) => c.json({ proof: encoders.stopProof() }));
}

function noEncoder(name: string) {
  return { problems: [{ what: `this engine has no encoder ${name}` }] };
}
