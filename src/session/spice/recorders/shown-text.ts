// What a process said as it may be shown: it must not move a cursor, turn the direction of writing, or begin a line.

const MAX_SHOWN = 100;

/** Each run of control characters, line ends and bytes that are no text is one `�`. */
export function shownText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\p{Cs}\uFFFD]+/gu, '\uFFFD');
}

/** Its beginning, for a sentence about what is wrong with it. */
export function shortText(text: string): string {
  const shown = shownText(text);
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
}
