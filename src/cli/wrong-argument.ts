// An argument that a person got wrong: the command line is wrong then, and no run has failed.

import { type Command, InvalidArgumentError } from 'commander';
import { UserError } from '#core/user-error';

/**
 * What reads an argument, for commander.
 * @throws InvalidArgumentError in the place of a UserError, in its words
 */
export function asArgument<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new InvalidArgumentError(
      error.problems.map(({ what, todo }) => (todo === undefined ? what : `${what}. ${todo}`)).join('\n'),
    );
  }
}

/** What reads options that belong together: where one is wrong, the command ends as with any wrong option. */
export function readOptions<T>(command: Command, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return command.error(`error: ${error.message}`);
  }
}
