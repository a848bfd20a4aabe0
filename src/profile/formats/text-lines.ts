// Text that comes in chunks, line by line: a file of any size is never one string.

import { UserError } from '#core/user-error';

/** A longer line is no line of a profile: this bounds what is kept of a file without line ends. */
const MAX_LINE_CHARS = 4 * 1024 * 1024;

/**
 * @param use gets each line without its end, its number from 1 on, and whether it had an end; what it keeps of a line it copies with `ownText`
 * @throws UserError where a line has more than 4 million characters
 */
export async function eachLine(
  chunks: AsyncIterable<string>,
  file: string,
  use: (line: string, number: number, isEnded: boolean) => void,
): Promise<void> {
  let rest = '';
  let number = 0;
  const tell = (line: string, isEnded: boolean) =>
    use(line.endsWith('\r') ? line.slice(0, -1) : line, ++number, isEnded);
  for await (const chunk of chunks) {
    const text = rest === '' ? chunk : rest + chunk;
    let begin = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
      tell(text.slice(begin, end), true);
      begin = end + 1;
    }
    rest = text.slice(begin);
    if (rest.length > MAX_LINE_CHARS)
      throw new UserError({
        what: `the line has more than ${MAX_LINE_CHARS} characters: this is no profile as text`,
        where: `${file}:${number + 1}`,
        todo: 'Look at the file: it may be of another kind, or damaged.',
      });
  }
  if (rest !== '') tell(rest, false);
}

/** The same text in memory of its own: a part of a chunk would keep all of the chunk alive. */
export function ownText(part: string): string {
  return part.split('').join('');
}
