// A line of Advanced SubStation Alpha, as Matroska keeps it: `ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text`.

import { CueText } from './cue-text.ts';
import type { CueContent } from './cue.ts';
import { placeIn } from './subrip.ts';

const FIELDS_BEFORE_TEXT = 8;
const OVERRIDES = /\{([^}]*)\}/g;
/** Overrides that WebVTT knows; `\b700` is a weight. Longer names that begin alike (`\bord`, `\iclip`) are none of them. */
const STYLE = /\\([biu])(\d*)(?![a-z])|\\r/g;
/** A drawing's commands are no text: everything behind `\p1` up to `\p0`. */
const DRAWING = /\\p(\d+)/;

export function assCue(raw: string): CueContent {
  let start = 0;
  for (let field = 0; field < FIELDS_BEFORE_TEXT; field++) start = raw.indexOf(',', start) + 1;
  return assText(raw.slice(start));
}

/** The last field of a line alone. */
export function assText(raw: string): CueContent {
  const text = new CueText();
  let settings = '';
  let drawing = false;
  let at = 0;
  const add = (piece: string) => {
    if (!drawing) text.add(piece.replaceAll(/\\[Nn]/g, '\n').replaceAll('\\h', '\u00a0'));
  };
  for (const match of raw.matchAll(OVERRIDES)) {
    add(raw.slice(at, match.index));
    at = match.index + match[0].length;
    const overrides = match[1]!;
    settings ||= placeIn(overrides);
    drawing = Number(DRAWING.exec(overrides)?.[1] ?? (drawing ? 1 : 0)) > 0;
    for (const [whole, style, value] of overrides.matchAll(STYLE)) {
      if (whole === '\\r') text.reset();
      else text.style(style as 'b' | 'i' | 'u', Number(value || 0) > 0);
    }
  }
  add(raw.slice(at));
  return { text: text.finish(), settings };
}
