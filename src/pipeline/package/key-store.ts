// Keys of titles in the lab's own folder, one CPIX document each, which only its user can read: for development, and the
// place where the document of a real DRM service is put.

import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '#system/atomic-file';
import { newId } from '#system/clock';
import { KEY_LABELS, type KeySource, type TitleKeys } from './content-key.ts';
import { readCpix, writeCpix } from './cpix.ts';

const KEYS = 'keys';
/** Bits of a UUID that say it was made at random (RFC 9562, section 5.4). */
const VERSION_4 = 0x40;
const VARIANT = 0x80;

export interface KeyStore extends KeySource {
  /** Keys of a title that has some; null where it has none. */
  known(title: string): Promise<TitleKeys | null>;
}

/** @param labPath the lab's folder */
export function openKeyStore(labPath: string): KeyStore {
  const folder = join(labPath, KEYS);
  const fileOf = (title: string) => {
    if (!TITLE_ID.test(title)) throw new Error('keys are kept for ids of titles');
    return join(folder, `${title}.cpix`);
  };
  const known = async (title: string): Promise<TitleKeys | null> => {
    const path = fileOf(title);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return null;
    // A document that somebody put here is kept as ours are.
    await chmod(path, 0o600);
    return readCpix(text, path);
  };
  return {
    known,
    async keys(title) {
      const found = await known(title);
      if (found !== null) return found;
      await makeKeys(folder, fileOf(title), title);
      return (await known(title))!;
    },
  };
}

const TITLE_ID = /^[0-9a-zA-Z][0-9a-zA-Z-]{0,63}$/;

/** Makes them, where nobody else does it meanwhile. */
async function makeKeys(folder: string, path: string, title: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = KEY_LABELS.map((label) => ({ label, keyId: newKeyId(), key: randomBytes(16).toString('hex') }));
  const temporary = join(folder, `.${newId()}`);
  try {
    await writeFile(temporary, writeCpix(title, { keys, systems: [] }), { mode: 0o600, flush: true });
    // A link is made whole or not at all, and never over another: of two workers one wins.
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await syncFolder(folder);
  } finally {
    await rm(temporary, { force: true });
  }
}

function newKeyId(): string {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | VERSION_4;
  bytes[8] = (bytes[8]! & 0x3f) | VARIANT;
  return bytes.toString('hex');
}
