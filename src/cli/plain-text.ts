// Text that came from elsewhere (a file's name, a program's output) as it may be shown: it must not move the cursor.

import { stripVTControlCharacters } from 'node:util';

/** Without escape sequences, control characters and those that turn the direction of writing; line ends and tabs stay. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '\uFFFD');
}

/** The same in one line, for a name that stands in tables. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, ' ').trim();
}
