// Builds dist/: our JavaScript by tsc, the pages by Vite. With --clean from nothing, as a package is made.

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (process.argv.includes('--clean')) {
  for (const folder of ['dist', 'build']) rmSync(join(root, folder), { recursive: true, force: true });
}
run('tsc', ['-b', 'tsconfig.node.json']);
run('vite', ['build', '--logLevel', 'warn']);

function run(name, args) {
  const { status } = spawnSync(join(root, 'node_modules', '.bin', name), args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
