// The child that reads a whole source packet by packet and tells what is in it. Nothing of it is trusted.

import { Log, Packet } from 'node-av/lib';
import { AV_LOG_WARNING } from 'node-av/constants';
import { readJob } from './channel/job.ts';
import { ChannelWriter } from './channel/writer.ts';
import { InputError, openInput } from './open-input.ts';
import { PacketScan } from './packet-scan.ts';
import type { InspectJob, InspectMessage } from './source-facts.ts';

const ALIVE_INTERVAL_MS = 250;

const channel = new ChannelWriter();
const send = (message: InspectMessage) => channel.json(message);

function main(): void {
  const job = readJob<InspectJob>();
  Log.setLevel(AV_LOG_WARNING);
  try {
    const input = openInput(job.path);
    const scan = new PacketScan(input.format, job);
    const packet = new Packet();
    packet.alloc();
    let code = 0;
    let aliveMs = performance.now();
    while (!scan.endless && (code = input.format.readFrameSync(packet)) >= 0) {
      scan.add(packet);
      packet.unref();
      if (performance.now() - aliveMs > ALIVE_INTERVAL_MS) {
        send({ kind: 'alive' });
        aliveMs = performance.now();
      }
    }
    packet.free();
    send({ kind: 'facts', facts: scan.finish(code) });
    input.close();
  } catch (error) {
    send({
      kind: 'refused',
      code: error instanceof InputError ? error.code : 0,
      what: error instanceof Error ? error.message : String(error),
    });
  }
}

main();
