// Exports a table of one recording or many as CSV, JSON or Parquet, in bounded memory.

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { RecordingTable } from '#core/recording';
import { UserError } from '#core/user-error';
import { findDamagedTable } from './damaged-table.ts';
import { seriesQuery, tableQuery, tableRelation } from './export-query.ts';
import { addFiles, type ExportSource } from './export-files.ts';
import { journeyExport } from './export-journeys.ts';
import { withReader } from './reader.ts';
import { recordingError } from './recording-error.ts';
import { readHeader } from './recording-header.ts';
import { quoteText } from './sql-text.ts';

export const EXPORT_FORMATS = ['csv', 'json', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** `frames` is the frame journey; the others are as they were recorded. */
export type ExportTable = RecordingTable;

export interface ExportedRun {
  /** Its id, in the first column. */
  readonly run: string;
  readonly folder: string;
}

/**
 * Writes a table of these runs, one after the other in the given order. `frames` is the frame journey: one row for each
 * frame and role, with the times of its steps; in `series` the indicators go by name. CSV has a header line, JSON is an array with
 * one object a line; NULL is empty in CSV and null in JSON, and a score without bound is `inf` in CSV and "Infinity" in JSON. A run that is named twice is written once.
 * @param to path of a file, which is there whole or not at all; or a stream, which is left open
 * @returns the number of rows
 * @throws UserError where a recording is not there, is damaged or has not ended, or the target can't be written
 * @throws Error with the code `EPIPE` where the stream's reader went away
 */
export async function exportTable(
  runs: readonly ExportedRun[],
  table: ExportTable,
  format: ExportFormat,
  to: string | Writable,
): Promise<number> {
  const sources = await readHeaders(runs);
  return writeExport(to, (path) => withReader((connection) => copyTo(connection, sources, table, format, path)));
}

/**
 * Lets `copy` write a file, and puts it where it is wanted: whole, or not at all.
 * @param to path of a file, or a stream, which is left open
 * @param copy writes to the path that it is given; @returns the number of rows
 * @throws as `exportTable`
 */
export async function writeExport(to: string | Writable, copy: (path: string) => Promise<number>): Promise<number> {
  if (typeof to === 'string') await refusePlace(to);
  // Through a symbolic link: the file that it names is replaced, not the link.
  const target = typeof to === 'string' ? await realpath(to).catch(() => resolve(to)) : null;
  const replaces = target !== null && (await isReplaceable(target));
  // DuckDB writes to files only, and faster than we could; a stream gets the finished file in pieces.
  const unfinished = replaces
    ? join(dirname(target), `.${basename(target)}.${randomUUID()}.unfinished`)
    : join(tmpdir(), `encodelab-export-${randomUUID()}`);
  let written = replaces ? target : unfinished;
  try {
    const rows = await copy(unfinished);
    written = target ?? 'the output';
    if (replaces) await rename(unfinished, target);
    else await pour(unfinished, target === null ? (to as Writable) : target);
    return rows;
  } catch (error) {
    throw recordingError("the export can't be written", written, error);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function refusePlace(path: string): Promise<void> {
  if ((await stat(dirname(resolve(path))).catch(() => null)) === null)
    throw new UserError({
      what: "the export can't be written: the folder is missing",
      where: dirname(resolve(path)),
      todo: 'Make it, or name another one.',
    });
  if ((await stat(path).catch(() => null))?.isDirectory() !== true) return;
  throw new UserError({
    what: "the export can't be written: a folder stands where a file is needed",
    where: path,
    todo: 'Name a file, in that folder perhaps.',
  });
}

async function readHeaders(runs: readonly ExportedRun[]): Promise<ExportSource[]> {
  const folders = new Map(runs.map(({ run, folder }) => [resolve(folder), run]));
  const sources: ExportSource[] = [];
  for (const [folder, run] of folders) sources.push({ run, folder, header: await readHeader(folder) });
  return sources;
}

async function copyTo(
  connection: DuckDBConnection,
  sources: readonly ExportSource[],
  table: RecordingTable,
  format: ExportFormat,
  path: string,
): Promise<number> {
  await connection.run('CREATE TEMP TABLE runs (position INTEGER, run VARCHAR)');
  await connection.run('CREATE TEMP TABLE files (path VARCHAR, position INTEGER)');
  const appender = await connection.createAppender('runs', 'main', 'temp');
  for (const [position, { run }] of sources.entries()) {
    appender.appendInteger(position);
    appender.appendVarchar(run);
    appender.endRow();
  }
  appender.closeSync();
  try {
    const query = await exportQuery(connection, sources, table, format);
    const result = await connection.run(`COPY (${query}) TO ${quoteText(path)} (${FORMAT_OPTIONS[format]})`);
    return Number((await result.getRows())[0]![0]);
  } catch (error) {
    // One statement reads all recordings and writes the export: whose failure it was is found out by reading alone.
    if (error instanceof UserError) throw error;
    throw (await findDamagedTable(connection, sources, tablesOf(table), error)) ?? error;
  }
}

/** The tables that an export reads. */
function tablesOf(table: ExportTable): readonly RecordingTable[] {
  return table === 'frames' ? ['frames', 'steps', 'clocks'] : [table];
}

/** Of a COPY statement. */
export const FORMAT_OPTIONS: Readonly<Record<ExportFormat, string>> = {
  csv: 'FORMAT csv, HEADER',
  json: 'FORMAT json, ARRAY true',
  parquet: 'FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd',
};

async function exportQuery(
  connection: DuckDBConnection,
  sources: readonly ExportSource[],
  table: RecordingTable,
  format: ExportFormat,
): Promise<string> {
  if (table === 'frames') return journeyExport(connection, sources);
  const relation = tableRelation(table, await addFiles(connection, sources, table));
  if (table !== 'series') return tableQuery(table, relation, format === 'json');
  await addIndicators(connection, sources);
  return seriesQuery(relation);
}

/** The same position may mean another indicator in each recording. */
async function addIndicators(connection: DuckDBConnection, sources: readonly ExportSource[]): Promise<void> {
  await connection.run(
    'CREATE TEMP TABLE indicators (position INTEGER, indicator INTEGER, name VARCHAR, unit VARCHAR)',
  );
  const appender = await connection.createAppender('indicators', 'main', 'temp');
  for (const [position, { header }] of sources.entries())
    for (const [indicator, { name, unit }] of header.indicators.entries()) {
      appender.appendInteger(position);
      appender.appendInteger(indicator);
      appender.appendVarchar(name);
      appender.appendVarchar(unit);
      appender.endRow();
    }
  appender.closeSync();
}

/** A device or a pipe (`/dev/null`, `/dev/fd/63`) is written to; renaming a file over it would destroy it. */
async function isReplaceable(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => null);
  return there === null || there.isFile();
}

async function pour(path: string, to: string | Writable): Promise<void> {
  const file = await open(path, 'r');
  // From here on it has no name, and goes with this process however that ends.
  await rm(path);
  try {
    if (typeof to === 'string') await pipeline(file.createReadStream(), createWriteStream(to));
    else await pipeline(file.createReadStream(), to, { end: false });
  } catch (error) {
    if (!READER_GONE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    // Who reads from a named pipe and has seen enough is content; what becomes of a stream its owner decides.
    if (typeof to === 'string') return;
    throw Object.assign(new Error('the reader of the export went away', { cause: error }), { code: 'EPIPE' });
  } finally {
    await file.close();
  }
}

const READER_GONE = ['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE', 'ERR_STREAM_DESTROYED'];
