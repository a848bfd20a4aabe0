// Programs that a trial starts and ends together, and how it waits for them and tells of them. What it needs on disk is in a
// scratch folder that goes with it.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const STEP_MS = 60_000;
/** Programs that are told to end have this long for it. */
const END_MS = 5_000;

export const home = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const encodelab = join(home, 'bin', 'encodelab');
export const scratch = mkdtempSync(join(tmpdir(), 'encodelab-qemu-'));

const began = performance.now();
/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
/** Those whose end is wanted. */
const ending = new WeakSet();

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});

/** What stands behind the trial's name. @param usage is printed where that begins as an option does */
export function wordsOf(usage) {
  const words = process.argv.slice(2);
  if (words.every((word) => !word.startsWith('-'))) return words;
  console.error(`usage: ${usage}`);
  process.exit(2);
}

/** Runs a trial to its end and exits. @param logs files whose ends are shown where it fails */
export async function trial(main, logs) {
  await main().catch((error) => {
    console.error(`failed: ${error.message}`);
    for (const log of logs) if (existsSync(log)) console.error(readFileSync(log, 'utf8').slice(-2000));
    process.exit(1);
  });
  process.exit(0);
}

/** Starts a program that lives as long as the trial: where it ends by itself the trial has failed. */
export function start(command, args, name, { stdout = 'ignore', env = process.env } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', stdout, 'pipe'], env });
  children.add(child);
  let said = '';
  child.stderr.on('data', (text) => (said = `${said}${text}`.slice(-2000)));
  const gone = (why) => {
    children.delete(child);
    if (ending.has(child)) return;
    console.error(`failed: ${name} ended (${why})\n${said}`);
    process.exit(1);
  };
  child.on('error', (error) => gone(error.message));
  child.on('exit', (code, signal) => gone(signal ?? `exit status ${code}`));
  return child;
}

/** Runs a program to its end, its output shown. @returns its exit status */
export function run(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      children.delete(child);
      resolve(code ?? signal);
    });
  });
}

/** Ends a program in good order. */
export async function end(child) {
  ending.add(child);
  child.kill('SIGTERM');
  await until('the end of a program', () => !children.has(child), END_MS);
}

export async function until(what, holds, limitMs = STEP_MS) {
  const latest = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > latest) throw new Error(`it did not come about in ${limitMs / 1000} s: ${what}`);
    await sleep(100);
  }
}

export function check(what, holds) {
  if (!holds) throw new Error(what);
  tell(what);
}

export function tell(what) {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}`);
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
