// Who may talk to the server: a long-lived token for programs, links that work once, and sessions of browsers.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '#core/user-error';

/** 256 bits: nobody guesses it. */
const TOKEN_BYTES = 32;
/** Links given out and not used yet; the oldest goes when there are more. */
const MAX_LINKS = 64;
/** Browsers signed in at once; the one that has been quiet longest goes when there are more. */
const MAX_SESSIONS = 256;

export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Compares in a time that tells nothing about the content: what is compared are hashes, which all have one length. */
export function sameToken(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * The token of a lab for programs (`Authorization: Bearer …`), made when it is first wanted. Its file can be read by
 * its owner alone.
 */
export async function readServerToken(labPath: string): Promise<string> {
  const path = join(labPath, 'server-token');
  const known = await readToken(path);
  if (known !== null) return known;
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${newToken()}\n`, { mode: 0o600 });
    // A link is made whole or not at all, and never over another: of two servers that start at once, one wins.
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  return (await readToken(path)) ?? newToken();
}

async function readToken(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  if (!/^[\w-]{40,}\s*$/.test(text))
    throw new UserError({
      what: 'the server token is damaged',
      where: path,
      todo: 'delete this file: a new one is made',
    });
  await chmod(path, 0o600);
  return text.trim();
}

/** Links that work once. */
export class OneTimeLinks {
  readonly #open = new Set<string>();

  create(): string {
    const token = newToken();
    this.#open.add(token);
    if (this.#open.size > MAX_LINKS) this.#open.delete(this.#open.values().next().value!);
    return token;
  }

  /** True once for each token that was given out. */
  use(token: string): boolean {
    for (const known of this.#open) {
      if (sameToken(token, known)) return this.#open.delete(known);
    }
    return false;
  }
}

/** Browsers that came by a link; they stay signed in as long as the server lives. */
export class Sessions {
  readonly #known = new Set<string>();

  create(): string {
    const id = newToken();
    this.#known.add(id);
    if (this.#known.size > MAX_SESSIONS) this.#known.delete(this.#known.values().next().value!);
    return id;
  }

  has(id: string | undefined): boolean {
    if (id === undefined || !this.#known.delete(id)) return false;
    // Put back at the end: the set is in the order of last use.
    this.#known.add(id);
    return true;
  }
}
