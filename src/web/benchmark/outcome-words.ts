// How runs ended, in words: what ran out of time or was killed did not fail by itself.

import type { Outcome } from '#core/run';

const WORDS: Readonly<Record<Outcome, string>> = { ok: 'ok', failed: 'failed', timeout: 'timed out', killed: 'killed' };

export function outcomeWord(outcome: Outcome | null): string {
  return outcome === null ? 'running' : WORDS[outcome];
}

/** `2 failed, 1 timed out`; empty where none ended badly. */
export function badWords(bad: ReadonlyMap<Outcome, number>): string {
  return Array.from(bad, ([outcome, count]) => `${count} ${WORDS[outcome]}`).join(', ');
}
