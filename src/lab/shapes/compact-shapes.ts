// Merges the shapes of finished recordings into a few files. What is merged stays when its runs are deleted: it was learned.

import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { UserError } from '#core/user-error';
import { findDamagedTable } from '#recording/damaged-table';
import { parquetPath } from '#recording/parquet-files';
import { readHeader } from '#recording/read-recording';
import type { StoredHeader } from '#recording/recording-header';
import { withReader } from '#recording/reader';
import { recordingError } from '#recording/recording-error';
import { quoteText } from '#recording/sql-text';
import { columnsOf, TABLE_ORDER } from '#recording/table-layout';
import { syncFolder } from '#system/atomic-file';
import { newId } from '#system/clock';
import { makeFolder } from '#system/make-folder';
import { ownIdentity } from '#system/process-identity';
import { completeRolling, type RollingLab } from '../complete-rolling.ts';
import { isRunId, ROLLING } from '../lab.ts';
import { damagedFiles } from './damaged-files.ts';
import {
  readManifest,
  removeStrays,
  shapesFolder,
  writeManifest,
  type ShapeFile,
  type ShapeManifest,
} from './shape-files.ts';
import { filesRelation } from './shape-relation.ts';

const LOCK = 'shapes';
/** Recordings that are merged in one step: each step is on the disk before the next one begins. */
const STEP_RECORDINGS = 256;
/** Rows of one step, but of one recording all: they are sorted together. */
const STEP_ROWS = 200_000;
/** So many files of one level become one of the next; a level has eight times the rows of the one below. */
const LEVEL_FILES = 8;
const LEVEL_ROWS = 1_024;
/** No file becomes larger: sorting more rows would take too much memory and time. */
const MAX_FILE_ROWS = 1_000_000;
/** Says that a step is to be tried again, without the files that turned out to be damaged. */
const LEFT_OUT = Symbol('left out');
/** Written at a time; held in memory, beyond any limit. */
const ROW_GROUP_ROWS = 8_192;

export interface Compacted {
  /** Of the recordings that were looked at now; those of a run that is in two recordings count once. */
  readonly rows: number;
  readonly recordings: number;
  /** Why recordings were left out for ever, and merged files just now: their rows can't be read. */
  readonly leftOut: readonly string[];
  /** True where another process merges just now, and nothing was done here. */
  readonly isBusy: boolean;
}

interface Recorded {
  /** Relative to the lab. */
  readonly name: string;
  readonly folder: string;
  readonly header: StoredHeader;
}

/**
 * Merges what all finished recordings have and the files do not, those too whose worker was killed. Killed at any moment it loses nothing and doubles
 * nothing: only the manifest says which files count, and it is replaced in one piece.
 * @throws UserError where the disk does not take it
 */
export async function compactShapes(lab: RollingLab): Promise<Compacted> {
  const holder = { ...ownIdentity(), what: 'merges shapes' };
  if ((await lab.catalogue.lock(LOCK, holder)) !== null) return { rows: 0, recordings: 0, leftOut: [], isBusy: true };
  const folder = shapesFolder(lab);
  try {
    await makeFolder(folder);
    const problem = await completeDead(lab);
    const compacted = await withReader((connection) => new Compaction(lab.path, folder, connection).run());
    return { ...compacted, leftOut: [...problem, ...compacted.leftOut] };
  } catch (error) {
    throw recordingError("the shapes can't be merged", folder, error);
  } finally {
    await lab.catalogue.unlock(LOCK, holder);
  }
}

/** What workers left that were killed is finished first. @returns why not all of it could be: the rest is merged all the same */
async function completeDead(lab: RollingLab): Promise<string[]> {
  try {
    // One that is damaged is told by the next worker, and whoever opens it.
    const merged = new Set((await readManifest(shapesFolder(lab))).merged);
    const isMerged = (name: string) => merged.has(`${ROLLING}/${name}`);
    await completeRolling(lab, () => undefined, isMerged);
    return [];
  } catch (error) {
    if (error instanceof UserError) return [error.message];
    throw error;
  }
}

