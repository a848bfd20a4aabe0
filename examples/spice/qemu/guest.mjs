// `encodelab spice guest` or `encodelab agent` alone, without the other commands: an emulated processor takes minutes to load them all.

import { Command } from 'commander';

const program = new Command('encodelab');
const setExitCode = (code) => (process.exitCode = code);
if (process.argv[2] === 'agent') {
  const { addAgentCommand } = await import('../../../dist/cli/agent.js');
  addAgentCommand(program, setExitCode);
} else {
  const { addSpiceGuestCommand } = await import('../../../dist/cli/spice-guest.js');
  addSpiceGuestCommand(program, setExitCode);
}
await program.parseAsync(process.argv);
