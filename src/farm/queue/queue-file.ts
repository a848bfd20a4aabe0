// The SQLite file of the queue: how it is opened, and what is in it.

import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '#core/user-error';
import { transaction } from '#lab/catalogue-file';
import { SQLITE_BUSY, sqliteCode } from '#lab/sqlite-error';
import { queueError } from './queue-error.ts';

/** `enqu`: tells a queue from other SQLite databases, our catalogue among them. */
const APPLICATION_ID = 0x656e7175;
/** How long SQLite itself waits for another process, with our event loop standing still; longer waits are `whenFree`. */
const BUSY_TIMEOUT_MS = 50;
/** How long a write waits for other processes in all: a title of 250,000 items holds the file for some seconds. */
const WRITE_WAIT_MS = 60_000;
const WRITE_PAUSE_MS = [2, 30] as const;
/** Pages that a process keeps in memory, KiB: the indices of a large title. */
const CACHE_KIB = 64 << 10;
/** What is left of the log on the disk once it was folded in, bytes. */
const LOG_BYTES = 64 << 20;

/** The statements at position n make a file of version n one of version n + 1. */
const UPGRADES: readonly string[] = [
  // Counters stand in the title's row and in its lanes (a lane: items of one kind), kept by the transactions that move
  // items. `retrying` are those of the waiting that wait for time. `due` is the deadline in ms, far away where there is none.
  // What a plan says of an item stands apart: an item that needs 25,000 others is counted down 25,000 times, and SQLite writes
  // a row anew as a whole.
  `CREATE TABLE titles (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     priority INTEGER NOT NULL,
     deadline TEXT,
     due INTEGER NOT NULL,
     campaign TEXT,
     request TEXT NOT NULL,
     state TEXT NOT NULL,
     reason TEXT,
     created_ms INTEGER NOT NULL,
     ended_ms INTEGER,
     waiting INTEGER NOT NULL DEFAULT 0,
     ready INTEGER NOT NULL DEFAULT 0,
     running INTEGER NOT NULL DEFAULT 0,
     done INTEGER NOT NULL DEFAULT 0,
     failed INTEGER NOT NULL DEFAULT 0,
     cancelled INTEGER NOT NULL DEFAULT 0,
     retrying INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX open_titles ON titles (priority DESC, due, seq) WHERE state = 'running' AND ready > 0;
   CREATE INDEX titles_by_state ON titles (state, seq);
   CREATE INDEX titles_by_campaign ON titles (campaign, seq) WHERE campaign IS NOT NULL;
   CREATE TABLE lanes (
     title INTEGER NOT NULL,
     kind TEXT NOT NULL,
     ready INTEGER NOT NULL,
     priority INTEGER NOT NULL,
     due INTEGER NOT NULL,
     is_open INTEGER NOT NULL,
     PRIMARY KEY (title, kind)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX open_lanes ON lanes (kind, priority DESC, due, title) WHERE is_open = 1 AND ready > 0;
   CREATE TABLE items (
     id INTEGER PRIMARY KEY,
     title INTEGER NOT NULL,
     key TEXT NOT NULL,
     kind TEXT NOT NULL,
     state TEXT NOT NULL,
     needs_left INTEGER NOT NULL,
     cost_s REAL,
     failures INTEGER NOT NULL DEFAULT 0,
     deaths INTEGER NOT NULL DEFAULT 0,
     epoch INTEGER,
     worker TEXT,
     ready_ms INTEGER,
     retry_ms INTEGER,
     lease_ms INTEGER,
     fixed TEXT,
     result TEXT,
     error TEXT
   ) STRICT;
   CREATE TABLE item_plans (
     id INTEGER PRIMARY KEY,
     needs TEXT NOT NULL,
     payload TEXT NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX items_by_key ON items (title, key);
   CREATE INDEX items_in_order ON items (title, id, kind, state);
   CREATE INDEX items_of_kind ON items (title, kind, id);
   CREATE INDEX ready_items ON items (title, kind, id) WHERE state = 'ready';
   CREATE INDEX leased_items ON items (lease_ms) WHERE state = 'running';
   CREATE INDEX retried_items ON items (retry_ms) WHERE retry_ms IS NOT NULL;
   CREATE TABLE needs (
     need INTEGER NOT NULL,
     item INTEGER NOT NULL,
     PRIMARY KEY (need, item)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE attempts (
     epoch INTEGER PRIMARY KEY AUTOINCREMENT,
     title INTEGER NOT NULL,
     item INTEGER NOT NULL,
     worker TEXT NOT NULL,
     ready_ms INTEGER NOT NULL,
     began_ms INTEGER NOT NULL,
     ended_ms INTEGER,
     "end" TEXT
   ) STRICT;
   CREATE INDEX attempts_of_title ON attempts (title, epoch);`,
];

