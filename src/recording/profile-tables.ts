// A profile as tables of a recording: written at once, symbolised, and read back as the same columns.

import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  FUNCTION_KINDS,
  INSTRUCTION_KINDS,
  LEAVING_REASONS,
  SYMBOL_SOURCES,
  type Profile,
  type SpanTable,
} from '#core/profile';
import type { ProfileTable, RecordedProfile } from '#core/recording';
import { syncFolder } from '#system/atomic-file';
import { openDatabase } from './duckdb.ts';
import { writeParquetFile, type RowCounts } from './parquet-files.ts';
import { codeOfName, makeTable, nameOfCode, readChunks, type NumberColumn } from './profile-tables-bulk.ts';
import { withReader } from './reader.ts';
import { tableSource } from './read-recording.ts';
import { recordingError } from './recording-error.ts';
import { readHeader } from './recording-header.ts';

/** What `Recorder.finish` wants to know of a profile whose tables are written. */
export interface StoredProfile {
  readonly header: RecordedProfile;
  readonly rows: RowCounts;
}

/** A million samples take 30 MB of it; more than it holds is put aside on disk. */
const WRITER_MEMORY_MB = 256;

/**
 * Writes the tables of a profile into the folder of a recording that has not ended: the recording must be told of it.
 * Times are kept as whole nanoseconds.
 * @throws UserError where the place can't be written
 */
export async function writeProfile(folder: string, profile: Profile): Promise<StoredProfile> {
  const spillFolder = join(tmpdir(), `encodelab-spill-${randomUUID()}`);
  try {
    const database = await openDatabase(':memory:', { threads: 1, memoryMb: WRITER_MEMORY_MB, spillFolder });
    try {
      const rows = await writeTables(database.connection, folder, profile);
      await syncFolder(folder);
      const { header, libraries, spans, samples } = profile;
      return { header: { ...header, libraries, hasSpans: spans !== null, hasWeights: samples.weight !== null }, rows };
    } finally {
      database.close();
    }
  } catch (error) {
    throw recordingError("the profile can't be written", folder, error);
  }
}

async function writeTables(connection: DuckDBConnection, folder: string, profile: Profile): Promise<RowCounts> {
  const { libraries, functions, stacks, threads, samples, spans, losses } = profile;
  const rows: Partial<Record<ProfileTable, number>> = {};
  const write = async (table: ProfileTable, query: string) => {
    const count = await writeParquetFile(connection, folder, table, query);
    if (count > 0) rows[table] = count;
    await connection.run(`DROP TABLE ${table}`);
  };
  const { weight, ...equal } = samples;
  await makeTable(connection, 'samples', weight === null ? equal : { ...equal, weight });
  await write(
    'samples',
    `SELECT ${wholeTime('timeNs')} AS time_ns, ${position('cpu')}, ${position('thread')}, ${position('stack')},
      ${nameOfCode('instruction', INSTRUCTION_KINDS)} AS instruction,
      ${weight === null ? 'CAST(NULL AS DOUBLE) AS weight' : 'weight'} FROM samples`,
  );
  if (spans !== null) {
    const { left, ...others } = spans;
    await makeTable(connection, 'switches', { ...others, reason: left });
    await write(
      'switches',
      `SELECT ${wholeTime('startNs')} AS start_ns, ${wholeTime('endNs')} AS end_ns, ${position('cpu')},
        ${position('thread')}, ${nameOfCode('reason', LEAVING_REASONS)} AS reason, ${position('stack')},
        ${wholeTime('readyNs')} AS ready_ns, ${position('waker')} FROM switches`,
    );
  }
  await makeTable(connection, 'functions', {
    function: numbered(functions.name.length),
    name: functions.name,
    library: functions.name.map((_, i) => libraries[functions.library[i]!]!),
    kind: functions.kind,
    source: functions.source,
  });
  await makeTable(connection, 'stacks', { stack: numbered(stacks.parent.length), ...stacks });
  await write(
    'stacks',
    `SELECT stack, ${position('parent')}, CAST(functions.function AS INTEGER) AS function, name, library,
      ${nameOfCode('kind', FUNCTION_KINDS)} AS kind, ${nameOfCode('source', SYMBOL_SOURCES)} AS source
      FROM functions LEFT JOIN stacks ON stacks.function = functions.function`,
  );
  await makeTable(connection, 'threads', {
    thread: numbered(threads.name.length),
    pid: threads.process,
    tid: threads.thread,
    process: threads.processName,
    name: threads.name,
  });
  await write('threads', 'SELECT * FROM threads');
  await makeTable(connection, 'losses', { ...losses });
  await write('losses', `SELECT ${wholeTime('timeNs')} AS time_ns, ${position('cpu')}, samples FROM losses`);
  return rows;
}

