// The child that decodes a whole source once, and tells each frame of it and all that is odd. Nothing of it is trusted.

import { Log, Packet } from 'node-av/lib';
import { AV_LOG_WARNING } from 'node-av/constants';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { InputError, openInput, type OpenInput } from '../open-input.ts';
import { PacketScan } from '../packet-scan.ts';
import { describeVideo } from '../stream-description.ts';
import { PicturePass } from '../thumbnails/picture-pass.ts';
import { pictureShape, type PictureShape } from '../thumbnails/thumbnail-plan.ts';
import type { CheckJob, CheckMessage } from './check-messages.ts';
import { COLUMNS, bytesOf } from './frame-columns.ts';
import { SourceCheck } from './source-check.ts';

const ALIVE_INTERVAL_MS = 250;
/** Frames of one message: 0.2 MB of text. */
const ROWS = 4096;

/** A pass and the shape that its pictures have. */
interface ShapedPass {
  readonly pass: PicturePass;
  readonly shape: PictureShape;
}

const channel = new ChannelWriter();
const send = (message: CheckMessage) => channel.json(message);

function main(): void {
  const job = readJob<CheckJob>();
  Log.setLevel(AV_LOG_WARNING);
  try {
    const input = openInput(job.path);
    const scan = new PacketScan(input.format, job);
    if (scan.chosen === null || scan.undecodable) readPackets(input, scan);
    else decode(input, scan, job.pictures === null ? null : picturePass(input, scan, job.pictures));
  } catch (error) {
    send({
      kind: 'refused',
      code: error instanceof InputError ? error.code : 0,
      what: error instanceof Error ? error.message : String(error),
      cpuS: cpuSeconds(),
    });
  }
}

/** Null where the source does not say how long it is: which pictures are wanted depends on it. */
function picturePass({ format }: OpenInput, scan: PacketScan, folder: string): ShapedPass | null {
  const stream = scan.chosen!;
  const { timeBase } = stream;
  const declaredS =
    stream.duration > 0n
      ? (Number(stream.duration) * timeBase.num) / timeBase.den
      : format.duration > 0n
        ? Number(format.duration) / 1e6
        : null;
  if (declaredS === null) return null;
  const shape = pictureShape(describeVideo(stream));
  return { shape, pass: new PicturePass(folder, shape, timeBase, declaredS) };
}

function decode(input: OpenInput, scan: PacketScan, pictures: ShapedPass | null): void {
  const check = new SourceCheck(input, scan, pictures?.pass ?? null);
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
  const { rows, tallies, scenes, frames } = check.finish();
  for (let first = 0; first < frames; first += ROWS) {
    const columns = rows(first, Math.min(ROWS, frames - first));
    const texts = COLUMNS.map((name) => [name, bytesOf(columns[name]).toString('base64')]);
    send({ kind: 'columns', first, of: frames, columns: Object.fromEntries(texts) as Record<string, string> });
  }
  const facts = scan.finish(0);
  const passed = pictures?.pass.finish(facts.video?.duration ?? 0) ?? null;
  send({
    kind: 'end',
    facts: { ...facts, readError: failure },
    tallies,
    scenes,
    frames,
    pictures: passed === null ? null : { ...passed, shape: pictures!.shape },
    cpuS: cpuSeconds(),
  });
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
  const facts = scan.finish(code);
  send({ kind: 'end', facts, tallies: null, scenes: [], frames: 0, pictures: null, cpuS: cpuSeconds() });
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

main();
