// encodelab agent

import { readFile } from 'node:fs/promises';
import { styleText } from 'node:util';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { UserError } from '#core/user-error';
import { runAgent } from '#live/agent/agent';
import { DEFAULT_SPOOL_BYTES } from '#live/agent/spool';
import { readEnvironment } from '#measure/environment';
import { LONGEST_INTERVAL_MS, SHORTEST_INTERVAL_MS } from '#measure/sampler';
import { describeBundled } from '#media/encoders';
import { startPart } from '#session/start-part';
import { addAgentSpiceOptions, agentSpiceOf, type AgentSpiceOptions } from './agent-spice.ts';
import { EXIT } from './exit-code.ts';
import { packageVersion } from './package-version.ts';
import { plainText } from './plain-text.ts';
import type { SetExitCode } from './program.ts';
import { parseAddress } from './spice-address.ts';
import { readOptions } from './wrong-argument.ts';

interface AgentCommandOptions extends AgentSpiceOptions {
  readonly role: string;
  readonly collector: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly allowHooks?: true;
  readonly name?: string;
  readonly interval: number;
  readonly mediaAddress?: string;
  readonly probe: readonly string[];
  readonly process?: string;
  readonly recorders: readonly string[];
  readonly spoolLimit: number;
  readonly spoolFolder?: string;
}

const TOKEN_VARIABLE = 'ENCODELAB_TOKEN';
const SMALLEST_SPOOL_BYTES = 64 * 1024;

export function addAgentCommand(program: Command, setExitCode: SetExitCode): void {
  const agent = program
    .command('agent')
    .description('measure this machine for a collector (`encodelab serve`), and run its part of a session')
    .requiredOption('--role <role>', 'guest (encodes), server (relays), client (decodes), or any name')
    .requiredOption('--collector <url>', 'address of the collector, as `encodelab serve` prints it')
    .option('--token <token>', `token of the collector's lab (its file server-token); better in ${TOKEN_VARIABLE}`)
    .option('--token-file <file>', 'file that holds the token')
    .option('--name <name>', 'name of this agent, where there are several of one role; the role by default')
    .option('--allow-hooks', 'run the commands that benchmark files have for this role')
    .addOption(
      new Option('--interval <time>', 'between two samples: 10ms to 10s')
        .argParser(parseInterval)
        .default(100, '100ms'),
    )
    .option('--media-address <host>', 'address of this machine under which sender and receiver reach its relay')
    .addOption(
      new Option('--probe <file>', 'module with a probe of your own; may be given several times')
        .argParser((file: string, before: readonly string[]) => [...before, file])
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--process <name|pid>',
        'a program to measure, too: by its name, found again after a restart, or its id',
      ).argParser(parseProcess),
    )
    .addOption(
      new Option('--recorders <host:port>', 'a patched SPICE process of 2020 to listen to; may be given several times')
        .argParser((address: string, before: readonly string[]) => [...before, address])
        .default([], 'none'),
    )
    .addOption(
      new Option('--spool-limit <size>', 'kept while the collector is away; the oldest goes when it is full')
        .argParser(parseSize)
        .default(DEFAULT_SPOOL_BYTES, '64M'),
    )
    .option('--spool-folder <folder>', "where it is kept; the system's folder for temporary files by default");
  addAgentSpiceOptions(agent)
    .addHelpText(
      'after',
      `
Examples:
  ${TOKEN_VARIABLE}=$(cat lab/server-token) encodelab agent --role guest --collector http://127.0.0.1:4600
  encodelab agent --role client --collector http://10.0.0.5:4600 --token-file ~/server-token
  encodelab agent --role guest --collector http://10.0.0.5:4600 --token-file token --allow-hooks --probe queue.mjs

Beside a SPICE desktop: in its guest, before its server (clients connect to 5931 then), and where its client runs:
  encodelab agent --role guest --collector http://10.0.0.5:4600 --token-file token --stream-device
  encodelab agent --role server --collector http://10.0.0.5:4600 --token-file token \\
      --spice-server 127.0.0.1:5930 --spice-listen 0.0.0.0:5931 --process qemu-system-x86_64
  encodelab agent --role client --collector http://10.0.0.5:4600 --token-file token \\
      --spice-log gst.log --process remote-viewer`,
    )
    .action(async (options: AgentCommandOptions, command: Command) => {
      const { spice, recorders } = readOptions(command, () => ({
        spice: agentSpiceOf(options),
        recorders: options.recorders.map((address) => parseAddress(address, '--recorders', null)),
      }));
      const token = await readToken(options);
      // What this process starts has no use for it.
      delete process.env[TOKEN_VARIABLE];
      const { reason } = await runAgent(
        {
          role: options.role,
          name: options.name,
          collector: options.collector,
          token,
          allowHooks: options.allowHooks,
          intervalMs: options.interval,
          mediaAddress: options.mediaAddress,
          probes: options.probe,
          spice,
          process: options.process,
          recorders,
          spoolBytes: options.spoolLimit,
          folder: options.spoolFolder,
          program: packageVersion(),
          environment: await environmentOfAgent(),
          startPart,
          onNews: (text) => console.error(plainText(text)),
        },
        untilSignalled(),
      );
      if (reason === null) return;
      console.error(`${styleText('red', 'error', { stream: process.stderr })}: ${plainText(reason)}`);
      setExitCode(EXIT.failed);
    });
}

