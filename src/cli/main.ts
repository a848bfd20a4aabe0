// The command `encodelab`: parses the arguments, runs one command, prints one error, exits once.

import { CommanderError } from 'commander';
import { EXIT } from './exit-code.ts';
import { printError } from './print-error.ts';
import { createProgram } from './program.ts';

const output = watchOutput();

process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  const outcome: { code: number } = { code: EXIT.ok };
  try {
    await createProgram((code) => (outcome.code = code)).parseAsync(argv);
    return output.failed ? EXIT.failed : outcome.code;
  } catch (error) {
    // The reader went away, and with it whoever could use the rest; or it was told already.
    if (output.closed) return outcome.code;
    if (output.failed) return EXIT.failed;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    printError(error);
    return EXIT.failed;
  }
}

/**
 * A reader of our output that has enough (`| head`) is no error, and yet a bench must not go on for nobody: it drains as
 * after Ctrl-C. An output that can't be written is an error, told once.
 */
function watchOutput(): { readonly closed: boolean; readonly failed: boolean } {
  const state = { closed: false, failed: false };
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (state.closed || state.failed) return;
    if (error.code === 'EPIPE') state.closed = true;
    else {
      state.failed = true;
      console.error(`error: the output can't be written: ${error.message}`);
    }
    if (process.listenerCount('SIGINT') > 0) process.emit('SIGINT');
  });
  return state;
}
