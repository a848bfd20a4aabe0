// `npm test`: every check and every test, and one plain line at the end that counts them.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
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

/** With more files that failed it was no race. */
const MOST_AGAIN = 5;

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
const first = runTests([]);
const again = first.files.filter(({ status }) => status === 'failed').map(({ name }) => name);
// A test of real processes may lose a race on a busy machine. What fails again, alone, fails; what does not is told.
const second = again.length <= MOST_AGAIN && again.length > 0 ? runTests(['--maxWorkers=1', ...again]) : null;
for (const file of first.files) {
  const good = second?.files.find(({ name, status }) => name === file.name && status === 'passed');
  for (const test of (good ?? file).assertionResults) {
    if (test.status === 'passed') passed++;
    else if (test.status === 'failed') failed++;
    else skipped.push(test.fullName);
  }
  const bad = file.assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  if (file.status === 'failed' && bad.length === 0) bad.push(relative(root, file.name));
  if (good === undefined) failed += file.assertionResults.some(({ status }) => status === 'failed') ? 0 : bad.length;
  else for (const name of bad) console.log(`passed at the second try only: ${name}`);
}
// An error outside of all tests has no file.
if ((second ?? first).status !== 0 && failed === 0) failed++;

/** Of these files, or of all. */
function runTests(files) {
  rmSync(report, { force: true });
  const { status } = spawnSync(
    bin('vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...files],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return { status, files: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : [] };
}

for (const name of skipped) console.log(`skipped: ${name}`);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
