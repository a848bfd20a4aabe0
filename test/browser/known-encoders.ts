// What trying every encoder of this machine found out, kept for the next tests, of this run and of later ones: it takes a minute
// on a busy machine, and these tests are about something else. That it is found out rightly, src/media tests each time anew.

import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEPT = fileURLToPath(new URL('../../build/known-encoders/', import.meta.url));

/** Fills the cache of a lab. Its files have the key of the machine and the installation in their names: others are not read. */
export async function takeKnownEncoders(cacheFolder: string): Promise<void> {
  await copyEncoders(KEPT, cacheFolder);
}

/** Keeps what a lab has found out. */
export async function keepKnownEncoders(cacheFolder: string): Promise<void> {
  await copyEncoders(cacheFolder, KEPT);
}

/** Only encoders: which parameters take a new value is for the tests to find out. */
async function copyEncoders(from: string, to: string): Promise<void> {
  await Promise.all([from, to].map((folder) => mkdir(folder, { recursive: true })));
  const files = (await readdir(from)).filter((name) => /^encoders-\w+\.json$/.test(name));
  await Promise.all(files.map((name) => copyFile(join(from, name), join(to, name))));
}
