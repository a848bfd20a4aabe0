// Walks a result tree: every folder with settings is a run.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { UserError } from '#core/user-error';
import type { ForeignResult } from '#recording/foreign/foreign-result';
import { parseJsonFile, parseRunSettings, treeResult, type ImportDescription } from '#recording/foreign/result-tree';

/** Names under which the settings of a run are found, the first that is there. */
const SETTINGS_FILES = ['settings', 'settings.yaml'];
const MOST_FOLDERS = 200_000;
const MOST_DEPTH = 16;
/** Bytes of a JSON file that numbers are read from. */
const MOST_JSON_BYTES = 64 * 1024 * 1024;
const MOST_SETTINGS_BYTES = 1024 * 1024;

/**
 * What each run of the tree says; one that can't be read is told and passed over.
 * @throws UserError where the tree can't be read, or has no run
 */
export async function readResultTree(
  folder: string,
  description: ImportDescription,
  onProblem: (error: UserError) => void,
): Promise<ForeignResult[]> {
  const results: ForeignResult[] = [];
  let bad = 0;
  for await (const { path, settingsFile } of runFolders(folder)) {
    try {
      results.push(await readRun(folder, path, settingsFile, description));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      onProblem(error);
      bad++;
    }
  }
  if (results.length === 0 && bad === 0)
    throw new UserError({
      what: 'no folder in it holds a run',
      where: folder,
      todo: `Each run is a folder with a file ${SETTINGS_FILES.join(' or ')}.`,
    });
  return results.toSorted((a, b) => a.part.localeCompare(b.part));
}

async function* runFolders(root: string): AsyncGenerator<{ path: string; settingsFile: string }> {
  const waiting = [{ path: root, depth: 0 }];
  for (let count = 0; waiting.length > 0; count++) {
    const { path, depth } = waiting.pop()!;
    if (count === MOST_FOLDERS)
      throw new UserError({ what: `the tree has more than ${MOST_FOLDERS} folders`, where: root });
    const entries = await readdir(path, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
      throw new UserError({ what: `the folder can't be read: ${cause.code ?? cause.message}`, where: path }, { cause });
    });
    const settingsFile = SETTINGS_FILES.find((name) => entries.some((entry) => entry.isFile() && entry.name === name));
    if (settingsFile !== undefined) yield { path, settingsFile };
    // Links are not followed: a tree may hold one to itself.
    for (const entry of entries)
      if (entry.isDirectory() && depth < MOST_DEPTH) waiting.push({ path: join(path, entry.name), depth: depth + 1 });
  }
}

async function readRun(
  root: string,
  path: string,
  settingsFile: string,
  description: ImportDescription,
): Promise<ForeignResult> {
  const settingsPath = join(path, settingsFile);
  const settings = parseRunSettings((await readIfThere(settingsPath, MOST_SETTINGS_BYTES)) ?? '', settingsPath);
  const files = new Set([
    ...description.metrics.map(({ file }) => file),
    ...(description.started === null ? [] : [description.started.file]),
  ]);
  const documents = new Map<string, unknown>();
  for (const file of files) {
    const full = join(path, file);
    if (relative(path, full).startsWith('..'))
      throw new UserError({
        what: 'a file of a run lies in its folder',
        where: file,
        todo: 'Name it from there, without ...',
      });
    const text = await readIfThere(full, MOST_JSON_BYTES);
    documents.set(file, text === null ? null : parseJsonFile(text, full));
  }
  const exitCode = await readIfThere(join(path, 'exit_code'), 1_024);
  return treeResult({ path: relative(root, path), settings, exitCode, documents }, description);
}

async function readIfThere(path: string, mostBytes: number): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes)
      throw new UserError({ what: `the file has ${size} bytes; at most ${mostBytes} are read`, where: path });
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UserError({ what: `the file can't be read: ${(cause as Error).message}`, where: path }, { cause });
  }
}
