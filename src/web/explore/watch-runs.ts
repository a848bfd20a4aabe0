// New runs come in while a bench runs: what is shown is read again, not more often than its size allows.

import type { LiveMessage } from '#server/wire';
import { watchLive } from '../shell/live.ts';
import type { Resource } from '../shell/resource.ts';

/** Between two readings at the least. */
const EVERY_MS = 2_000;
/** Reading takes at most this share of the time: a large lab is read less often. */
const MOST_BUSY = 0.1;

/**
 * @param benchmarks of one the server tells each result; of several, or all, that something has moved
 * @param isKnown whether a run is shown already, by its id
 * @returns stops it
 */
export function watchRuns(
  benchmarks: readonly string[],
  runs: Resource<unknown>,
  isKnown: (id: string) => boolean,
): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waitMs = EVERY_MS;
  let isStopped = false;
  const readSoon = () => {
    if (timer !== null || isStopped) return;
    timer = setTimeout(() => {
      const start = performance.now();
      void runs.reload().then(() => {
        waitMs = Math.max(EVERY_MS, (performance.now() - start) / MOST_BUSY);
        timer = null;
      });
    }, waitMs);
  };
  const [only] = benchmarks;
  const judge = (message: LiveMessage) => {
    if (message.type === 'stale') readSoon();
    // The server begins with the latest that it has, and tells of runs that have not ended yet.
    else if (message.type === 'results') {
      const { id, outcome } = message.results;
      if (id.some((one, position) => outcome[position] !== null && !isKnown(one))) readSoon();
    } else if (message.type === 'progress' && benchmarks.length !== 1 && message.progress.length > 0) readSoon();
  };
  const stop = watchLive(
    benchmarks.length === 1 ? { benchmark: only! } : { list: true },
    // While nothing is here yet everything would be news, and what was asked for would be asked for again.
    (message) => void runs.first.then(() => judge(message)),
    readSoon,
  );
  return () => {
    isStopped = true;
    if (timer !== null) clearTimeout(timer);
    stop();
  };
}
