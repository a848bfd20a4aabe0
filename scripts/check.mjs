// `npm test`: every check and every test, and one plain line at the end that counts them.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);
// Right after the first install we still run under the system's Node, which may be too old for our own code.
const node = existsSync(bin('node')) ? bin('node') : process.execPath;
const report = join(root, 'build', 'tests.json');

const CHECKS = [
  { name: 'format', command: [bin('oxfmt'), '--check'] },
  { name: 'lint', command: [bin('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'import direction', command: [node, 'scripts/check-imports.mjs'] },
  { name: 'types', command: [bin('tsc'), '-b'] },
  { name: 'build', command: [node, 'scripts/build.mjs'] },
  { name: 'generated documents', command: [node, 'scripts/generate-docs.mjs', '--check'] },
];

let passed = 0;
let failed = 0;
for (const { name, command } of CHECKS) {
  const began = performance.now();
  const { status } = spawnSync(command[0], command.slice(1), { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  if (status === 0) passed++;
  else failed++;
}

mkdirSync(dirname(report), { recursive: true });
rmSync(report, { force: true });
const tests = spawnSync(
  bin('vitest'),
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
const skipped = [];
if (existsSync(report)) {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  for (const file of result.testResults) {
    if (file.status === 'failed' && file.assertionResults.length === 0) failed++;
    for (const test of file.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped' || test.status === 'todo') skipped.push(test.fullName);
    }
  }
}
if (tests.status !== 0 && failed === 0) failed++;

for (const name of skipped) console.log(`skipped: ${name}`);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
