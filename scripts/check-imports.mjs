// The direction of imports: a folder imports only from folders on lines below its own, never sideways, never up.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the top of the house to its ground, as in docs/architecture.md. */
const LINES = [
  ['cli', 'web'],
  ['server'],
  ['matrix', 'pipeline'],
  ['live', 'farm'],
  ['run', 'session'],
  ['lab', 'perf'],
  ['media', 'measure'],
  ['recording', 'profile', 'explore'],
  ['system', 'analysis'],
  ['core'],
];
/** Folders that also run in the browser. */
const PURE = ['core', 'analysis', 'profile', 'explore'];

const source = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');
const level = new Map(LINES.flatMap((folders, line) => folders.map((folder) => [folder, line])));
const problems = [];
let count = 0;

for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const name = relative(source, path);
  const folder = name.split('/')[0];
  count++;
  if (!level.has(folder)) problems.push(`${name}: the folder ${folder} has no line in scripts/check-imports.mjs`);
  for (const { specifier, typeOnly } of imports(readFileSync(path, 'utf8'))) {
    const target = targetFolder(specifier, path);
    if (target === null) {
      if (specifier.startsWith('node:') && PURE.includes(folder) && !name.includes('.test.')) {
        problems.push(`${name} imports ${specifier}: ${folder} is pure`);
      }
      continue;
    }
    if (specifier.startsWith('.') && target !== folder)
      problems.push(`${name} leaves its folder by ${specifier}: write #${target}/…`);
    if (target === folder) continue;
    if (!level.has(target)) problems.push(`${name} imports ${specifier}: no such folder`);
    else if (folder === 'web' && !name.includes('.test.')) {
      if (!PURE.includes(target) && !(typeOnly && target === 'server')) {
        problems.push(`${name} imports ${specifier}: web takes values from ${PURE.join(', ')} and types from server`);
      }
    } else if (level.get(target) <= level.get(folder))
      problems.push(`${name} imports ${specifier}: ${target} is not below ${folder}`);
  }
}

for (const problem of problems) console.error(problem);
console.error(`imports: ${count} files, ${problems.length} problems`);
process.exit(problems.length === 0 && count > 0 ? 0 : 1);

function* imports(text) {
  const pattern = /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'|import\('([^']+)'\)/gm;
  for (const match of text.matchAll(pattern))
    yield { typeOnly: match[1] !== undefined, specifier: match[2] ?? match[3] };
}

function targetFolder(specifier, path) {
  if (specifier.startsWith('#')) return specifier.slice(1).split('/')[0];
  if (!specifier.startsWith('.')) return null;
  const target = relative(source, join(dirname(path), specifier));
  // What several tests need lies under test/, which is not part of the house.
  if (/\.test\.tsx?$/.test(path) && target.startsWith('../test/')) return null;
  return target.split('/')[0];
}
