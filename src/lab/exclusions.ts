// Runs that a person left out of every statistic, with the reason: a file in the lab, so that a lost catalogue loses none of it.

import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalogue, Exclusions } from '#core/catalogue';
import { UserError } from '#core/user-error';
import { writeFileAtomic } from '#system/atomic-file';
import { makeFolder } from '#system/make-folder';
import { ownIdentity } from '#system/process-identity';

const VERSION = 1;
/** Runs in the file. */
const MAX_EXCLUDED = 100_000;
/** Characters of a reason. */
export const MAX_REASON = 500;
const LOCK = 'exclusions';
/** Another writer is waited for: it writes one small file. */
const LOCK_TRIES = 250;
const LOCK_WAIT_MS = 20;

/** As it lies on disk. */
interface ExclusionsFile {
  readonly version: typeof VERSION;
  readonly runs: Readonly<Record<string, { readonly reason: string; readonly excludedAt: string }>>;
}

const NONE: Exclusions = { reasons: new Map(), stamp: '' };

/** Reads the file of a lab, and again only where it was changed. */
export class ExclusionsReader {
  readonly #path: string;
  #kept = NONE;

  /** @param labPath folder of the lab */
  constructor(labPath: string) {
    this.#path = exclusionsPath(labPath);
  }

  /** @throws UserError where the file is damaged, or of a newer encodelab */
  async read(): Promise<Exclusions> {
    const found = await stat(this.#path, { bigint: true }).catch(absent);
    if (found === null) return NONE;
    // A file that takes the other's place has another number, whatever its clock says.
    const stamp = `${found.ino} ${found.mtimeNs} ${found.size}`;
    if (stamp !== this.#kept.stamp) {
      const { runs } = await readExclusionsFile(this.#path);
      this.#kept = { reasons: new Map(Object.entries(runs).map(([id, { reason }]) => [id, reason])), stamp };
    }
    return this.#kept;
  }
}

/**
 * Leaves runs out from now on, or takes them in again.
 * @param reason why; null takes them in
 * @throws UserError where there is no such run, the reason is none, or the file is damaged: it is left as it is then
 */
export async function changeExclusions(
  lab: { readonly path: string; readonly catalogue: Catalogue },
  ids: readonly string[],
  reason: string | null,
): Promise<void> {
  const text = reason === null ? null : checkedReason(reason);
  // Of a run that was deleted the entry can be taken back still.
  const missing = text === null ? [] : await lab.catalogue.missingRuns(ids);
  if (missing.length > 0)
    throw new UserError(missing.map((id) => ({ what: `there is no run ${id}`, todo: '`encodelab runs` lists them.' })));
  const holder = { ...ownIdentity(), what: 'changes which runs are left out' };
  await lockOrWait(lab, holder);
  try {
    const path = exclusionsPath(lab.path);
    const runs = new Map(Object.entries((await readExclusionsFile(path)).runs));
    const excludedAt = new Date().toISOString();
    for (const id of ids) {
      if (text === null) runs.delete(id);
      else runs.set(id, { reason: text, excludedAt });
    }
    if (runs.size > MAX_EXCLUDED)
      throw new UserError({
        what: `${runs.size} runs would be left out, and ${MAX_EXCLUDED} are the most`,
        todo: 'delete runs that nobody wants',
      });
    await makeFolder(dirname(path));
    const file: ExclusionsFile = { version: VERSION, runs: Object.fromEntries(runs) };
    await writeFileAtomic(path, `${JSON.stringify(file, null, 2)}\n`);
  } finally {
    await lab.catalogue.unlock(LOCK, holder);
  }
}

function checkedReason(reason: string): string {
  const text = reason.trim().replaceAll(/\s+/g, ' ');
  if (text === '' || text.length > MAX_REASON || /\p{Cc}/u.test(text))
    throw new UserError({
      what:
        text === '' ? 'a run is left out for a reason' : `a reason has ${MAX_REASON} characters at most, in one line`,
      todo: 'say why, as in "the fan had failed"',
    });
  return text;
}

function exclusionsPath(labPath: string): string {
  return join(labPath, 'explore', 'exclusions.json');
}

async function readExclusionsFile(path: string): Promise<ExclusionsFile> {
  const text = await readFile(path, 'utf8').catch(absent);
  if (text === null) return { version: VERSION, runs: {} };
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, cause);
  }
  const { version, runs } = (file ?? {}) as Partial<Record<keyof ExclusionsFile, unknown>>;
  if (typeof version === 'number' && version > VERSION)
    throw new UserError({
      what: `the list of runs that are left out was made by a newer encodelab (its version is ${version}, ours ${VERSION})`,
      where: path,
      todo: 'Update encodelab.',
    });
  if (version !== VERSION || typeof runs !== 'object' || runs === null || !Object.values(runs).every(isExclusion))
    throw damaged(path);
  return file as ExclusionsFile;
}

function isExclusion(value: unknown): boolean {
  return typeof (value as { reason?: unknown } | null)?.reason === 'string';
}

/** Without it statistics would count what a person left out: nobody goes on as if nothing were. */
function damaged(path: string, cause?: unknown): UserError {
  return new UserError(
    { what: 'the list of runs that are left out is damaged', where: path, todo: 'Mend it, or move it away.' },
    { cause },
  );
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

async function lockOrWait(
  { path, catalogue }: { readonly path: string; readonly catalogue: Catalogue },
  holder: { pid: number; startTicks: number; what: string },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const other = await catalogue.lock(LOCK, holder);
    if (other === null) return;
    if (tries === LOCK_TRIES)
      throw new UserError({ what: `process ${other.pid} ${other.what} and does not end`, where: path });
    await sleep(LOCK_WAIT_MS);
  }
}
