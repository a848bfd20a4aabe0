// Picture quality over HTTP: scores by frame, and the pictures of the worst frames.

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { LabView } from './lab-view.ts';
import { QualityPages } from './quality-pages.ts';
import { selection } from './query.ts';
import type { RunPages } from './run-pages.ts';

/** All that a picture can be called: nothing else of a recording's folder is reached. */
const PICTURE_NAME = /^\d{1,9}-(source|output)\.png$/;
/** A recording does not change once it has ended, and its id is never used again. */
const FOR_EVER = 'private, max-age=31536000, immutable';

export function qualityApi(lab: LabView, runs: RunPages) {
  const quality = new QualityPages(lab, runs);
  return new Hono()
    .get('/runs/:id/quality', async (c) => {
      const page = await quality.page(c.req.param('id'));
      return page === null ? c.json(problem('this run has no scores of picture quality'), 404) : c.json(page, 200);
    })
    .get('/runs/:id/quality/:metric', selection, async (c) => {
      const { id, metric } = c.req.param();
      const columns = await quality.scores(id, metric, c.req.valid('query'));
      return columns === null ? c.json(problem(`this run has no scores named ${metric}`), 404) : c.json(columns, 200);
    })
    .get('/runs/:id/pictures/:name', async (c) => {
      const { id, name } = c.req.param();
      const run = PICTURE_NAME.test(name) ? await lab.catalogue.run(id) : null;
      const file = run === null ? null : await openPicture(join(lab.recordingFolder(run.id), 'pictures', name));
      if (file === null) return c.json(problem(`there is no picture ${name} of this run`), 404);
      const { size } = await file.stat();
      return c.body(Readable.toWeb(file.createReadStream()) as ReadableStream, 200, {
        'content-type': 'image/png',
        'content-length': String(size),
        'cache-control': FOR_EVER,
      });
    });
}

/** Null where there is no such file; a link in its place is none. */
async function openPicture(path: string): Promise<FileHandle | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ELOOP') return null;
      throw error;
    },
  );
  if (file === null || (await file.stat()).isFile()) return file;
  await file.close();
  return null;
}

function problem(what: string) {
  return { problems: [{ what }] };
}
