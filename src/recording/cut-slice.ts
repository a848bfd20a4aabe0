// A run's slice of a worker's rolling recording, made a recording of its own: whatever reads a run reads it then.

import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROFILE_TABLES, RECORDING_TABLES, type RecordingHeader, type RecordingTable } from '#core/recording';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { newId } from '#system/clock';
import { parquetPath } from './parquet-files.ts';
import { withReader } from './reader.ts';
import { tableSource } from './read-recording.ts';
import { recordingError } from './recording-error.ts';
import { readHeader, writeHeader } from './recording-header.ts';
import { quoteText } from './sql-text.ts';
import { TABLE_COLUMNS, TABLE_ORDER } from './table-layout.ts';

/**
 * Cuts a run out of a rolling recording, unless it was cut out before.
 * @param from folder of the rolling recording
 * @param to folder for the run's own; it may be taken away at any time and is made again then
 * @throws UserError where the worker still records into it, or it does not hold the run
 */
export async function cutSlice(from: string, run: RunRecord, to: string): Promise<void> {
  if ((await stat(to).catch(() => null)) !== null) return;
  const header = await readHeader(from);
  if (header.state === 'recording')
    throw new UserError({
      what: 'its worker still records: the charts come when the recording is cut, within minutes, or when the worker ends',
      where: from,
    });
  const unfinished = join(dirname(to), `.${newId()}`);
  try {
    await mkdir(unfinished, { recursive: true });
    const rows = await copyTables(from, header, run.id, unfinished);
    const { owner: _, ...known } = header;
    await writeHeader(unfinished, {
      ...known,
      run: run.id,
      kind: run.kind,
      settings: run.settings,
      state: run.outcome === 'ok' ? 'complete' : 'partial',
      rows,
      result: run,
    });
    await rename(unfinished, to);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Somebody else was quicker.
    if ((await stat(to).catch(() => null)) !== null) return;
    throw recordingError("the run can't be cut out of its worker's recording", from, error);
  }
}

async function copyTables(from: string, header: RecordingHeader, run: string, to: string) {
  const runs = await tableSource(from, header, 'runs');
  const rows: Partial<Record<RecordingTable, number>> = {};
  if (runs === null) return rows;
  await withReader(async (connection) => {
    const own = `(SELECT * FROM ${runs} WHERE run = ${quoteText(run)})`;
    for (const table of RECORDING_TABLES) {
      // Profiles are of whole recordings only.
      const isWhole = table === 'runs' || (PROFILE_TABLES as readonly string[]).includes(table);
      const source = isWhole ? null : await tableSource(from, header, table);
      if (source === null) continue;
      const chosen = `SELECT * FROM ${source} WHERE ${ofRun(table, run, own)} ORDER BY ${TABLE_ORDER[table]}`;
      const counted = await connection.run(`SELECT count(*) FROM (${chosen})`);
      const count = Number((await counted.getRows())[0]![0]);
      if (count === 0) continue;
      await connection.run(
        `COPY (${chosen}) TO ${quoteText(parquetPath(to, table))} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd)`,
      );
      rows[table] = count;
    }
  });
  return rows;
}

/** Rows with a run by its id, as its shape has it too; those of the host by the time of the run. */
function ofRun(table: RecordingTable, run: string, own: string): string {
  if (table === 'shapes') return `id = ${quoteText(run)}`;
  if (TABLE_COLUMNS[table].some(({ name }) => name === 'run')) return `run = ${quoteText(run)}`;
  return `time_us BETWEEN (SELECT min(start_us) FROM ${own}) AND (SELECT max(end_us) FROM ${own})`;
}