const QUEUE_VERSION = UPGRADES.length;

/**
 * Opens the file, and makes or upgrades it where that is needed.
 * @throws UserError where it is no queue, one of a newer encodelab, damaged, or can't be written
 */
export async function openQueueFile(path: string, readonly: boolean): Promise<DatabaseSync> {
  return whenFree(path, () => (readonly ? openToRead(path) : openToWrite(path)));
}

/**
 * Does something with the file as soon as no other process writes; the event loop goes on meanwhile.
 * @throws UserError where another process keeps it for longer than a minute, or SQLite tells what a person can mend
 */
export async function whenFree<Result>(path: string, work: () => Result): Promise<Result> {
  const until = performance.now() + WRITE_WAIT_MS;
  for (;;)
    try {
      return work();
    } catch (error) {
      if (sqliteCode(error) !== SQLITE_BUSY || performance.now() > until) throw queueError(path, error);
      const [shortest, longest] = WRITE_PAUSE_MS;
      await sleep(shortest + Math.random() * (longest - shortest));
    }
}

function openToWrite(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Refused before anything is changed, the journal mode of somebody else's database included.
    checkVersion(database, path);
    database.exec('PRAGMA journal_mode = WAL');
    // FULL: a result that was recorded survives a power cut.
    database.exec('PRAGMA synchronous = FULL');
    database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES}`);
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    if (checkVersion(database, path) < QUEUE_VERSION) transaction(database, () => upgrade(database, path));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openToRead(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const version = checkVersion(database, path);
    if (version === QUEUE_VERSION) return database;
    throw new UserError({
      what: version === 0 ? 'the queue is empty' : `the queue is one of an older encodelab (version ${version})`,
      where: path,
      todo: version === 0 ? 'Encode a title first.' : 'Open the lab once where it can be written.',
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

function upgrade(database: DatabaseSync, path: string): void {
  for (const statements of UPGRADES.slice(checkVersion(database, path))) database.exec(statements);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.exec(`PRAGMA user_version = ${QUEUE_VERSION}`);
}

/** The version of the file; 0 where it is new. */
function checkVersion(database: DatabaseSync, path: string): number {
  // One statement: another process may be making the file just now.
  const marks = database
    .prepare(
      `SELECT (SELECT application_id FROM pragma_application_id) AS application,
              (SELECT user_version FROM pragma_user_version) AS version,
              (SELECT count(*) FROM sqlite_schema) AS objects`,
    )
    .get()!;
  const version = Number(marks['version']);
  if (marks['application'] === APPLICATION_ID && version > QUEUE_VERSION)
    throw new UserError({
      what: `the queue was made by a newer encodelab (its version is ${version}, ours ${QUEUE_VERSION})`,
      where: path,
      todo: 'Update encodelab, or name another lab with --lab.',
    });
  const isNew = marks['application'] === 0 && version === 0 && marks['objects'] === 0;
  if (marks['application'] !== APPLICATION_ID && !isNew)
    throw new UserError({
      what: 'this is the database of another program, not a queue',
      where: path,
      todo: 'Move it away, or name another lab with --lab.',
    });
  return version;
}
