// What is wrong with a request's body, in words for whoever wrote it: checks of a schema speak of schemas.

import type { z } from 'zod';
import type { Problem } from '#core/user-error';

/** How much of a wrong value is repeated. */
const SHOWN_CHARACTERS = 80;
const MAX_PROBLEMS = 20;
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object with names and values',
  array: 'a list',
  null: 'null',
};

/** Words for a check that brings none of its own. */
export function wordsOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `takes ${kind(issue.expected)}, not ${shown(issue.input)}`;
    case 'too_big':
      return `takes ${Number(issue.maximum)}${counted(issue.origin)} at most${given(issue)}`;
    case 'too_small': {
      const least = Number(issue.minimum);
      if (issue.origin === 'string') return 'must not be empty';
      const limit = issue.inclusive === false ? `more than ${least}` : `${least}${counted(issue.origin)} at least`;
      return `takes ${limit}${given(issue)}`;
    }
    case 'invalid_value':
      return `takes ${issue.values.map((value) => String(value)).join(', ')}, not ${shown(issue.input)}`;
    case 'unrecognized_keys':
      return `${issue.keys.map((key) => shown(key)).join(', ')} ${issue.keys.length === 1 ? 'is' : 'are'} not understood here`;
    case 'invalid_union':
      return issue.discriminator === undefined
        ? `can't be ${shown(issue.input)}`
        : `there is no such ${issue.discriminator}`;
    default:
      return `can't be ${shown(issue.input)}`;
  }
}

/** A problem for each thing that is wrong: where it stands, and what is asked for. */
export function requestProblems(error: z.core.$ZodError, todo: string): Problem[] {
  return error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({
    what: message,
    where: path.length === 0 ? 'the request' : path.map(String).join('.'),
    todo,
  }));
}

/** A value of somebody else as it may be repeated. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

function kind(expected: string): string {
  return KINDS[expected] ?? expected;
}

function counted(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' of them' : '';
}

function given({ origin, input }: { origin: string; input?: unknown }): string {
  return origin === 'number' || origin === 'int' ? `, not ${shown(input)}` : '';
}
