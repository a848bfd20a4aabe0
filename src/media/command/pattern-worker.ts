// Searches texts with patterns of the user's in a thread of its own: a pattern can take for ever, and is then stopped with the thread.

import { parentPort, workerData } from 'node:worker_threads';
import type { PatternTask } from './search-patterns.ts';

/** Between matches of a pattern that matches a million times. */
for (const [index, { pattern, text }] of (workerData as readonly PatternTask[]).entries()) {
  const search = new RegExp(pattern, 'gm');
  let last: string | null = null;
  for (const match of text.matchAll(search)) last = match[1] ?? last;
  parentPort?.postMessage({ index, found: last });
}
