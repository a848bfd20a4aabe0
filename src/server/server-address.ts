// Where the server of a lab listens, left in the lab for other commands: `encodelab serve --link` asks there for a link.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '#core/user-error';
import { writeFileAtomic } from '#system/atomic-file';
import { readServerToken } from './tokens.ts';

const ADDRESS_VERSION = 1;
const ADDRESS = z.object({ version: z.literal(ADDRESS_VERSION), url: z.url(), pid: z.int() });
/** A server of this machine answers at once or not at all. */
const ANSWER_MS = 5_000;

const addressPath = (labPath: string) => join(labPath, 'server.json');

export async function saveServerAddress(labPath: string, url: string): Promise<void> {
  const content = JSON.stringify({ version: ADDRESS_VERSION, url, pid: process.pid });
  await writeFileAtomic(addressPath(labPath), `${content}\n`);
}

/** Takes our own address back; that of a server which started later stays. */
export async function removeServerAddress(labPath: string, url: string): Promise<void> {
  if ((await readServerAddress(labPath)) === url) await rm(addressPath(labPath), { force: true });
}

/**
 * Asks the running server of a lab for a new link that signs a browser in, once.
 * @throws UserError where no server answers
 */
export async function requestLink(labPath: string): Promise<string> {
  const url = await readServerAddress(labPath);
  const none = { what: 'no server of this lab answers', where: labPath, todo: 'start one: encodelab serve' };
  if (url === null) throw new UserError(none);
  const response = await fetch(new URL('/api/links', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${await readServerToken(labPath)}` },
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((cause: unknown) => {
    throw new UserError(none, { cause });
  });
  // Something else may listen at that port by now.
  if (!response.ok) throw new UserError({ ...none, what: `what listens at ${url} is not the server of this lab` });
  return z.object({ url: z.url() }).parse(await response.json()).url;
}

/**
 * The running server of a lab, as commands of this machine reach it.
 * @throws UserError where none has said that it listens
 */
export async function labServer(labPath: string): Promise<{ readonly url: string; readonly token: string }> {
  const url = await readServerAddress(labPath);
  if (url === null)
    throw new UserError({ what: 'no server of this lab runs', where: labPath, todo: 'start one: encodelab serve' });
  return { url, token: await readServerToken(labPath) };
}

/** What the server of a lab said when it began to listen; null where none did. @throws UserError where it is damaged */
export async function readServerAddress(labPath: string): Promise<string | null> {
  const text = await readFile(addressPath(labPath), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return ADDRESS.parse(JSON.parse(text)).url;
  } catch (cause) {
    throw new UserError(
      { what: 'the address of the server is damaged', where: addressPath(labPath), todo: 'delete this file' },
      { cause },
    );
  }
}
