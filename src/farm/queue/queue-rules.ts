// How often an item is tried, and how long it waits in between.

export interface QueueRules {
  /** Failures of its own after which an item is set aside. */
  readonly maxFailures: number;
  /** Workers that died (or lost their lease) over an item before it is set aside. */
  readonly maxDeaths: number;
  /** Wait after the first failure, ms; doubled with each further one, up to the longest. */
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
}

/**
 * Deaths are nobody's fault mostly (a machine taken away, a deployment), so their limit is high; it is there for the item
 * that brings down every worker that takes it.
 */
export const DEFAULT_RULES: QueueRules = {
  maxFailures: 4,
  maxDeaths: 12,
  retryBaseMs: 5_000,
  retryCapMs: 300_000,
};

/** The longest lease that may be asked for, ms. It bounds what a clock that jumps back can delay. */
export const MAX_LEASE_MS = 600_000;
/** Leases that ran out, and retries that came due, which one call takes back at most. */
export const MAX_TAKEN_BACK = 1_000;
/** Items in one answer where the caller sets no limit. */
export const DEFAULT_ITEM_LIMIT = 1_000;
export const DEFAULT_TITLE_LIMIT = 1_000;
/** The newest tries in one answer where the caller sets no limit. */
export const DEFAULT_ATTEMPT_LIMIT = 10_000;
export const MAX_PREFIX_MATCHES = 10;

/** Kept of the beginning and of the end of the text of a failure, characters. */
const ERROR_HEAD = 2_000;
const ERROR_TAIL = 14_000;

/** Milliseconds to wait after the n-th failure of an item, counted from 1. */
export function retryWaitMs(failures: number, rules: QueueRules): number {
  return Math.min(rules.retryCapMs, rules.retryBaseMs * 2 ** (failures - 1));
}

/** What is kept of a failure's text: how it begins, and the end of the log. */
export function boundedError(text: string): string {
  if (text.length <= ERROR_HEAD + ERROR_TAIL) return text;
  const left = text.length - ERROR_HEAD - ERROR_TAIL;
  return `${text.slice(0, ERROR_HEAD)}\n[${left} characters left out]\n${text.slice(-ERROR_TAIL)}`;
}
