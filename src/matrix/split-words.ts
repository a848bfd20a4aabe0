// A command line as words: quotes are honoured, and nothing is expanded, since no shell is involved.

/**
 * Splits a command line at blanks. Single quotes keep everything as it is; double quotes know \" and \\; outside of
 * quotes a backslash keeps the next character.
 * @returns null where a quote is not closed
 */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    const next = line[i + 1];
    if (quote !== null && character === quote) quote = null;
    else if (quote === "'") word += character;
    else if (character === '\\' && next !== undefined && (quote === null || next === '"' || next === '\\')) {
      word = (word ?? '') + next;
      i++;
    } else if (quote === '"') word += character;
    else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}

/** Splits a line at each `;` that no quote holds: several commands in one line, as the first talk wrote them. */
export function splitCommands(line: string): string[] {
  const parts: string[] = [''];
  let quote: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (character === '\\' && quote !== "'" && i + 1 < line.length) {
      parts[parts.length - 1] += character + line[++i]!;
      continue;
    }
    if (quote === null && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = null;
    if (character === ';' && quote === null) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
