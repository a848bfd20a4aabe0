// A program that waits before it begins: so that it can be put under probes while it has used nothing yet.

/**
 * The command that starts a program as soon as a line comes on its standard input: the same process becomes the program,
 * with nothing to read. The text of the shell is fixed, and the program and its arguments reach it as a list.
 * @returns the command and its arguments, for `startChild` with `openInput`
 */
export function waitingCommand(command: string, args: readonly string[]): [string, string[]] {
  return ['/bin/sh', ['-c', 'read -r _ && exec "$@" </dev/null', 'sh', command, ...args]];
}
