// Profiles that a page sends: written into a file of our own as they come, and imported from there by our own command line, in a process
// of its own, since that takes memory and may take its time.

import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '#core/user-error';
import { recordingError } from '#recording/recording-error';
import { runChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import type { LabView } from './lab-view.ts';

/** A perf.data of some minutes of many CPUs; larger ones are imported by the command line, which need not copy them. */
const MAX_UPLOAD_BYTES = 1024 ** 3;
const MAX_NAME_LENGTH = 120;
/** A gigabyte is read in a minute or two. */
const IMPORT_TIMEOUT_MS = 600_000;

export class ProfileUploads {
  readonly #lab: LabView;
  readonly #folder: string;
  #isBusy = false;

  constructor(lab: LabView) {
    this.#lab = lab;
    this.#folder = join(lab.cacheFolder, 'uploads');
  }

  /**
   * @param body of the request
   * @param name what the browser calls the file, for people; never a path to anything
   * @param signal ends it, whatever it is at
   * @returns the id of the run that it became
   * @throws UserError where it is too long or no profile, or another one is being taken in
   */
  async take(body: ReadableStream<Uint8Array> | null, name: string, signal: AbortSignal): Promise<string> {
    if (body === null) throw new UserError({ what: 'an empty file is no profile' });
    if (this.#isBusy) {
      await body.cancel();
      throw new UserError({ what: 'another profile is being imported', todo: 'try again when it is there' });
    }
    this.#isBusy = true;
    try {
      // What a server that was killed has left.
      await rm(this.#folder, { recursive: true, force: true });
      await mkdir(this.#folder, { recursive: true });
      const file = join(this.#folder, fileName(name));
      await write(body, file);
      return await importFile(file, this.#lab.path, signal);
    } finally {
      await rm(this.#folder, { recursive: true, force: true });
      this.#isBusy = false;
    }
  }
}

async function write(body: ReadableStream<Uint8Array>, path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      let length = 0;
      for await (const bytes of body) {
        length += bytes.length;
        if (length > MAX_UPLOAD_BYTES)
          throw new UserError({
            what: `a page takes profiles of at most ${MAX_UPLOAD_BYTES / 1024 ** 3} GiB`,
            todo: 'encodelab profile import FILE takes longer ones',
          });
        await file.writeFile(bytes);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    // A browser that went away in the middle of it.
    if ((error as Error).name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'ECONNRESET')
      throw new UserError({ what: 'the file did not come whole' });
    throw recordingError('the file can’t be kept', path, error);
  }
}

async function importFile(file: string, labPath: string, signal: AbortSignal): Promise<string> {
  const args = [
    ...ownModuleArgs(import.meta.url, '../cli/main'),
    'profile',
    'import',
    file,
    '--lab',
    labPath,
    '--json',
  ];
  const env = { ...process.env, NO_COLOR: '1' };
  const { code, end, stdout, stderr } = await runChild(process.execPath, args, {
    env,
    signal,
    timeoutMs: IMPORT_TIMEOUT_MS,
  });
  if (code === 0) return (JSON.parse(stdout) as { run: string }).run;
  // Its place is nothing that anybody has to know.
  const words = stderr.replaceAll(`${file.slice(0, file.lastIndexOf('/'))}/`, '').trim();
  if (end !== 'exited' || words === '') throw new UserError({ what: `the import of the file was ended (${end})` });
  const [what, ...todo] = words.replace(/^error: /, '').split('\n');
  throw new UserError({ what: what!, todo: todo.join(' ').trim() || undefined });
}

/** The last part, without what a terminal or a file system would take amiss. */
function fileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1)!;
  const plain = last.replace(/[^\p{L}\p{N} ._+()-]+/gu, '-').replace(/^\.+/, '');
  return plain.slice(0, MAX_NAME_LENGTH).trim() || 'profile';
}