async function environmentOfAgent() {
  const versions = { encodelab: packageVersion(), node: process.versions.node };
  // An agent on a machine where the engine does not load measures all the same.
  const engine = await describeBundled().catch((error: unknown) => {
    if (error instanceof UserError) return null;
    throw error;
  });
  return readEnvironment(engine === null ? versions : { ...versions, ffmpeg: engine.version });
}

/** The first signal ends it in good order; it is quick, and so is the second. */
function untilSignalled(): AbortSignal {
  const ending = new AbortController();
  let signals = 0;
  const onSignal = () => {
    if (++signals > 1) process.exit(EXIT.interrupted);
    ending.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return ending.signal;
}

/** The process list shows arguments to everybody: hence the other two ways. */
async function readToken({ token, tokenFile }: AgentCommandOptions): Promise<string> {
  const fromFile = tokenFile === undefined ? undefined : await readTokenFile(tokenFile);
  const found = (token ?? fromFile ?? process.env[TOKEN_VARIABLE] ?? '').trim();
  if (/^[\w-]+$/.test(found)) return found;
  throw new UserError({
    what: found === '' ? 'an agent needs the token of its collector' : 'this is no token',
    where: token === undefined ? (tokenFile ?? TOKEN_VARIABLE) : '--token',
    todo: `it stands in server-token in the collector's lab: ${TOKEN_VARIABLE}=…, --token-file FILE, or --token …`,
  });
}

async function readTokenFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError({ what: `the token can't be read: ${cause.message}`, where: path }, { cause });
  });
}

/** `100ms`, `0.1s`; a bare number is milliseconds. */
function parseInterval(text: string): number {
  const [, number, unit] = /^([\d.]+)(ms|s)?$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (unit === 's' ? 1000 : 1);
  if (ms >= SHORTEST_INTERVAL_MS && ms <= LONGEST_INTERVAL_MS) return ms;
  throw new InvalidArgumentError('a time from 10ms to 10s: 100ms, 1s');
}

function parseProcess(text: string): string {
  const program = text.trim();
  if (program !== '' && !program.endsWith('/') && Number(program) !== 0) return program;
  throw new InvalidArgumentError('the name of a program, or a process id: spicy, 1234');
}

/** `64M`, `1G`, `500k`; a bare number is bytes. */
function parseSize(text: string): number {
  const [, number, unit = ''] = /^([\d.]+)([kmg]?)i?b?$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
  if (bytes >= SMALLEST_SPOOL_BYTES) return Math.floor(bytes);
  throw new InvalidArgumentError('a size from 64k on: 64M, 1G');
}