/**
 * Reads the profile of a recording.
 * @returns null where it has none
 * @throws UserError where it is still recorded, or a table is missing or damaged
 */
export async function readProfile(folder: string): Promise<Profile | null> {
  const recording = await readHeader(folder);
  if (recording.profile === undefined) return null;
  const { libraries, hasSpans, hasWeights, ...header } = recording.profile;
  const { rows } = recording;
  const from = (table: ProfileTable) => tableSource(folder, recording, table);
  try {
    return await withReader(async (connection) => {
      const sampleRows = rows.samples ?? 0;
      const weight = hasWeights ? new Float64Array(sampleRows) : null;
      const samples = {
        timeNs: new Float64Array(sampleRows),
        cpu: new Int16Array(sampleRows),
        thread: new Uint32Array(sampleRows),
        stack: new Int32Array(sampleRows),
        instruction: new Uint8Array(sampleRows),
      };
      await readColumns(connection, await from('samples'), [
        [readTime('time_ns'), samples.timeNs],
        [readPosition('cpu', 'SMALLINT'), samples.cpu],
        [readPosition('thread', 'INTEGER'), samples.thread],
        [readPosition('stack', 'INTEGER'), samples.stack],
        [codeOfName('instruction', INSTRUCTION_KINDS), samples.instruction],
        ...(weight === null ? [] : [['weight', weight] as const]),
      ]);
      const spans = hasSpans ? await readSpans(connection, await from('switches'), rows.switches ?? 0) : null;
      const losses = {
        timeNs: new Float64Array(rows.losses ?? 0),
        cpu: new Int16Array(rows.losses ?? 0),
        samples: new Float64Array(rows.losses ?? 0),
      };
      await readColumns(connection, await from('losses'), [
        [readTime('time_ns'), losses.timeNs],
        [readPosition('cpu', 'SMALLINT'), losses.cpu],
        ['samples', losses.samples],
      ]);
      const threads = await readThreads(connection, await from('threads'), rows.threads ?? 0);
      const called = await readStacks(connection, await from('stacks'), libraries);
      return { header, libraries, ...called, threads, samples: { ...samples, weight }, spans, losses };
    });
  } catch (error) {
    throw recordingError("the profile can't be read", folder, error);
  }
}

async function readSpans(connection: DuckDBConnection, from: string | null, rows: number): Promise<SpanTable> {
  const spans = {
    startNs: new Float64Array(rows),
    endNs: new Float64Array(rows),
    cpu: new Int16Array(rows),
    thread: new Uint32Array(rows),
    left: new Uint8Array(rows),
    stack: new Int32Array(rows),
    readyNs: new Float64Array(rows),
    waker: new Int32Array(rows),
  };
  await readColumns(connection, from, [
    [readTime('start_ns'), spans.startNs],
    [readTime('end_ns'), spans.endNs],
    [readPosition('cpu', 'SMALLINT'), spans.cpu],
    [readPosition('thread', 'INTEGER'), spans.thread],
    [codeOfName('reason', LEAVING_REASONS), spans.left],
    [readPosition('stack', 'INTEGER'), spans.stack],
    [readTime('ready_ns'), spans.readyNs],
    [readPosition('waker', 'INTEGER'), spans.waker],
  ]);
  return spans;
}

