// A whole number as an option's value.

import { UserError } from '#core/user-error';

/** @throws UserError where it is none from 0 on */
export function parseWhole(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new UserError({ what: `"${text}" is no whole number`, todo: 'as in 2' });
}
