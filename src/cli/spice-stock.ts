// encodelab spice stock: a whole SPICE session of stock programs on this machine, with the tap in it: what it measures, and a picture.

import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import { UserError } from '#core/user-error';
import { LatencyJourney } from '#session/spice/latency-journey';
import { saveScreen } from '#session/spice/stock/screen-picture';
import { WatchedStock } from '#session/spice/stock/watched-stock';
import { onInterrupt } from './interrupt.ts';
import { TapSummary } from './spice-report.ts';
import { addScreenOptions, readScreen, type ScreenOptions } from './spice-screen.ts';
import { textTable } from './text-table.ts';

interface StockOptions extends ScreenOptions {
  readonly seconds: number;
  readonly picture: string;
}

const POLL_MS = 50;
/** Until a codec's first frame, milliseconds. */
const SWITCH_LIMIT_MS = 60_000;

/** A summary that remembers what each codec did. */
class Watcher extends TapSummary {
  readonly journey = new LatencyJourney();
  readonly codecs = new Map<string, { frames: number; bytes: number; keys: number; firstUs: number; lastUs: number }>();
  hasDisplay = false;

  override onChannel(channel: number, name: string): void {
    super.onChannel(channel, name);
    this.hasDisplay ||= name === 'display';
  }

  override onFrame(channel: number, frame: Parameters<TapSummary['onFrame']>[1]): void {
    super.onFrame(channel, frame);
    this.journey.frame(frame);
    const { codec } = frame.stream;
    const seen = this.codecs.get(codec) ?? { frames: 0, bytes: 0, keys: 0, firstUs: frame.firstUs, lastUs: 0 };
    seen.frames++;
    seen.bytes += frame.bytes;
    if (frame.key === true) seen.keys++;
    seen.lastUs = frame.lastUs;
    this.codecs.set(codec, seen);
  }
}

export function addSpiceStock(spice: Command): void {
  addScreenOptions(
    spice
      .command('stock')
      .description(
        'run a stock SPICE server, client and a moving picture on this machine, and measure them: the example',
      ),
    'video codecs, one after the other by a live switch',
  )
    .option('--seconds <n>', 'of each codec', parseSeconds, 8)
    .option('--picture <file>', 'keep what the client shows at the end', 'spice-client.png')
    .action(runStock);
}

function parseSeconds(text: string): number {
  if (Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('a time in seconds: 8');
}

async function runStock(options: StockOptions): Promise<void> {
  const { codecs, picture, settings } = readScreen(options);
  const watcher = new Watcher();
  const interrupt = onInterrupt(() => {});
  const stock = await WatchedStock.start(settings, watcher, watcher.journey);
  const { session, tap, port } = stock;
  const until = async (what: string, holds: () => boolean) => {
    const limit = performance.now() + SWITCH_LIMIT_MS;
    while (!holds() && !interrupt.drain.aborted) {
      if (session.broken !== null) throw new UserError({ what: `${what} did not come: ${session.broken}` });
      if (performance.now() > limit) throw new UserError({ what: `${what} did not come in a minute` });
      await new Promise((then) => setTimeout(then, POLL_MS));
    }
  };
  try {
    console.error(`server on 127.0.0.1:${session.port} (display ${session.serverDisplay}), tap on 127.0.0.1:${port}`);
    await session.startClient(port);
    await until('a display channel', () => watcher.hasDisplay);
    session.play(picture);
    const switches = new Map<string, number>();
    const cpu = new Map<string, Readonly<Record<string, number>>>();
    for (const [i, codec] of codecs.entries()) {
      const askedMs = performance.now();
      if (i > 0) tap.prefer({ codecs: [codec] });
      await until(`a frame of ${codec}`, () => watcher.codecs.has(codec));
      if (i > 0) switches.set(codec, (performance.now() - askedMs) / 1000);
      const [startMs, before] = [performance.now(), session.cpuSeconds()];
      await until(codec, () => performance.now() - startMs > options.seconds * 1000);
      const [seconds, after] = [(performance.now() - startMs) / 1000, session.cpuSeconds()];
      cpu.set(
        codec,
        Object.fromEntries(Object.keys(after).map((name) => [name, (after[name]! - before[name]!) / seconds])),
      );
    }
    const screen = session.clientScreen;
    await saveScreen(session.clientDisplay, screen.width, screen.height, resolve(options.picture));
    stock.readLogs();
    console.log(tableOf(codecs, watcher, switches, cpu));
    if (watcher.journey.times().length > 0) {
      console.log(timesOf(watcher));
      const errorUs = formatQuantity(stock.clockErrorUs, 'us');
      console.log(
        `times of server and client on one clock, off by ${errorUs} at the most; load ${loadavg()[0]!.toFixed(1)}`,
      );
    }
    console.log(`what the client shows: ${options.picture}`);
  } finally {
    await stock.end();
    interrupt.release();
  }
}

function tableOf(
  codecs: readonly string[],
  watcher: Watcher,
  switches: ReadonlyMap<string, number>,
  cpu: ReadonlyMap<string, Readonly<Record<string, number>>>,
): string {
  const core = (codec: string, name: string) => `${(100 * (cpu.get(codec)?.[name] ?? NaN)).toFixed(0)} %`;
  const rows = codecs.flatMap((codec) => {
    const seen = watcher.codecs.get(codec);
    if (seen === undefined) return [];
    const seconds = (seen.lastUs - seen.firstUs) / 1e6;
    const after = switches.get(codec);
    return [
      [
        codec,
        after === undefined ? '' : formatQuantity(after, 's'),
        String(seen.frames),
        String(seen.keys),
        formatQuantity(seen.frames / seconds, 'frame/s'),
        formatQuantity((8 * seen.bytes) / seconds, 'bit/s'),
        core(codec, 'server'),
        core(codec, 'client'),
      ],
    ];
  });
  return table(['codec', 'switch', 'frames', 'keyframes', 'rate', 'bitrate', 'CPU server', 'CPU client'], 1, rows);
}

function timesOf(watcher: Watcher): string {
  const rows = watcher.journey
    .times()
    .map(({ codec, step, joined, frames, median, p95, gapMedian, gapP95 }) => [
      codec,
      step,
      `${joined} of ${frames}`,
      formatQuantity(median, 'us'),
      formatQuantity(p95, 'us'),
      formatQuantity(gapMedian, 'us'),
      formatQuantity(gapP95, 'us'),
    ]);
  return table(['codec', 'step', 'frames', 'median', 'p95', 'gap, median', 'gap, p95'], 2, rows);
}

/** @param left columns of words; numbers stand to the right */
function table(titles: readonly string[], left: number, rows: readonly (readonly string[])[]): string {
  const columns = titles.map((title, i) => ({ title, align: i < left ? ('left' as const) : ('right' as const) }));
  return `${textTable(columns, rows)}\n`;
}
