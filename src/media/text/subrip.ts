// SubRip text: HTML-like tags, and often the braces of ASS.

import { CueText, type Style } from './cue-text.ts';
import type { CueContent } from './cue.ts';
import { keypadOf, placed } from './placed.ts';

/** A tag, or an override of ASS in braces. A lone `<` (as in `a < b` or `<3`) is text. */
const TOKEN = /<(\/?)([A-Za-z][A-Za-z0-9]*)[^<>\n]*>|\{\\[^}\n]*\}/g;
const PLACE = /\\an?(\d+)/;

export function subripCue(raw: string): CueContent {
  const text = new CueText();
  let settings = '';
  let at = 0;
  for (const match of raw.matchAll(TOKEN)) {
    text.add(raw.slice(at, match.index));
    at = match.index + match[0].length;
    const tag = match[2]?.toLowerCase();
    if (tag === undefined) settings ||= placeIn(match[0]);
    else if (tag === 'br') text.add('\n');
    else if (isStyle(tag)) text.style(tag, match[1] === '');
  }
  text.add(raw.slice(at));
  return { text: text.finish(), settings };
}

/** Settings that a block of overrides asks for; empty for none. */
export function placeIn(overrides: string): string {
  const match = PLACE.exec(overrides);
  if (match === null) return '';
  const number = Number(match[1]);
  return placed(match[0].startsWith('\\an') ? number : keypadOf(number));
}

function isStyle(tag: string): tag is Style {
  return tag === 'b' || tag === 'i' || tag === 'u';
}
