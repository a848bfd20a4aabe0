// encodelab spice tap: stands between a SPICE client and its server, and tells what passes.

import { createInterface } from 'node:readline';
import { Option, type Command } from 'commander';
import type { SpiceAddress } from '#core/live';
import type { NetworkConditions } from '#core/session';
import { UserError } from '#core/user-error';
import { codecsOf, wishProblem, type ClientWish, type Compression } from '#session/spice/client-wish';
import { COMPRESSIONS } from '#session/spice/protocol';
import { SpiceTap } from '#session/spice/tap';
import { parseTapNetwork } from '#session/spice/tap-network';
import { onInterrupt } from './interrupt.ts';
import { listenAddress, serverAddress } from './spice-address.ts';
import { asArgument } from './wrong-argument.ts';
import type { SetExitCode } from './program.ts';
import { addSpiceDesktop } from './spice-desktop.ts';
import { addSpiceGuestCommand } from './spice-guest.ts';
import { jsonReport } from './spice-events.ts';
import { TapSummary, type TapReport } from './spice-report.ts';
import { addSpiceStock } from './spice-stock.ts';

interface TapOptions {
  readonly listen: SpiceAddress;
  readonly server: SpiceAddress;
  readonly prefer?: readonly string[];
  readonly compression?: Compression;
  readonly network?: NetworkConditions;
  readonly json?: true;
}

/** Of a line on standard input, characters: a network of a hundred rates has as many. */
const MAX_LINE = 1_000;
const SHOWN_OF_LONG = 100;
/** How often the streams are told, milliseconds. */
const TELL_MS = 1_000;

export function addSpiceCommands(program: Command, setExitCode: SetExitCode): void {
  const spice = program.command('spice').description('measure and steer a SPICE remote desktop, without a patch');
  spice
    .command('tap')
    .description('stand between client and server: read every message, change nothing')
    .requiredOption('--listen <address>', 'port, or host:port; 127.0.0.1 where no host is named', listenAddress)
    .requiredOption('--server <host:port>', 'where the SPICE server listens (its plain port)', (text: string) =>
      serverAddress(text, null),
    )
    .option(
      '--prefer <codecs>',
      'video codecs to prefer in the name of the client, the best first: vp8,h264',
      (text: string) => asArgument(() => wishedCodecs(text)),
    )
    .addOption(
      new Option('--compression <name>', 'compression of pictures to prefer').choices(Object.keys(COMPRESSIONS)),
    )
    .option('--network <conditions>', 'a network between them: "delay=20ms jitter=5ms rate=8M"', (text: string) =>
      asArgument(() => networkOf(text)),
    )
    .option('--json', 'print one JSON object a line for each event: frame, report, stream …')
    .addHelpText(
      'after',
      '\nWhile it runs, lines on its standard input change it: `prefer h264,vp8`, `compression lz4`, `network delay=50ms`.\n\nExamples:\n  encodelab spice tap --listen 5931 --server 127.0.0.1:5930\n  encodelab spice tap --listen 5931 --server 127.0.0.1:5930 --prefer vp8 --json > frames.jsonl',
    )
    .action(runTap);
  addSpiceStock(spice);
  addSpiceDesktop(spice);
  addSpiceGuestCommand(spice, setExitCode);
}

async function runTap({ listen, server, prefer, compression, network, json }: TapOptions): Promise<void> {
  const told: TapReport = json === true ? jsonReport() : new TapSummary();
  const tap = new SpiceTap({ listen, server }, told);
  const port = await tap.start();
  told.listening(listen.host, port, server);
  if (network !== undefined) setNetwork(tap, told, network);
  if (prefer !== undefined || compression !== undefined)
    wishFor(tap, told, {
      ...(prefer === undefined ? {} : { codecs: prefer }),
      ...(compression === undefined ? {} : { compression }),
    });
  const telling = setInterval(() => told.tell(), TELL_MS);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => takeLine(tap, told, line.trim()));
  const interrupt = onInterrupt(() => {});
  await new Promise<void>((resolve) => interrupt.drain.addEventListener('abort', () => resolve()));
  interrupt.release();
  clearInterval(telling);
  lines.close();
  await tap.close();
  told.end();
  process.stdin.unref?.();
}

function setNetwork(tap: SpiceTap, told: TapReport, network: NetworkConditions): void {
  tap.setNetwork(network);
  told.network(network);
}

/** Told before a client that is there takes it. */
function wishFor(tap: SpiceTap, told: TapReport, wish: ClientWish): void {
  told.wish({ ...tap.wish, ...wish });
  tap.prefer(wish);
}

/** A mistake in a line is told, and nothing changes. */
export function takeLine(tap: SpiceTap, told: TapReport, whole: string): void {
  const isLong = whole.length > MAX_LINE;
  const line = isLong ? `${whole.slice(0, SHOWN_OF_LONG)}…` : whole;
  const [word = '', ...rest] = line.split(/\s+/);
  const text = rest.join(' ');
  try {
    if (isLong)
      throw new UserError({ what: `a line of ${whole.length} characters`, todo: `Write ${MAX_LINE} at most.` });
    if (word === 'prefer') wishFor(tap, told, { codecs: wishedCodecs(text) });
    else if (word === 'compression') wishFor(tap, told, { compression: compressionOf(text) });
    else if (word === 'network') setNetwork(tap, told, networkOf(text));
    else if (word !== '')
      throw new UserError({
        what: `there is no \`${word}\``,
        todo: 'prefer CODECS, compression NAME, network CONDITIONS',
      });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const problems = error.problems.map((problem) => ({ ...problem, where: line }));
    told.refusedLine(line, new UserError(problems, { cause: error }));
  }
}

/** @throws UserError where SPICE has none of that name */
function wishedCodecs(text: string): readonly string[] {
  const codecs = codecsOf(text);
  if (codecs.length === 0)
    throw new UserError({ what: 'no codec is named', todo: 'Write the best first: prefer h264,vp8.' });
  return checked({ codecs }).codecs;
}

/** @throws UserError where SPICE has none of that name */
function compressionOf(text: string): Compression {
  if (text === '')
    throw new UserError({
      what: 'no compression is named',
      todo: `Write one: ${Object.keys(COMPRESSIONS).join(', ')}.`,
    });
  return checked({ compression: text as Compression }).compression;
}

function checked<Wish extends ClientWish>(wish: Wish): Wish {
  const problem = wishProblem(wish);
  if (problem !== null) throw new UserError({ what: problem });
  return wish;
}

/** @throws UserError where it is none that a tap can make */
function networkOf(text: string): NetworkConditions {
  const parsed = parseTapNetwork(text);
  if ('what' in parsed) throw new UserError(parsed);
  return parsed.ok;
}
