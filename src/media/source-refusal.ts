// Why a child that was to read a source could not: in words for people.

import type { Problem } from '#core/user-error';
import { notAVideo } from './source-faults.ts';
import { lavfiGraph } from './source-path.ts';
import { MAX_CHILD_RSS_BYTES, type WatchedResult } from './watched-child.ts';

/** Bounds that the child ran under. */
export interface ReadingLimits {
  readonly timeoutMs: number;
  readonly stallMs: number;
  readonly maxRssBytes?: number | undefined;
}

/** Why no stream of it could be opened. */
export function refusal(path: string, what: string, result: WatchedResult): Problem {
  const log = result.child.stderr;
  if (log.includes('moov atom not found'))
    return { what: 'it is truncated: its index (the moov box) is missing', todo: 'Copy or download it again.' };
  if (lavfiGraph(path) !== null)
    return { what: `the graph is not understood: ${lastLine(log) || what}`, todo: 'Try it with ffmpeg -f lavfi -i.' };
  if (what.startsWith('ENOENT')) return { what: 'the file is gone', todo: 'Check the path.' };
  return notAVideo();
}

/** Why the child told nothing. */
export function childProblem(result: WatchedResult, limits: ReadingLimits): Problem {
  switch (result.stopped) {
    case 'memory':
      return {
        what: `reading it takes more than ${Math.round((limits.maxRssBytes ?? MAX_CHILD_RSS_BYTES) / 1e6)} MB of memory: its header is damaged or hostile`,
      };
    case 'stalled':
      return { what: `reading it hangs: nothing came for ${limits.stallMs / 1000} s` };
    case 'timeout':
      return {
        what: `reading it takes longer than ${limits.timeoutMs / 1000} s`,
        todo: 'Allow more time, or cut the file.',
      };
    default:
      return {
        what: `FFmpeg broke down on it (${result.child.signal ?? result.child.cause?.message ?? `exit status ${result.child.code}`}): ${lastLine(result.child.stderr)}`,
      };
  }
}

function lastLine(log: string): string {
  return (log.trim().split('\n').at(-1) ?? '').replace(/^\[[^\]]*\]\s*/, '');
}
