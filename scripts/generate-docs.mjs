// Writes docs/cli.md from the commands themselves; with --check only tells whether it is true. Needs dist/.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { createProgram } = await import(join(root, 'dist', 'cli', 'program.js'));

const file = join(root, 'docs', 'cli.md');
const text = document(createProgram(() => undefined));
if (process.argv.includes('--check')) {
  const current = readFileSync(file, 'utf8');
  if (current !== text) {
    console.error('docs/cli.md does not tell what the commands are: node scripts/generate-docs.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(file, text);
}

function document(program) {
  const parts = ['# The commands', '', 'Made by `scripts/generate-docs.mjs` from the program itself: do not edit.', ''];
  for (const command of walk(program)) {
    command.configureHelp({ helpWidth: 100 });
    command.configureOutput({ getOutHasColors: () => false });
    let help = '';
    command.configureOutput({ writeOut: (chunk) => (help += chunk) });
    command.outputHelp();
    parts.push(`## ${name(command)}`, '', '```text', help.trimEnd(), '```', '');
  }
  return parts.join('\n');
}

function* walk(command) {
  yield command;
  for (const inner of command.commands) yield* walk(inner);
}

function name(command) {
  return command.parent === null ? command.name() : `${name(command.parent)} ${command.name()}`;
}
