// How wide a text will be, where there is no page to ask: the widths of a common sans-serif (Arial's classes), a little rounded up.

/** Em, by class of letters; what is in no class is as wide as a digit. */
const CLASSES: readonly (readonly [letters: string, em: number])[] = [
  ["ijl'|.,:;!", 0.26],
  ['ftIr()[]{}/\\ -"', 0.33],
  ['sckvxyzJ', 0.5],
  ['ABEKPSVXY&', 0.68],
  ['CDHNRUw', 0.73],
  ['GOQ', 0.78],
  ['mMW%@–—→', 0.92],
];
const DIGIT_EM = 0.565;
const WIDTHS = new Map(CLASSES.flatMap(([letters, em]) => Array.from(letters).map((letter) => [letter, em] as const)));
/** Of fonts that are wider than the table: nothing is cut where a system brings its own. */
const SAFETY = 1.1;
const WIDE_FROM = 0x1100;

/** Pixels that a text takes in a size, about; ideographs count as squares. */
export function widthOfText(text: string, size: number): number {
  let em = 0;
  for (const letter of text)
    em += letter.codePointAt(0)! >= WIDE_FROM && letter > '⿿' ? 1 : (WIDTHS.get(letter) ?? DIGIT_EM);
  return em * size * SAFETY;
}

/** The text, or its beginning and an ellipsis where it is wider than there is room; the end counts too: names differ there. */
export function fitText(text: string, size: number, room: number): string {
  if (widthOfText(text, size) <= room) return text;
  const letters = Array.from(text);
  for (let kept = letters.length - 1; kept > 1; kept--) {
    const tail = Math.floor(kept / 3);
    const short = `${letters.slice(0, kept - tail).join('')}…${letters.slice(letters.length - tail).join('')}`;
    if (widthOfText(short, size) <= room) return short;
  }
  return '…';
}
