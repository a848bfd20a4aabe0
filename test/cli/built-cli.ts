// The command line as one file, made of the sources: at each start, Node reads it in a third of the time that the 1500 modules take.

import { existsSync, mkdirSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';
import type { Rollup } from 'vite';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILT = join(ROOT, 'build/test-cli/main.mjs');
/** They find their binaries beside themselves. */
const NATIVE = ['@duckdb/node-bindings', 'node-av', 'msgpackr-extract'];
const CONDITIONS = ['encodelab-source', 'module', 'node', 'default'];

/** The file that tests start. It is made again where a source is newer. */
export const BUILT_CLI = await takeBuilt();

async function takeBuilt(): Promise<string> {
  const changedAt = newestSource();
  if (!existsSync(BUILT) || statSync(BUILT).mtimeMs < changedAt) await build(changedAt);
  return BUILT;
}

function newestSource(): number {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const files = [fileURLToPath(import.meta.url), join(ROOT, 'package-lock.json')];
  files.push(...sources.map((file) => join(ROOT, 'src', file)));
  return files.reduce((newest, file) => Math.max(newest, statSync(file).mtimeMs), 0);
}

async function build(changedAt: number): Promise<void> {
  // It takes its time, and is seldom needed.
  const vite = await import('vite');
  const built = await vite.build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    ssr: { noExternal: true, external: NATIVE, resolve: { conditions: CONDITIONS } },
    plugins: [{ name: 'own-place', enforce: 'pre', transform: keepPlace }],
    build: {
      ssr: join(ROOT, 'src/cli/main.ts'),
      write: false,
      target: 'node24',
      minify: false,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [main] = (built as Rollup.RollupOutput).output;
  // Two threads may be at it at once, and commands may read it.
  const begun = `${BUILT}.${process.pid}-${threadId}`;
  mkdirSync(dirname(BUILT), { recursive: true });
  writeFileSync(begun, main.code);
  // No newer than what it was made of: a source may have been changed since.
  utimesSync(begun, changedAt / 1000 + 0.001, changedAt / 1000 + 0.001);
  renameSync(begun, BUILT);
}

/** A module knows its place: what it starts or reads beside itself are the sources. */
function keepPlace(code: string, id: string): string | undefined {
  if (!code.includes('import.meta.url')) return undefined;
  return code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
}
