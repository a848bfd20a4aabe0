// The one place where errors are printed: a person's mistake without a stack, anything else as the bug it is.

import { styleText } from 'node:util';
import { formatProblem, UserError } from '#core/user-error';
import { plainText } from './plain-text.ts';

export function printError(error: unknown): void {
  const mark = styleText('red', 'error', { stream: process.stderr });
  if (error instanceof UserError) {
    for (const problem of error.problems) console.error(`${mark}: ${plainText(formatProblem(problem))}`);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`${mark}: this is a bug in encodelab, please report it\n${text}`);
}
