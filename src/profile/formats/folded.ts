// Folded stacks: a line a stack, its functions from the outermost on with `;` between them, and a count
// (Brendan Gregg, FlameGraph: stackcollapse-*.pl). They have no times.

import type { FunctionKind, Profile } from '#core/profile';
import { UserError } from '#core/user-error';
import { ProfileBuilder } from '../profile-builder.ts';
import { finishGiven, quoted } from './given-profile.ts';
import { eachLine, ownText } from './text-lines.ts';

const LINE = /^(.*\S)\s+(\d{1,15}(?:\.\d{1,15})?)$/;
/** A line that means to be one, whatever its count is. */
const ALIKE = /^(.*\S)\s+[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i;
/** So many lines of the beginning are looked at. */
const LOOKED_AT = 20;
/** Nearly no stack is as long as that. */
const LONG_CHARS = 64 * 1024;
const LIBRARY = '[folded]';

/** Whether text that begins so holds folded stacks; its last line may be cut off. */
export function isFolded(beginning: string): boolean {
  const lines = beginning.split('\n', LOOKED_AT + 1).filter((line) => !isPassedOver(line));
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
  // JSON in one line, cut off behind a number by chance.
  if (lines.length === 1 && beginning.length >= LONG_CHARS && /^\s*[[{]/.test(beginning)) return false;
  const stacks = whole.filter((line) => ALIKE.test(line.trimEnd())).length;
  // Damaged lines are told with their place; a text that is something else has hardly any with a number at its end.
  return stacks > 0 && stacks * 2 >= whole.length;
}

/**
 * Functions are known by their names alone; `_[k]`, `_[j]` behind them, the FlameGraph scripts' marks, tell kernel and JIT.
 * @throws UserError where a line has no count
 */
export async function readFolded(chunks: AsyncIterable<string>, file: string): Promise<Profile> {
  const builder = new ProfileBuilder();
  const functions = new Map<string, number>();
  const functionOf = (name: string) => {
    const known = functions.get(name);
    if (known !== undefined) return known;
    const own = ownText(name);
    const made = builder.function(own, LIBRARY, kindOf(own), 'given');
    functions.set(own, made);
    return made;
  };
  const thread = builder.addThread(-1, -1, '', '');
  let isCutOff = false;
  await eachLine(chunks, file, (line, number, isEnded) => {
    if (isPassedOver(line)) return;
    const match = LINE.exec(line.trimEnd());
    if (match === null) {
      if (isEnded) throw noStack(line, number, file);
      isCutOff = true;
      return;
    }
    const count = Number(match[2]);
    if (count === 0) return;
    let node = -1;
    for (const name of match[1]!.split(';')) node = builder.stacks.add(node, functionOf(name));
    builder.addSample(0, -1, thread, node, 0, count);
  });
  const absent = isCutOff ? ['the end: the file stops in the middle of a line'] : [];
  return finishGiven(builder, { tool: 'folded stacks', file, clock: 'none', weightUnit: 'samples', absent });
}

function noStack(line: string, number: number, file: string): UserError {
  const isCounted = ALIKE.test(line.trimEnd());
  return new UserError({
    what: `${isCounted ? 'the count of a stack is none from 0 to 999,999,999,999,999' : 'no stack with a count behind it'}: ${quoted(line)}`,
    where: `${file}:${number}`,
    todo: 'Each line is `function;function;function COUNT`, as stackcollapse-perf.pl writes it.',
  });
}

function isPassedOver(line: string): boolean {
  return line.trim() === '' || line.startsWith('#');
}

function kindOf(name: string): FunctionKind {
  if (name.endsWith('_[k]')) return 'kernel';
  return name.endsWith('_[j]') ? 'jit' : 'unknown';
}
