// Where a cue stands in the picture, by the numbers of a keypad that ASS uses and many SubRip files borrow.

/** WebVTT settings for `{\an1}` to `{\an9}`: 2 is at the bottom in the middle, as by default. */
export function placed(keypad: number): string {
  if (!Number.isInteger(keypad) || keypad < 1 || keypad > 9) return '';
  const line = keypad > 6 ? 'line:0' : keypad > 3 ? 'line:50%' : '';
  const align = keypad % 3 === 1 ? 'align:start' : keypad % 3 === 0 ? 'align:end' : '';
  return [line, align].filter((setting) => setting !== '').join(' ');
}

/** The old numbering of `{\a1}` to `{\a11}`: 1 to 3 at the bottom, 5 to 7 at the top, 9 to 11 in the middle. */
export function keypadOf(old: number): number {
  const column = old & 3;
  return column === 0 ? 0 : column + (old & 4 ? 6 : old & 8 ? 3 : 0);
}
