// The page as tests open it: built anew, into a folder of its own for each file of tests.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Builds src/web.
 * @returns the folder, for the server's `webRoot`
 * @throws where the build fails or has anything to say
 */
export function buildPage(name: string): URL {
  const folder = join(ROOT, 'build', name);
  const build = spawnSync(
    join(ROOT, 'node_modules/.bin/vite'),
    ['build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (build.status !== 0 || build.stdout + build.stderr !== '') throw new Error(build.stdout + build.stderr);
  return pathToFileURL(`${folder}/`);
}
