// The SQLite file of the catalogue: how it is opened, and what is in it.

import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { UserError } from '#core/user-error';
import { catalogueError } from './catalogue-error.ts';
import { SQLITE_BUSY, sqliteCode } from './sqlite-error.ts';

/** `encl`: tells our files from other SQLite databases. */
const APPLICATION_ID = 0x656e636c;
/** How long a write waits for another process. Two writers at work were seen to wait 180 ms at most. */
const BUSY_TIMEOUT_MS = 5_000;
/** How long the opening is tried again. */
const OPEN_WAIT_MS = 10_000;

/** The statements at position n make a file of version n one of version n + 1. */
const UPGRADES: readonly string[] = [
  `CREATE TABLE benchmarks (
     name TEXT PRIMARY KEY,
     file TEXT NOT NULL,
     properties TEXT NOT NULL,
     repeat INTEGER NOT NULL,
     seed INTEGER,
     thresholds TEXT NOT NULL,
     started_at TEXT NOT NULL
   ) STRICT;
   CREATE TABLE cells (
     benchmark TEXT NOT NULL,
     position INTEGER NOT NULL,
     same_key TEXT NOT NULL,
     cell TEXT NOT NULL,
     PRIMARY KEY (benchmark, position)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE runs (
     id TEXT PRIMARY KEY,
     kind TEXT NOT NULL,
     benchmark TEXT,
     cell TEXT,
     repeat INTEGER NOT NULL,
     settings TEXT NOT NULL,
     labels TEXT NOT NULL,
     same_key TEXT NOT NULL,
     outcome TEXT,
     reason TEXT,
     interrupted INTEGER NOT NULL,
     started_at TEXT NOT NULL,
     duration_s REAL,
     metrics TEXT NOT NULL,
     recording TEXT,
     owner_pid INTEGER NOT NULL,
     owner_start_ticks INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX runs_by_key ON runs (same_key);
   CREATE INDEX runs_by_benchmark ON runs (benchmark, id);
   CREATE INDEX open_runs ON runs (id) WHERE outcome IS NULL;
   CREATE TABLE progress (
     benchmark TEXT PRIMARY KEY,
     pid INTEGER NOT NULL,
     start_ticks INTEGER NOT NULL,
     progress TEXT NOT NULL
   ) STRICT;
   CREATE TABLE locks (
     name TEXT PRIMARY KEY,
     pid INTEGER NOT NULL,
     start_ticks INTEGER NOT NULL,
     what TEXT NOT NULL
   ) STRICT;`,
  // Thousands of runs have the same facts: each text stands here once.
  `CREATE TABLE facts (
     id INTEGER PRIMARY KEY,
     facts TEXT NOT NULL UNIQUE
   ) STRICT;
   CREATE TABLE run_facts (
     run TEXT PRIMARY KEY,
     facts INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   -- Runs of a benchmark's cells that others made: found without reading the runs themselves.
   DROP INDEX runs_by_key;
   CREATE INDEX runs_by_key ON runs (same_key, benchmark, id);`,
];

export const CATALOGUE_VERSION = UPGRADES.length;

/**
 * Opens the catalogue, and makes or upgrades it where that is needed.
 * @throws UserError where it is no catalogue, one of a newer encodelab, or can't be written
 */
export async function openCatalogueFile(path: string, readonly: boolean): Promise<DatabaseSync> {
  // Two processes that make the same file at once meet in the switch to WAL, for which SQLite does not wait.
  const until = performance.now() + OPEN_WAIT_MS;
  for (;;)
    try {
      return readonly ? openToRead(path) : openToWrite(path);
    } catch (error) {
      if (sqliteCode(error) !== SQLITE_BUSY || performance.now() > until) throw catalogueError(path, error);
      await sleep(20 + Math.random() * 80);
    }
}

function openToWrite(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Refused before anything is changed, the journal mode of somebody else's database included.
    checkVersion(database, path);
    database.exec('PRAGMA journal_mode = WAL');
    // FULL: what was measured is on disk before the next thing begins; a run ends every few seconds at most.
    database.exec('PRAGMA synchronous = FULL');
    // Who only reads from here on is not kept waiting by one that writes.
    if (checkVersion(database, path) < CATALOGUE_VERSION) transaction(database, () => upgrade(database, path));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openToRead(path: string): DatabaseSync {
  const open = (location: string | URL) => {
    const database = new DatabaseSync(location, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      if (checkVersion(database, path) === 0)
        throw new UserError({ what: 'the catalogue is empty', where: path, todo: 'Run a benchmark first.' });
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  };
  try {
    return open(path);
  } catch (error) {
    if (sqliteCode(error) === null || sqliteCode(error) === SQLITE_BUSY) throw error;
    // On a read-only medium the shared memory of a WAL can't be made; nobody can be writing there either. What is in the
    // log would be missed so, and a page that is only half moved to its place be taken for damage.
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
      throw new UserError(
        {
          what: "the catalogue can't be read here: its last writer was killed, and what it wrote is not folded in yet",
          where: path,
          todo: 'Open the lab once where it can be written (`encodelab serve`), or copy it to such a place.',
        },
        { cause: error },
      );
    const immutable = pathToFileURL(path);
    immutable.searchParams.set('immutable', '1');
    return open(immutable);
  }
}

function upgrade(database: DatabaseSync, path: string): void {
  const version = checkVersion(database, path);
  for (const statements of UPGRADES.slice(version)) database.exec(statements);
  if (version === CATALOGUE_VERSION) return;
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.exec(`PRAGMA user_version = ${CATALOGUE_VERSION}`);
}

/** The version of the file; 0 where it is new. */
function checkVersion(database: DatabaseSync, path: string): number {
  const { application, version, schema } = readMarks(database);
  if (application === APPLICATION_ID && version > CATALOGUE_VERSION)
    throw new UserError({
      what: `the catalogue was made by a newer encodelab (its version is ${version}, ours ${CATALOGUE_VERSION})`,
      where: path,
      todo: 'Update encodelab, or name another lab with --lab.',
    });
  const isNew = application === 0 && version === 0 && schema === 0;
  if (application !== APPLICATION_ID && !isNew)
    throw new UserError({
      what: 'this is the database of another program, not a catalogue',
      where: path,
      todo: 'Move it away, or name another lab with --lab.',
    });
  return version;
}

/** Read together: another process may be making the file just now. */
function readMarks(database: DatabaseSync): { application: number; version: number; schema: number } {
  const inside = database.isTransaction;
  if (!inside) database.exec('BEGIN');
  try {
    return {
      application: pragma(database, 'application_id'),
      version: pragma(database, 'user_version'),
      schema: pragma(database, 'schema_version'),
    };
  } finally {
    if (!inside && database.isTransaction) database.exec('ROLLBACK');
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0]);
}

/** All of it or nothing; the write lock is taken at the beginning, so that it can't be refused in the middle. */
export function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
