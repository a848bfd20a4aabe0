// The folder of a title in the lab: what was found in the source, the plan, and the files that items made.

import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ItemOutput } from '#core/title';
import { hashFile } from '#media/content-hash';
import { syncFolder } from '#system/atomic-file';
import { newId } from '#system/clock';
import { processStartTicks } from '#system/process-identity';

const PIECES = 'pieces';
const WORK = 'work';

export class TitleFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get checkedFile(): string {
    return join(this.path, 'checked.json');
  }

  get planFile(): string {
    return join(this.path, 'plan.json');
  }

  /** Thumbnails that the check of the source made in passing; it may be missing. */
  get picturesFolder(): string {
    return join(this.path, 'pictures');
  }

  /** Makes the folder and what is in it, where it is not there. */
  async make(): Promise<void> {
    await mkdir(join(this.path, PIECES), { recursive: true });
    await mkdir(join(this.path, WORK), { recursive: true });
  }

  /** A new folder for the unfinished files of one attempt; it is taken away with everything in it. */
  async workFolder(): Promise<string> {
    const folder = join(this.path, WORK, `${process.pid}-${newId()}`);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Absolute path of a file that an item made. */
  pathOf(output: Pick<ItemOutput, 'file'>): string {
    return join(this.path, output.file);
  }

  /**
   * Keeps a finished file under its content's hash: it is on the disk when this resolves, and two attempts that made the
   * same bytes leave one file.
   */
  async keep(
    file: string,
    ending: string,
    facts: Pick<ItemOutput, 'rendition' | 'frames' | 'run'>,
  ): Promise<ItemOutput> {
    const hash = await hashFile(file);
    const handle = await open(file, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    const { size: bytes } = await stat(file);
    const name = join(PIECES, `${hash}.${ending}`);
    await rename(file, join(this.path, name));
    await syncFolder(join(this.path, PIECES));
    return { ...facts, hash, file: name, bytes };
  }

  /** Puts a finished folder of pictures in the place of `picturesFolder`, in one step. */
  async keepPictures(made: string): Promise<void> {
    await rm(this.picturesFolder, { recursive: true, force: true });
    await rename(made, this.picturesFolder).catch((error: NodeJS.ErrnoException) => {
      // Another attempt was quicker: its pictures are as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  }

  /** False where a kept file is gone or has another size than was recorded. */
  async holds(output: ItemOutput): Promise<boolean> {
    const found = await stat(this.pathOf(output)).catch(() => null);
    return found !== null && found.size === output.bytes;
  }

  /** What attempts left that were broken off: of processes that are gone. */
  async removeUnfinished(): Promise<void> {
    const work = join(this.path, WORK);
    for (const name of await readdir(work).catch(ignoreAbsent)) {
      const pid = Number.parseInt(name, 10);
      if (Number.isNaN(pid) || processStartTicks(pid) === null)
        await rm(join(work, name), { recursive: true, force: true });
    }
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): string[] {
  if (error.code !== 'ENOENT') throw error;
  return [];
}
