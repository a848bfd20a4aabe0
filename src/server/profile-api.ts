// Profiles over HTTP: that of a run, packed, and files that were dropped onto a page, which become runs.

import { Hono } from 'hono';
import type { LabView } from './lab-view.ts';
import { ProfilePages } from './profile-pages.ts';
import { profileFile } from './profile-file.ts';
import { ProfileUploads } from './profile-uploads.ts';
import type { RunPages } from './run-pages.ts';
import { WIRE_VERSION } from './wire.ts';

/** Name of the header that says where second 0 of the run's charts lies on the profile's clock, nanoseconds. */
const ORIGIN_HEADER = 'x-profile-origin-ns';

const HOW_TO_GET_ONE = 'encodelab bench run FILE.yaml --profile takes one of every run';

/** @param webRoot folder of the built page; only tests say */
export function profileApi(lab: LabView, runs: RunPages, webRoot?: URL) {
  const pages = new ProfilePages(lab, runs);
  const uploads = new ProfileUploads(lab);
  return new Hono()
    .get('/runs/:id/profile', async (c) => {
      const run = await lab.catalogue.run(c.req.param('id'));
      if (run === null) return c.json(problem(`there is no run ${c.req.param('id')} in this lab`), 404);
      const packed = await pages.packed(run);
      if (packed === null)
        return c.json(problem('this run has no profile', (await pages.whyNone(run)) ?? HOW_TO_GET_ONE), 404);
      // Not compressed: on the loopback address the bytes are there before gzip would have read them.
      return c.body(packed.bytes, 200, {
        'content-type': 'application/octet-stream',
        'content-length': String(packed.bytes.length),
        [ORIGIN_HEADER]: String(packed.originNs),
      });
    })
    .get('/runs/:id/markers', async (c) => {
      const run = await lab.catalogue.run(c.req.param('id'));
      if (run === null) return c.json(problem(`there is no run ${c.req.param('id')} in this lab`), 404);
      return c.json({ version: WIRE_VERSION, markers: await pages.markers(run) }, 200);
    })
    .get('/runs/:id/profile.html', async (c) => {
      const run = await lab.catalogue.run(c.req.param('id'));
      if (run === null) return c.json(problem(`there is no run ${c.req.param('id')} in this lab`), 404);
      return c.body(await profileFile({ lab, runs, pages, webRoot }, run), 200, {
        'content-type': 'text/html; charset=utf-8',
        'content-disposition': `attachment; filename="profile-${run.id.slice(0, 8)}.html"`,
      });
    })
    .post('/profiles', async (c) => {
      const run = await uploads.take(c.req.raw.body, c.req.query('name') ?? '', c.req.raw.signal);
      return c.json({ run }, 201);
    });
}

function problem(what: string, todo?: string) {
  return { problems: [{ what, todo }] };
}
