// The program of a command: where it is, and what tells it from another build of it.

import { constants } from 'node:fs';
import { access, open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { runChild } from '#system/child-process';
import { hashFile } from '../content-hash.ts';
import { fileIdentity } from '../inspect-cache.ts';

/** A program that tells its version does so at once; one that begins to work instead is stopped. */
const VERSION_TIMEOUT_MS = 1_000;
const VERSION_BYTES = 4 * 1024;
const MAX_VERSION_LENGTH = 200;
/** Programs are megabytes; a static one with everything in it some hundred. */
const MAX_HASHED_BYTES = 1_000_000_000;
/** Beginnings of programs that the processor runs: ELF, and Mach-O in its orders. */
const MACHINE_CODE = ['7f454c46', 'cffaedfe', 'cafebabe'];

/**
 * Absolute path of a program: a name is looked up on the PATH, a relative path counts from the benchmark's folder.
 * @returns the path, or why there is none in words
 */
export async function resolveProgram(
  program: string,
  folder: string,
  path: string = process.env['PATH'] ?? '',
): Promise<{ readonly path: string } | { readonly why: string }> {
  const named = !program.includes('/');
  const places = named
    ? path.split(':').map((place) => join(place === '' ? '.' : place, program))
    : [isAbsolute(program) ? program : resolve(folder, program)];
  let refused: string | null = null;
  for (const place of places) {
    const found = await stat(place).catch(() => null);
    if (found === null) continue;
    if (!found.isFile()) refused ??= `${place} is no file`;
    else if (
      await access(place, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return { path: resolve(place) };
    else refused ??= `${place} may not be executed`;
  }
  return {
    why: refused ?? (named ? `there is no program ${program} on the PATH` : `there is no program ${places[0]}`),
  };
}

const builds = new Map<string, Promise<string>>();

/**
 * Tells two builds of a program apart: its name, a hash of its file, and the first line that it prints for `--version`
 * (which names the libraries that it loads). A script is never run for it, and a file that is an argument does not count.
 * @param path absolute, as `resolveProgram` gives it
 */
export async function programBuild(path: string): Promise<string> {
  const real = await realpath(path).catch(() => path);
  const identity = (await fileIdentity(real)) ?? real;
  let build = builds.get(identity);
  if (build === undefined) {
    build = describeBuild(real);
    builds.set(identity, build);
  }
  return build;
}

async function describeBuild(path: string): Promise<string> {
  let hash: string;
  let version: string | null = null;
  try {
    const { size } = await stat(path);
    hash = size > MAX_HASHED_BYTES ? `unknown (${size} bytes)` : await hashFile(path);
    if (await isMachineCode(path)) version = await versionOf(path);
  } catch (error) {
    // A program may be executable and not readable.
    hash = `unknown (${(error as Error).message})`;
  }
  return [path, `sha256:${hash}`, version].filter((part) => part !== null).join(' ');
}

async function isMachineCode(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return MACHINE_CODE.includes(buffer.toString('hex'));
  } finally {
    await file.close();
  }
}

async function versionOf(path: string): Promise<string | null> {
  const result = await runChild(path, ['--version'], {
    timeoutMs: VERSION_TIMEOUT_MS,
    graceMs: 0,
    tailBytes: VERSION_BYTES,
  });
  if (result.end !== 'exited') return null;
  const line = `${result.stdout}\n${result.stderr}`.split('\n').find((each) => each.trim() !== '');
  return line?.trim().slice(0, MAX_VERSION_LENGTH) ?? null;
}
