// JSON is parsed as a whole, up to a limit.

import { UserError } from '#core/user-error';

/** Parsed, such a file takes some times as much memory. */
export const MAX_JSON_CHARS = 256 * 1024 * 1024;

export interface WholeJson {
  readonly value: unknown;
  /** True where the file was cut off: what is there was closed behind its last whole element. */
  readonly cut: boolean;
}

/** @throws UserError where it is too large, or no JSON */
export async function parseWholeJson(chunks: AsyncIterable<string>, file: string): Promise<WholeJson> {
  const parts: string[] = [];
  let chars = 0;
  for await (const chunk of chunks) {
    chars += chunk.length;
    if (chars > MAX_JSON_CHARS)
      throw new UserError({
        what: `the JSON has more than ${MAX_JSON_CHARS / 1024 / 1024} MiB; no more is read`,
        where: file,
        todo: 'Record a shorter time, or export it as folded stacks or perf script, which are read at any size.',
      });
    parts.push(chunk);
  }
  const text = parts.join('');
  try {
    return { value: JSON.parse(text) as unknown, cut: false };
  } catch (cause) {
    const closed = closeCutOff(text);
    if (closed !== null) {
      try {
        return { value: JSON.parse(closed) as unknown, cut: true };
      } catch {
        // It is not just cut off: the first error tells where.
      }
    }
    throw new UserError(
      {
        what: `this is no JSON: ${(cause as Error).message}`,
        where: file,
        todo: 'The file may be cut off or damaged: export it again.',
      },
      { cause },
    );
  }
}

/** Deeper brackets than these hold no list of events. */
const MAX_LIST_DEPTH = 2;

/**
 * JSON that was cut off, closed behind the last whole object of its outermost list; null where there is none. The trace event format
 * allows a list without its end: what writes it may die.
 */
function closeCutOff(text: string): string | null {
  const open: string[] = [];
  let end = -1;
  let closing = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (char === '{' || char === '[') open.push(char === '{' ? '}' : ']');
    else if (char === '}' || char === ']') {
      if (open.pop() !== char) return null;
      if (open.length === 0) return null;
      if (open.length <= MAX_LIST_DEPTH && open.at(-1) === ']') {
        end = i + 1;
        closing = open.toReversed().join('');
      }
    }
  }
  return end < 0 ? null : text.slice(0, end) + closing;
}