async function readThreads(
  connection: DuckDBConnection,
  from: string | null,
  rows: number,
): Promise<Profile['threads']> {
  const process = new Int32Array(rows);
  const thread = new Int32Array(rows);
  const processName: string[] = [];
  const name: string[] = [];
  if (from !== null)
    await readChunks(connection, `SELECT pid, tid, process, name FROM ${from} ORDER BY thread`, (chunk, first) => {
      process.set(chunk.numbers(0), first);
      thread.set(chunk.numbers(1), first);
      for (let row = 0; row < chunk.rows; row++) {
        processName.push(chunk.text(2, row));
        name.push(chunk.text(3, row));
      }
    });
  return { process, thread, processName, name };
}

async function readStacks(
  connection: DuckDBConnection,
  from: string | null,
  libraries: readonly string[],
): Promise<Pick<Profile, 'functions' | 'stacks'>> {
  const name: string[] = [];
  const places = new Map(libraries.map((library, place) => [library, place]));
  const library: number[] = [];
  const kind: number[] = [];
  const source: number[] = [];
  if (from === null)
    return { functions: functionTable(), stacks: { parent: new Int32Array(), function: new Uint32Array() } };
  const distinct = `SELECT any_value(name), any_value(library), any_value(${codeOfName('kind', FUNCTION_KINDS)}),
    any_value(${codeOfName('source', SYMBOL_SOURCES)}) FROM ${from} GROUP BY function ORDER BY function`;
  await readChunks(connection, distinct, (chunk) => {
    for (let row = 0; row < chunk.rows; row++) {
      name.push(chunk.text(0, row));
      library.push(places.get(chunk.text(1, row)) ?? 0);
      kind.push(chunk.numbers(2)[row]!);
      source.push(chunk.numbers(3)[row]!);
    }
  });
  const counted = await connection.run(`SELECT count(stack) FROM ${from}`);
  const nodes = Number((await counted.getRows())[0]![0]);
  const parent = new Int32Array(nodes);
  const called = new Uint32Array(nodes);
  const trie = `SELECT stack, coalesce(parent, -1), function FROM ${from} WHERE stack IS NOT NULL`;
  await readChunks(connection, trie, (chunk) => {
    const [stacks, parents, functions] = [chunk.numbers(0), chunk.numbers(1), chunk.numbers(2)];
    for (let row = 0; row < chunk.rows; row++) {
      parent[stacks[row]!] = parents[row]!;
      called[stacks[row]!] = functions[row]!;
    }
  });
  return { functions: functionTable(), stacks: { parent, function: called } };

  function functionTable(): Profile['functions'] {
    return { name, library: Uint32Array.from(library), kind: Uint8Array.from(kind), source: Uint8Array.from(source) };
  }
}

async function readColumns(
  connection: DuckDBConnection,
  from: string | null,
  columns: readonly (readonly [expression: string, target: NumberColumn])[],
): Promise<void> {
  if (from === null) return;
  const query = `SELECT ${columns.map(([expression]) => expression).join(', ')} FROM ${from}`;
  await readChunks(connection, query, (chunk, first) => {
    for (let column = 0; column < columns.length; column++) columns[column]![1].set(chunk.numbers(column), first);
  });
}

function numbered(rows: number): Int32Array {
  const numbers = new Int32Array(rows);
  for (let row = 0; row < rows; row++) numbers[row] = row;
  return numbers;
}

/** -1 is nothing. */
function position(column: string): string {
  return `nullif(CAST(${column} AS INTEGER), -1) AS ${column}`;
}

function readPosition(column: string, type: 'SMALLINT' | 'INTEGER'): string {
  return `CAST(coalesce(${column}, -1) AS ${type})`;
}

/** NaN is nothing. */
function wholeTime(column: string): string {
  return `CASE WHEN isfinite(${column}) THEN CAST(${column} AS BIGINT) END`;
}

function readTime(column: string): string {
  return `coalesce(CAST(${column} AS DOUBLE), CAST('NaN' AS DOUBLE))`;
}
