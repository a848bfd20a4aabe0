// A WebVTT file from cues: in order, within the video, each with an end.

import type { Cue } from './cue.ts';

/** How long a cue without an end is shown at most, until the next one begins. */
const OPEN_CUE_MS = 5_000;

/**
 * Sorts the cues, gives an end to those without, cuts them to the video, and leaves out what has no text or no time.
 * @param read their ends may be NaN: not known
 * @param durationMs of the video
 */
export function cuesInVideo(read: readonly Cue[], durationMs: number): Cue[] {
  const sorted = read
    .filter(({ text, startMs }) => text !== '' && Number.isFinite(startMs))
    .toSorted((a, b) => a.startMs - b.startMs);
  const cues: Cue[] = [];
  let next = Infinity;
  // From the last to the first, so that the time of the next one is known.
  for (let i = sorted.length - 1; i >= 0; i--) {
    const cue = sorted[i]!;
    const following = sorted[i + 1];
    if (following !== undefined && following.startMs > cue.startMs) next = following.startMs;
    const end = Number.isNaN(cue.endMs) ? Math.min(next, cue.startMs + OPEN_CUE_MS) : cue.endMs;
    const startMs = Math.max(0, Math.round(cue.startMs));
    const endMs = Math.min(Math.round(durationMs), Math.round(end));
    if (endMs > startMs) cues.push({ ...cue, startMs, endMs });
  }
  return cues.toReversed();
}

/** @see https://www.w3.org/TR/webvtt1/ */
export function webvttFile(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ startMs, endMs, text, settings }) =>
      `${webvttTime(startMs)} --> ${webvttTime(endMs)}${settings === '' ? '' : ` ${settings}`}\n${text}\n`,
  );
  return ['WEBVTT\n', ...blocks].join('\n');
}

/** `00:01:02.345`; hours take as many digits as they need. */
export function webvttTime(ms: number): string {
  const part = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0');
  return `${part(ms / 3_600_000, 2)}:${part((ms / 60_000) % 60, 2)}:${part((ms / 1000) % 60, 2)}.${part(ms % 1000, 3)}`;
}
