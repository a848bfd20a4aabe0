// `npm run bench NAME`: one benchmark of encodelab itself, from the sources. Without a name: which there are.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bench');
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []));
const name = process.argv[2];
if (!names.includes(name)) {
  console.error(`npm run bench NAME, one of: ${names.join(', ')} (docs/benchmarks.md tells what they measure)`);
  process.exit(2);
}
const node = ['--conditions=encodelab-source', '--disable-warning=ExperimentalWarning'];
const { status } = spawnSync(process.execPath, [...node, join(folder, `${name}.ts`), ...process.argv.slice(3)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
