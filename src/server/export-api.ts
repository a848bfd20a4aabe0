// Downloads: a table of a run or of all runs of a benchmark, and the results of a benchmark.

import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { Hono, type Context } from 'hono';
import { RECORDING_TABLES } from '#core/recording';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { EXPORT_FORMATS, exportTable, type ExportFormat, type ExportedRun } from '#recording/export';
import { recordingOf } from '#lab/run-recording';
import type { LabView } from './lab-view.ts';
import { resultsCsv, resultsJson } from './results-export.ts';

const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
};

/** Bytes that wait between the file and the browser. */
const BUFFER_BYTES = 256 * 1024;

export function exportApi(lab: LabView) {
  return new Hono()
    .get('/runs/:id/export/:file', async (c) => {
      const run = await lab.catalogue.run(c.req.param('id'));
      if (run === null)
        return c.json({ problems: [{ what: `there is no run ${c.req.param('id')} in this lab` }] }, 404);
      return await sendTable(c, [await exported(lab, run)], c.req.param('file'), run.id.slice(0, 8));
    })
    .get('/benchmarks/:name/export/:file', async (c) => {
      const name = c.req.param('name');
      const results = (await benchmarkResults(lab, name)).filter((run) => run.recording !== null);
      return await sendTable(c, await Promise.all(results.map((run) => exported(lab, run))), c.req.param('file'), name);
    })
    .get('/benchmarks/:name/export.csv', async (c) => {
      const name = c.req.param('name');
      return download(c, toWeb(resultsCsv(await benchmarkResults(lab, name))), `${name}.csv`, 'csv');
    })
    .get('/benchmarks/:name/export.json', async (c) => {
      const name = c.req.param('name');
      return download(c, toWeb(resultsJson(await benchmarkResults(lab, name))), `${name}.json`, 'json');
    });
}

async function exported(lab: LabView, run: RunRecord): Promise<ExportedRun> {
  return { run: run.id, folder: await recordingOf(lab, run) };
}

async function benchmarkResults(lab: LabView, name: string) {
  if ((await lab.catalogue.benchmark(name)) === null)
    throw new UserError({ what: `there is no benchmark ${name} in this lab` });
  return [...(await lab.catalogue.results(name)).values()].flat();
}

/** @param file `frames.csv` */
async function sendTable(c: Context, runs: readonly ExportedRun[], file: string, name: string): Promise<Response> {
  const [tableName, ending] = file.split('.');
  const table = RECORDING_TABLES.find((known) => known === tableName);
  const format = EXPORT_FORMATS.find((known) => known === ending);
  if (table === undefined || format === undefined)
    throw new UserError({
      what: `${file} can't be exported`,
      todo: 'TABLE.FORMAT, as in frames.csv or series.parquet',
    });
  const stream = new PassThrough({ highWaterMark: BUFFER_BYTES });
  const written = exportTable(runs, table, format, stream).then(
    () => stream.end(),
    (error: Error) => stream.destroy(error),
  );
  // What fails before the first byte is an answer of its own, not a broken download.
  await Promise.race([once(stream, 'readable'), written]);
  if (stream.errored !== null) throw stream.errored;
  return download(c, Readable.toWeb(stream) as ReadableStream, `${name}-${file}`, format);
}

function download(c: Context, body: ReadableStream, name: string, format: ExportFormat): Response {
  return c.body(body, 200, {
    'content-type': CONTENT_TYPES[format],
    'content-disposition': `attachment; filename="${name.replace(/[^\w.-]+/g, '-')}"`,
  });
}

function toWeb(lines: Iterable<string>): ReadableStream {
  return Readable.toWeb(Readable.from(lines, { objectMode: false })) as ReadableStream;
}
