// A subtitle: what is shown, and when.

export interface Cue {
  /** Milliseconds from the video's first frame. */
  readonly startMs: number;
  readonly endMs: number;
  /** WebVTT cue text, escaped, lines divided by `\n`, no line empty. */
  readonly text: string;
  /** WebVTT cue settings: `line:0`; empty for none. */
  readonly settings: string;
}

/** What a packet of a subtitle stream says, before it has its place in time. */
export type CueContent = Pick<Cue, 'text' | 'settings'>;
