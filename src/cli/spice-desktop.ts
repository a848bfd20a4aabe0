// encodelab spice desktop: a stock SPICE server and client on this machine, and nothing of ours between them: for agents to measure.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { SpiceAddress } from '#core/live';
import { UserError } from '#core/user-error';
import { answers, StockSession } from '#session/spice/stock/stock-session';
import { onInterrupt } from './interrupt.ts';
import { listenAddress, serverAddress } from './spice-address.ts';
import { addScreenOptions, readScreen, type ScreenOptions } from './spice-screen.ts';

interface DesktopOptions extends ScreenOptions {
  readonly tap: SpiceAddress;
  readonly serverPort?: SpiceAddress;
}

/** How often it is looked whether all programs are there still, milliseconds. */
const LOOK_MS = 200;

export function addSpiceDesktop(spice: Command): void {
  addScreenOptions(
    spice
      .command('desktop')
      .description('run a stock SPICE server, client and a moving picture on this machine, for agents to measure')
      .requiredOption(
        '--tap <address>',
        "where the client connects: the port of an agent's tap, or host:port",
        (text: string) => serverAddress(text, '127.0.0.1'),
      ),
    'video codecs that the server has',
  )
    .option(
      '--server-port <port>',
      'where the server listens on 127.0.0.1; a free port where none is named',
      listenAddress,
    )
    .addHelpText(
      'after',
      `
It prints one line of JSON when the server is there: its port, its process (serverPid), its display, and the logs that GStreamer
writes in server and client; and another one when the client was started, which it is as soon as the tap answers: clientPid.

Example:
  encodelab spice desktop --tap 5931 --server-port 5930
  encodelab agent --role server --spice-server 127.0.0.1:5930 --spice-listen 5931 --process SERVERPID --spice-log LOG …
  encodelab agent --role client --process CLIENTPID --spice-log LOG …`,
    )
    .action(runDesktop);
}

async function runDesktop(options: DesktopOptions): Promise<void> {
  const { tap, serverPort } = options;
  const port = serverPort?.port;
  const { picture, settings } = readScreen(options);
  const interrupt = onInterrupt(() => {});
  const session = await StockSession.start({ ...settings, port });
  try {
    const { port: listening, server, serverDisplay: display, logs } = session;
    tell({ port: listening, serverPid: server?.pid, display, serverLog: logs?.server, clientLog: logs?.client });
    session.play(picture);
    // A client that finds nobody ends.
    while (!interrupt.drain.aborted && !(await answers(tap.port, tap.host))) await sleep(LOOK_MS);
    if (!interrupt.drain.aborted) {
      await session.startClient(tap.port, tap.host);
      tell({ clientPid: session.client?.pid });
    }
    while (!interrupt.drain.aborted) {
      if (session.broken !== null) throw await brokenError(session.broken, tap);
      await sleep(LOOK_MS);
    }
  } finally {
    await session.end();
    interrupt.release();
  }
}

/** A client ends with its connection, and says nothing of the tap. */
export async function brokenError(broken: string, { host, port }: SpiceAddress): Promise<UserError> {
  if (!broken.startsWith('client ended') || (await answers(port, host))) return new UserError({ what: broken });
  return new UserError({
    what: `the tap at ${host}:${port} is gone`,
    where: broken,
    todo: 'Start its agent again (--role server), then the desktop: a stock client does not come back by itself.',
  });
}

function tell(line: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(line));
}
