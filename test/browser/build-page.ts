// The page as tests open it, for each of the threads that run tests: that of dist/ where it is newer than the sources, else built anew.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Kept by the thread: its other files of tests open the same page, while no source has changed. */
const kept = globalThis as { encodelabTestPage?: { readonly changedAt: number; readonly folder: URL } };

/**
 * Builds src/web, or takes what `npm run build` has made of it.
 * @returns the folder, for the server's `webRoot`
 * @throws where the build fails or has anything to say
 */
export function buildPage(): URL {
  const changedAt = newestSource();
  if (kept.encodelabTestPage?.changedAt !== changedAt)
    kept.encodelabTestPage = { changedAt, folder: make(join(ROOT, 'build', `web-test-${threadId}`), changedAt) };
  return kept.encodelabTestPage.folder;
}

function newestSource(): number {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return files.reduce((newest, file) => Math.max(newest, statSync(join(ROOT, 'src', file)).mtimeMs), 0);
}

/** A copy, so that a build in between takes nothing away. */
function make(folder: string, changedAt: number): URL {
  const built = join(ROOT, 'dist', 'web');
  const index = join(built, 'index.html');
  if (!existsSync(index) || statSync(index).mtimeMs <= changedAt) return build(folder);
  rmSync(folder, { recursive: true, force: true });
  cpSync(built, folder, { recursive: true });
  return pathToFileURL(`${folder}/`);
}

function build(folder: string): URL {
  const { status, stdout, stderr } = spawnSync(
    join(ROOT, 'node_modules/.bin/vite'),
    ['build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'],
    // The page as users have it: under a test's own mode its chunks would be larger.
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
  );
  if (status !== 0 || stdout + stderr !== '') throw new Error(stdout + stderr);
  return pathToFileURL(`${folder}/`);
}
