// What the child that reads a subtitle stream is asked, and what it answers.

import type { Cue } from './cue.ts';

export interface TextJob {
  readonly source: string;
  /** Stream of the source. */
  readonly stream: number;
  /** When the video's first frame is shown, seconds of the source's own time: cues count from there. */
  readonly startS: number;
}

export type TextMessage =
  | { readonly kind: 'alive' }
  /** The end is null where it is not known. */
  | { readonly kind: 'cues'; readonly cues: readonly (Omit<Cue, 'endMs'> & { readonly endMs: number | null })[] }
  | { readonly kind: 'end'; readonly packets: number; readonly cpuS: number }
  | { readonly kind: 'failed'; readonly what: string; readonly blame: 'source' | 'system' };
