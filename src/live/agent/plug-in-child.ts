// Runs one plug-in probe: docs/agents.md tells how such a file looks. Arguments: the file, and the interval in milliseconds.

import { pathToFileURL } from 'node:url';
import { ChannelWriter } from '#media/channel/writer';
import { monotonicUs } from '#system/clock';

interface ProbeModule {
  readonly indicators?: readonly { readonly name: string }[];
  readonly start?: (tools: {
    readonly report: (values: Readonly<Record<string, number>>) => void;
    readonly signal: AbortSignal;
    readonly intervalMs: number;
  }) => unknown;
}

const [file, intervalMs] = process.argv.slice(2) as [string, string];
const ending = new AbortController();

// The agent is gone, or wants it to end.
process.stdin.on('end', end).on('error', end).resume();
process.on('SIGTERM', end);
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

try {
  const probe = (await import(pathToFileURL(file).href)) as ProbeModule;
  if (!Array.isArray(probe.indicators) || typeof probe.start !== 'function')
    throw new TypeError('it must export `indicators`, a list, and `start`, a function');
  const channel = new ChannelWriter();
  const position = new Map(probe.indicators.map(({ name }, index) => [name, index]));
  channel.json({ indicators: probe.indicators });
  const report = (values: Readonly<Record<string, number>>) => {
    const known: [number, number][] = [];
    for (const [name, value] of Object.entries(values)) {
      const index = position.get(name);
      if (index === undefined) throw new RangeError(`it reported ${name}, which is not in \`indicators\``);
      if (typeof value === 'number' && Number.isFinite(value)) known.push([index, value]);
    }
    if (!ending.signal.aborted && known.length > 0) channel.json({ timeUs: monotonicUs(), values: known });
  };
  await probe.start({ report, signal: ending.signal, intervalMs: Number(intervalMs) });
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
}

/** What listens to the signal has this moment to close what it opened. */
function end(): void {
  ending.abort();
  setImmediate(() => process.exit(0));
}
