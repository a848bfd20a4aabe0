// What the tap adds to a SPICE session: time to a message, CPU of its process. A real TCP pair, frames of real sizes at 30 a second,
// directly, through a bare
// proxy and through the tap by turns, message by message; both in processes of their own. With the packages of a stock session, the
// live switch of codecs too.
// Run: node --conditions=encodelab-source bench/spice-tap.ts [seconds]

import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { quantile } from '#analysis/quantile';
import { missingStockFiles } from '#session/spice/stock/stock-program';
import { startChild } from '#system/child-process';
import { clientOpening, serverOpening, streamCreate, streamData } from '../test/session/spice-bytes.ts';
import { SpiceDesktop } from '../test/session/spice-desktop.ts';

const seconds = Number(process.argv[2] ?? 20) || 20;
const FRAMES_PER_SECOND = 30;
/** Bytes of frames of the stock session at 1024x576: mjpeg 36 kB, h264 30 kB, vp8 19 kB, with some ten times as large. */
const SIZES = [36_000, 30_000, 19_000, 4_000, 180_000];
const TARGET = { addedMs: 0.3, share: 0.02, switchS: 2 };
const OPENING = { channelType: 2 };

interface Way {
  readonly sender: Socket;
  readonly receiver: Socket;
  /** Milliseconds from the write to the last byte. */
  readonly times: number[];
}

if (process.argv[2] === 'proxy') forwardOnly(Number(process.argv[3]));
else await compare();

/** Another hop and nothing else: what any proxy of this runtime costs. */
function forwardOnly(to: number): void {
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: to, noDelay: true });
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1', () =>
    console.error(`listening on 127.0.0.1:${(server.address() as { port: number }).port}`),
  );
}

async function compare(): Promise<void> {
  const peers: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => peers.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
  const node = ['--conditions=encodelab-source', '--disable-warning=ExperimentalWarning'];
  const tap = startChild(
    process.execPath,
    [...node, main, 'spice', 'tap', '--listen', '0', '--server', `127.0.0.1:${port}`],
    {
      onStderr: (chunk) => said.tap.push(String(chunk)),
      openInput: true,
    },
  );
  const proxy = startChild(process.execPath, [...node, fileURLToPath(import.meta.url), 'proxy', String(port)], {
    onStderr: (chunk) => said.proxy.push(String(chunk)),
  });
  const said: Record<'tap' | 'proxy', string[]> = { tap: [], proxy: [] };
  const portOf = async (name: 'tap' | 'proxy') => {
    for (;;) {
      const found = /listening on \S+:(\d+)/.exec(said[name].join(''));
      if (found !== null) return Number(found[1]);
      await wait(20);
    }
  };
  const open = async (to: number): Promise<Way> => {
    const receiver = connect({ host: '127.0.0.1', port: to, noDelay: true });
    while (peers.length === 0) await wait(5);
    return { sender: peers.pop()!, receiver, times: [] };
  };
  const ways = [await open(port), await open(await portOf('proxy')), await open(await portOf('tap'))] as const;
  const [direct, bare, tapped] = ways;
  for (const { sender, receiver } of ways) {
    receiver.write(clientOpening(OPENING));
    await wait(50);
    await pass({ sender, receiver, times: [] }, Buffer.concat([serverOpening(OPENING), streamCreate(0, 3, 1024, 576)]));
  }
  const frames = SIZES.map((size) => streamData(0, 0, Buffer.alloc(size, 7)));
  const cpuBefore = cpuSeconds(tap.pid!);
  const [startMs, loadBefore] = [performance.now(), loadavg()[0]!];
  let count = 0;
  for (; performance.now() - startMs < seconds * 1000; count++) {
    const frame = frames[count % frames.length]!;
    for (let turn = 0; turn < ways.length; turn++) {
      const way = ways[(count + turn) % ways.length]!;
      way.times.push(await pass(way, frame));
    }
    await wait(Math.max(0, startMs + ((count + 1) * 1000) / FRAMES_PER_SECOND - performance.now()));
  }
  const tookS = (performance.now() - startMs) / 1000;
  const share = (cpuSeconds(tap.pid!) - cpuBefore) / tookS;
  for (const { sender, receiver } of ways) {
    sender.destroy();
    receiver.destroy();
  }
  server.close();
  for (const child of [tap, proxy]) {
    child.end();
    await child.result;
  }
  const added = tapped.times.map((time, i) => time - direct.times[i]!);
  const p = (values: readonly number[], q: number) => `${quantile(values, q).toFixed(3)} ms`;
  const verdict = (value: number, limit: number) => (value < limit ? 'met' : 'MISSED');
  // Each quantile of one way against the same of the other: pairs would add the chance of both.
  const addedP95 = quantile(tapped.times, 0.95) - quantile(direct.times, 0.95);
  console.log(
    `Tap, ${count} messages each way at ${(count / tookS).toFixed(1)}/s, ${cpus()[0]?.model}, ${cpus().length} cores, load ${loadBefore.toFixed(1)} to ${loadavg()[0]!.toFixed(1)}\n`,
  );
  console.log('| | median | p95 |');
  console.log('|---|---|---|');
  console.log(`| direct | ${p(direct.times, 0.5)} | ${p(direct.times, 0.95)} |`);
  console.log(`| a bare proxy of this runtime | ${p(bare.times, 0.5)} | ${p(bare.times, 0.95)} |`);
  console.log(`| through the tap | ${p(tapped.times, 0.5)} | ${p(tapped.times, 0.95)} |`);
  console.log(`| tap less direct, by message | ${p(added, 0.5)} | ${p(added, 0.95)} |`);
  console.log(`\nadded at p95: ${addedP95.toFixed(3)} ms (${TARGET.addedMs} ms: ${verdict(addedP95, TARGET.addedMs)})`);
  console.log(
    `CPU of the tap: ${(100 * share).toFixed(2)} % of a core (${100 * TARGET.share} %: ${verdict(share, TARGET.share)})`,
  );
  await switchCodecs(verdict);
}