class Compaction {
  readonly #lab: string;
  readonly #folder: string;
  readonly #connection: DuckDBConnection;
  readonly #leftOut: string[] = [];
  /** Names of merged files that can't be read: they stay as they are, and are merged into no other. */
  readonly #damaged = new Set<string>();

  constructor(lab: string, folder: string, connection: DuckDBConnection) {
    this.#lab = lab;
    this.#folder = folder;
    this.#connection = connection;
  }

  async run(): Promise<Compacted> {
    const before = await this.#manifest();
    await removeStrays(this.#folder, before);
    const there = await this.#recordings();
    const isThere = new Set(there);
    let manifest = { ...before, merged: before.merged.filter((name) => isThere.has(name)) };
    const known = new Set(manifest.merged);
    const waiting = there.filter((name) => !known.has(name));
    const counted = { rows: 0, recordings: 0 };
    for (let begin = 0; begin < waiting.length; begin += STEP_RECORDINGS) {
      const ended = await this.#ended(waiting.slice(begin, begin + STEP_RECORDINGS));
      for (const step of stepsOf(ended)) {
        const file = await this.#merge(step, manifest.files);
        counted.rows += file?.rows ?? 0;
        counted.recordings += step.length;
        manifest = {
          ...manifest,
          files: file === null ? manifest.files : [...manifest.files, file],
          merged: [...manifest.merged, ...step.map(({ name }) => name)],
        };
        await writeManifest(this.#folder, manifest);
      }
    }
    const whole = () => fullLevel(manifest.files.filter(({ name }) => !this.#damaged.has(name)));
    for (let level = whole(); level !== null; level = whole()) {
      const rest = manifest.files.filter((file) => !level!.includes(file));
      const merged = `SELECT * FROM ${filesRelation(this.#pathsOf(level))}`;
      const written = await this.#write(merged).catch((error: unknown) => this.#leaveOut(manifest.files, error));
      // Now some are known to be damaged, and another level is full, or none.
      if (written === LEFT_OUT) continue;
      manifest = { ...manifest, files: written === null ? rest : [...rest, written] };
      await writeManifest(this.#folder, manifest);
    }
    await removeStrays(this.#folder, manifest);
    return { ...counted, leftOut: this.#leftOut, isBusy: false };
  }

  /** A file that somebody moved away, for it was damaged, counts no more: all recordings are looked at anew for what it had. */
  async #manifest(): Promise<ShapeManifest> {
    const manifest = await readManifest(this.#folder);
    const there = new Set(await readdir(this.#folder));
    const files = manifest.files.filter(({ name }) => there.has(name));
    return files.length === manifest.files.length ? manifest : { ...manifest, files, merged: [] };
  }

  /** Names of all recordings, those that began first in front. */
  async #recordings(): Promise<string[]> {
    const names: string[] = [];
    for (const parent of ['recordings', ROLLING])
      for (const name of await readdir(join(this.#lab, parent)).catch((): string[] => []))
        if (isRunId(name)) names.push(`${parent}/${name}`);
    return names.toSorted((a, b) => (a.slice(a.indexOf('/')) < b.slice(b.indexOf('/')) ? -1 : 1));
  }

  /** Those that nobody records any more. */
  async #ended(names: readonly string[]): Promise<Recorded[]> {
    const found = await Promise.all(
      names.map(async (name): Promise<Recorded | null> => {
        const folder = join(this.#lab, name);
        try {
          return { name, folder, header: await readHeader(folder) };
        } catch (error) {
          // Deleted meanwhile, or damaged: that is one recording's loss, which whoever opens it is told.
          if (error instanceof UserError) return null;
          throw error;
        }
      }),
    );
    return found.filter((each) => each !== null && each.header.state !== 'recording') as Recorded[];
  }

  /**
   * Looks for merged files that can't be read, and tells them.
   * @throws `failure` where all can
   */
  async #leaveOut(files: readonly ShapeFile[], failure: unknown): Promise<typeof LEFT_OUT> {
    const unknown = files.filter(({ name }) => !this.#damaged.has(name));
    const damaged = await damagedFiles(this.#connection, this.#folder, unknown);
    if (damaged.size === 0) throw failure;
    for (const [name, why] of damaged) {
      this.#damaged.add(name);
      this.#leftOut.push(why);
    }
    return LEFT_OUT;
  }

  /** Null where they have no rows that the files lack. Recordings of before there were shapes have none. */
  async #merge(recorded: readonly Recorded[], files: readonly ShapeFile[]): Promise<ShapeFile | null> {
    const having = recorded.filter(({ header }) => (header.rows.shapes ?? 0) > 0);
    if (having.length === 0) return null;
    try {
      return await this.#write(this.#newRows(having, files));
    } catch (error) {
      const whole: Recorded[] = [];
      for (const one of having) {
        const damage = await findDamagedTable(this.#connection, [one], ['shapes'], error).catch(
          (missing: unknown) => missing as Error,
        );
        if (damage === null) whole.push(one);
        else this.#leftOut.push(damage.message);
      }
      if (whole.length === 0) return null;
      if (whole.length === having.length) await this.#leaveOut(files, error);
      return this.#merge(whole, files);
    }
  }

  /** An item's run may have been cut out of its worker's recording since: its rows are in both. */
  #newRows(having: readonly Recorded[], files: readonly ShapeFile[]): string {
    const rows = filesRelation(having.map(({ folder }) => parquetPath(folder, 'shapes')));
    const distinct = `SELECT DISTINCT ON (id, phase) * FROM ${rows}`;
    const read = files.filter(({ name }) => !this.#damaged.has(name));
    if (read.length === 0) return distinct;
    // Ids sort by time: of old files next to nothing is read.
    const old = `SELECT id, phase FROM ${filesRelation(this.#pathsOf(read))}
      WHERE id BETWEEN (SELECT min(id) FROM ${rows}) AND (SELECT max(id) FROM ${rows})`;
    return `SELECT fresh.* FROM (${distinct}) AS fresh ANTI JOIN (${old}) AS old USING (id, phase)`;
  }

  #pathsOf(files: readonly ShapeFile[]): string[] {
    return files.map(({ name }) => join(this.#folder, name));
  }

  /** Writes a file, which does not count yet; null where there are no rows. */
  async #write(select: string): Promise<ShapeFile | null> {
    const name = `${newId()}.parquet`;
    const path = join(this.#folder, name);
    const columns = columnsOf('shapes').map((column) => column.name);
    const result = await this.#connection.run(
      `COPY (SELECT ${columns.join(', ')} FROM (${select}) ORDER BY ${TABLE_ORDER.shapes}) TO ${quoteText(path)}
        (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
    );
    const rows = Number((await result.getRows())[0]![0]);
    if (rows === 0) return null;
    const file = await open(path, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(this.#folder);
    return { name, rows };
  }
}

/** Recordings in their order, as many together as one step may take. */
function stepsOf(recorded: readonly Recorded[]): Recorded[][] {
  const steps: Recorded[][] = [];
  let rows = Infinity;
  for (const one of recorded) {
    const more = one.header.rows.shapes ?? 0;
    if (rows + more > STEP_ROWS) {
      steps.push([]);
      rows = 0;
    }
    steps.at(-1)!.push(one);
    rows += more;
  }
  return steps;
}

/** Files of the lowest level that is full, as many as may become one; null where none is. */
function fullLevel(files: readonly ShapeFile[]): readonly ShapeFile[] | null {
  const levels = Map.groupBy(files, ({ rows }) => Math.floor(Math.log(Math.max(1, rows / LEVEL_ROWS)) / Math.log(8)));
  for (const level of [...levels.keys()].toSorted((a, b) => a - b)) {
    const inside = levels.get(level)!;
    if (inside.length < LEVEL_FILES) continue;
    const chosen: ShapeFile[] = [];
    let sum = 0;
    for (const file of inside.toSorted((a, b) => a.rows - b.rows)) {
      if (sum + file.rows > MAX_FILE_ROWS) break;
      chosen.push(file);
      sum += file.rows;
    }
    if (chosen.length > 1) return chosen;
  }
  return null;
}
