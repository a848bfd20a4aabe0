// Searches texts with regular expressions of the user's, within a time limit that holds for any pattern.

import { Worker } from 'node:worker_threads';

/** All patterns of one run together; a sound one takes milliseconds for the text that it may see. */
const SEARCH_TIMEOUT_MS = 3_000;
const MEMORY = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 };

export interface PatternTask {
  readonly pattern: string;
  readonly text: string;
}

/** What the first group of the last match holds; null where nothing matches; `timeout` where it took too long. */
export type PatternResult = { readonly found: string | null } | { readonly failed: string };

/** Searches each text with its pattern. Never rejects for what a pattern does. */
export async function searchPatterns(tasks: readonly PatternTask[]): Promise<PatternResult[]> {
  if (tasks.length === 0) return [];
  const found = new Map<number, string | null>();
  const name = import.meta.url.endsWith('.ts') ? './pattern-worker.ts' : './pattern-worker.js';
  const worker = new Worker(new URL(name, import.meta.url), { workerData: tasks, resourceLimits: MEMORY });
  const failure = await new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => {
      resolve(`it takes longer than ${SEARCH_TIMEOUT_MS / 1000} s to search`);
      void worker.terminate();
    }, SEARCH_TIMEOUT_MS);
    const end = (why: string | null) => {
      clearTimeout(timer);
      resolve(why);
    };
    worker.on('message', (one: { index: number; found: string | null }) => found.set(one.index, one.found));
    worker.once('error', (error) => end(`searching fails: ${error.message}`));
    worker.once('exit', () => end(null));
  });
  // Only the pattern that stood in the way is to blame: those behind it are searched anew.
  const results: PatternResult[] = [];
  for (let i = 0; i < tasks.length && found.has(i); i++) results.push({ found: found.get(i)! });
  if (results.length === tasks.length) return results;
  results.push({ failed: failure ?? 'searching ended early' });
  return [...results, ...(await searchPatterns(tasks.slice(results.length)))];
}
