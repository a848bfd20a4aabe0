// The command `encodelab`: parses the arguments, runs one command, prints one error, exits once.

import { CommanderError } from 'commander';
import { EXIT } from './exit-code.ts';
import { printError } from './print-error.ts';
import { createProgram } from './program.ts';

// A reader that has enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  const outcome: { code: number } = { code: EXIT.ok };
  try {
    await createProgram((code) => (outcome.code = code)).parseAsync(argv);
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    printError(error);
    return EXIT.failed;
  }
}
