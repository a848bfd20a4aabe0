// Where a stock session keeps its configuration and logs: a folder that names its process, so that the next one can remove what killed ones left.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSameProcess, ownIdentity } from '#system/process-identity';

/** `spice-stock-`, the process and when it started, and what `mkdtemp` adds. */
const FOLDER = /^spice-stock-(\d+)-(\d+)-\w+$/u;

/** Makes one of this process's own, and removes those of processes that are gone. */
export async function makeStockFolder(root = tmpdir()): Promise<string> {
  await removeStale(root);
  const { pid, startTicks } = ownIdentity();
  return mkdtemp(join(root, `spice-stock-${pid}-${startTicks}-`));
}

async function removeStale(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const [, pid, startTicks] = FOLDER.exec(name) ?? [];
    if (pid === undefined || isSameProcess(Number(pid), Number(startTicks))) continue;
    // Another user's is theirs to remove.
    await rm(join(root, name), { recursive: true, force: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
    });
  }
}
