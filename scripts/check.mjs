// `npm test`: every check and every test, and one plain line at the end that counts them.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);
// Right after the first install we still run under the system's Node, which may be too old for our own code.
const node = existsSync(bin('node')) ? bin('node') : process.execPath;
const report = join(root, 'build', 'tests.json');

/** Side by side, each in its order: what one needs stands before it. One that is silent fails where it has anything to say. */
const CHECKS = [
  [
    { name: 'types', command: [bin('tsc'), '-b'] },
    { name: 'build', command: [node, 'scripts/build.mjs'], isSilent: true },
    { name: 'generated documents', command: [node, 'scripts/generate-docs.mjs', '--check'] },
  ],
  [
    { name: 'format', command: [bin('oxfmt'), '--check'] },
    { name: 'import direction', command: [node, 'scripts/check-imports.mjs'] },
    { name: 'lint', command: [bin('oxlint'), '--type-aware', '--deny-warnings'] },
  ],
];

/** A whole virtual machine: it needs what is built, and both cores for a minute. */
const GUEST = {
  name: 'our encoder in a SPICE guest under QEMU',
  command: [node, 'examples/spice/qemu/run.mjs'],
  needs: ['qemu-system-x86_64', 'busybox', 'ico', 'xclock', 'Xvfb', 'spicy', 'ffmpeg'],
};

let passed = 0;
let failed = 0;
const skipped = [];
await Promise.all(
  CHECKS.map(async (checks) => {
    for (const check of checks) await run(check);
  }),
);

const missing = GUEST.needs.filter((program) => !isOnPath(program));
if (missing.length === 0 && !hasKernel()) missing.push("Debian's kernel, as told above");
if (missing.length === 0) await run(GUEST);
else skipped.push(`${GUEST.name} [missing: ${missing.join(', ')}]`);

/** It is loaded, the first time. */
function hasKernel() {
  const folder = mkdtempSync(join(tmpdir(), 'encodelab-guest-'));
  const { status } = spawnSync(node, ['scripts/build-guest.mjs', folder], { cwd: root, stdio: 'inherit' });
  rmSync(folder, { recursive: true, force: true });
  return status === 0;
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** Runs one check, and says in one piece what it had to say. */
async function run({ name, command, isSilent = false }) {
  const began = performance.now();
  const child = spawn(command[0], command.slice(1), { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      text += `${error.message}\n`;
      resolve(null);
    });
    child.once('close', resolve);
  });
  process.stdout.write(text);
  const isGood = status === 0 && !(isSilent && text !== '');
  console.log(`${isGood ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  if (isGood) passed++;
  else failed++;
}

// What Node kept of modules that are no more is of no use (vitest.config.ts says what it is for).
rmSync(join(root, 'build', 'compile-cache'), { recursive: true, force: true });
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