/** Milliseconds until all of it has come. */
function pass({ sender, receiver }: Way, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve) => {
    let left = bytes.length;
    const startMs = performance.now();
    const onData = (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) return;
      receiver.off('data', onData);
      resolve(performance.now() - startMs);
    };
    receiver.on('data', onData);
    sender.write(bytes);
  });
}

async function switchCodecs(verdict: (value: number, limit: number) => string): Promise<void> {
  const missing = missingStockFiles();
  if (missing.length > 0) return console.log(`No live switch: missing ${missing.join(', ')}`);
  const codecs = 'spice:mjpeg;gstreamer:vp8;gstreamer:h264';
  const desktop = await SpiceDesktop.start({ width: 640, height: 480, codecs, latency: false });
  try {
    const { notes, watched } = desktop;
    await watched.session.startClient(watched.port);
    await desktop.until('a display channel', () => notes.channels.includes('display'));
    watched.session.play(['-f', 'lavfi', 'testsrc2=size=640x480:rate=25']);
    await desktop.until('frames', () => notes.frames.length > 25);
    for (const codec of ['vp8', 'h264', 'mjpeg']) {
      const [before, startMs] = [notes.frames.length, performance.now()];
      watched.tap.prefer({ codecs: [codec] });
      const isThere = () => notes.frames.slice(before).some(({ frame }) => frame.stream.codec === codec);
      await desktop.until(codec, isThere);
      const took = (performance.now() - startMs) / 1000;
      console.log(
        `live switch to ${codec}: first frame after ${took.toFixed(2)} s (${TARGET.switchS} s: ${verdict(took, TARGET.switchS)})`,
      );
      await desktop.until(`more ${codec}`, () => notes.frames.length > before + 40);
    }
  } finally {
    await desktop.watched.end();
  }
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
