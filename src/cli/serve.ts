// encodelab serve

import { Option, type Command } from 'commander';
import { UserError } from '#core/user-error';
import { requestLink } from '#server/server-address';
import type { AgentLine } from '#server/live-wire';
import { startServer } from '#server/start-server';
import { labOption } from './lab-option.ts';
import { onInterrupt } from './interrupt.ts';
import { packageVersion } from './package-version.ts';
import { withLab } from './with-lab.ts';

interface ServeOptions {
  readonly lab: string;
  readonly port: number;
  readonly host: string;
  readonly allowOtherAddress?: true;
  readonly link?: true;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'serve the pages of a lab on this machine; the first line printed is the address, good for one browser',
    )
    .addOption(new Option('--port <n>', 'port; 0 takes a free one').argParser(parsePort).default(4600))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--allow-other-address', 'allow an address that other machines can reach')
    .option('--link', 'print a new address from the server of this lab that runs already')
    .addOption(labOption())
    .addHelpText('after', '\nExamples:\n  encodelab serve\n  encodelab serve --lab ~/lab --port 0')
    .action(async (options: ServeOptions) => {
      await withLab(options.lab, async (lab) => {
        if (options.link === true) {
          console.log(await requestLink(lab.path));
          return;
        }
        const server = await startServer({
          lab,
          port: options.port,
          host: options.host,
          allowOtherAddress: options.allowOtherAddress,
          live: { lab, version: packageVersion() },
        });
        console.log(server.url);
        console.error(howAgentsConnect(server.agentLine('guest|server|client')));
        await untilInterrupted();
        await server.close();
      });
    });
}

function howAgentsConnect({ line, note }: AgentLine): string {
  return ['an agent connects with:', `  ${line}`, ...(note === null ? [] : [note])].join('\n');
}

/** Resolves at the first Ctrl-C or SIGTERM. */
export async function untilInterrupted(): Promise<void> {
  const interrupt = onInterrupt(() => undefined);
  await new Promise<void>((resolve) => interrupt.drain.addEventListener('abort', () => resolve(), { once: true }));
  interrupt.release();
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UserError({ what: `"${text}" is not a port`, where: '--port', todo: 'a whole number from 0 to 65535' });
  }
  return port;
}
