// A search without a finding: nothing stands out, or there was nothing to look at.

/** How the note begins that says why nothing could be looked at. */
export const NO_RUN_COUNTS = 'no run counts';

/** Whether the search was one, and found nothing. */
export function nothingStandsOut(found: {
  readonly findings: readonly unknown[];
  readonly notes: readonly string[];
}): boolean {
  return found.findings.length === 0 && !found.notes.some((note) => note.startsWith(NO_RUN_COUNTS));
}
