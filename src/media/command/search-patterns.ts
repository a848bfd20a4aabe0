// Searches texts with regular expressions of the user's, within a time limit that holds for any pattern.

import { Worker } from 'node:worker_threads';

/** One pattern; a sound one takes milliseconds for the text that it may see. */
const PATTERN_TIMEOUT_MS = 1_000;
/** All patterns of one run together. */
const SEARCH_TIMEOUT_MS = 5_000;
const NO_TIME = `no time was left to search: all patterns together have ${SEARCH_TIMEOUT_MS / 1000} s`;
const MEMORY = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 };

export interface PatternTask {
  readonly pattern: string;
  readonly text: string;
}

/** What the first group of the last match holds; null where nothing matches; `timeout` where it took too long. */
export type PatternResult = { readonly found: string | null } | { readonly failed: string };

/** Searches each text with its pattern. Never rejects for what a pattern does. */
export function searchPatterns(tasks: readonly PatternTask[]): Promise<PatternResult[]> {
  return searchUntil(tasks, performance.now() + SEARCH_TIMEOUT_MS);
}

/** @param untilMs all of them together, on the clock of `performance` */
async function searchUntil(tasks: readonly PatternTask[], untilMs: number): Promise<PatternResult[]> {
  if (tasks.length === 0) return [];
  const leftMs = untilMs - performance.now();
  if (leftMs <= 0) return tasks.map(() => ({ failed: NO_TIME }));
  const found = new Map<number, string | null>();
  const name = import.meta.url.endsWith('.ts') ? './pattern-worker.ts' : './pattern-worker.js';
  const worker = new Worker(new URL(name, import.meta.url), { workerData: tasks, resourceLimits: MEMORY });
  const failure = await new Promise<string | null>((resolve) => {
    const giveUp = () => {
      resolve(`it takes longer than ${PATTERN_TIMEOUT_MS / 1000} s to search`);
      void worker.terminate();
    };
    const allowed = () => setTimeout(giveUp, Math.min(PATTERN_TIMEOUT_MS, untilMs - performance.now()));
    // The worker's own start is none of a pattern's.
    let timer = setTimeout(giveUp, leftMs);
    const restart = () => {
      clearTimeout(timer);
      timer = allowed();
    };
    worker.once('online', restart);
    const end = (why: string | null) => {
      clearTimeout(timer);
      resolve(why);
    };
    worker.on('message', (one: { index: number; found: string | null }) => {
      found.set(one.index, one.found);
      restart();
    });
    worker.once('error', (error) => end(`searching fails: ${error.message}`));
    worker.once('exit', () => end(null));
  });
  // Only the pattern that stood in the way is to blame: those behind it are searched anew.
  const results: PatternResult[] = [];
  for (let i = 0; i < tasks.length && found.has(i); i++) results.push({ found: found.get(i)! });
  if (results.length === tasks.length) return results;
  results.push({ failed: failure ?? 'searching ended early' });
  return [...results, ...(await searchUntil(tasks.slice(results.length), untilMs))];
}
