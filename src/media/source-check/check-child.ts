// The child that decodes a whole source once, and tells each frame of it and all that is odd. Nothing of it is trusted.

import { Log, Packet } from 'node-av/lib';
import { AV_LOG_WARNING } from 'node-av/constants';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { InputError, openInput, type OpenInput } from '../open-input.ts';
import { PacketScan } from '../packet-scan.ts';
import type { CheckJob, CheckMessage } from './check-messages.ts';
import { COLUMNS, bytesOf } from './frame-columns.ts';
import { SourceCheck } from './source-check.ts';

const ALIVE_INTERVAL_MS = 250;
/** Frames of one message: 0.2 MB of text. */
const ROWS = 4096;

const channel = new ChannelWriter();
const send = (message: CheckMessage) => channel.json(message);

function main(): void {
  const job = readJob<CheckJob>();
  Log.setLevel(AV_LOG_WARNING);
  try {
    const input = openInput(job.path);
    const scan = new PacketScan(input.format, job);
    if (scan.chosen === null || scan.undecodable) readPackets(input, scan);
    else decode(input, scan);
  } catch (error) {
    send({
      kind: 'refused',
      code: error instanceof InputError ? error.code : 0,
      what: error instanceof Error ? error.message : String(error),
    });
  }
}

function decode(input: OpenInput, scan: PacketScan): void {
  const check = new SourceCheck(input, scan);
  let aliveMs = performance.now();
  let failure: string | null = null;
  try {
    while (check.next()) {
      if (performance.now() - aliveMs < ALIVE_INTERVAL_MS) continue;
      aliveMs = performance.now();
      send({ kind: 'alive', share: check.share });
    }
  } catch (error) {
    if (!(error instanceof EncodeFailure)) throw error;
    failure = error.message;
  }
  const { columns, tallies, scenes, frames } = check.finish();
  for (let first = 0; first < frames; first += ROWS) {
    const rows = Math.min(ROWS, frames - first);
    const texts = COLUMNS.map((name) => [
      name,
      bytesOf(columns[name].subarray(first, first + rows)).toString('base64'),
    ]);
    send({ kind: 'columns', first, rows, columns: Object.fromEntries(texts) as Record<string, string> });
  }
  const facts = scan.finish(0);
  send({ kind: 'end', facts: { ...facts, readError: failure }, tallies, scenes, frames });
}

/** Without pictures only the facts are left, which tell why. */
function readPackets({ format }: OpenInput, scan: PacketScan): void {
  const packet = new Packet();
  packet.alloc();
  let code = 0;
  let aliveMs = performance.now();
  while (!scan.endless && (code = format.readFrameSync(packet)) >= 0) {
    scan.add(packet);
    packet.unref();
    if (performance.now() - aliveMs < ALIVE_INTERVAL_MS) continue;
    aliveMs = performance.now();
    send({ kind: 'alive', share: null });
  }
  packet.free();
  send({ kind: 'end', facts: scan.finish(code), tallies: null, scenes: [], frames: 0 });
}

main();
