// Sends frames to an encoder and tells of each packet which frame it is and what it cost.

import { Packet } from 'node-av/lib';
import type { CodecContext, Frame } from 'node-av/lib';
import { AVERROR_EAGAIN, AVERROR_EOF, AV_PICTURE_TYPE_I, AV_PICTURE_TYPE_NONE } from 'node-av/constants';
import { STEPS, STEP_OUTCOMES } from '#core/recording';
import { monotonicUs } from '#system/clock';
import { failureOf } from './encode-failure.ts';
import { FramesInEncoder } from './frames-in-encoder.ts';
import { PacketQuality } from './packet-quality.ts';
import type { RowSender } from './row-sender.ts';

const STEP_ENCODE = STEPS.indexOf('encode');
const OUTCOME_OK = STEP_OUTCOMES.indexOf('ok');

export interface PacketSink {
  write(packet: Packet): void;
}

export class FrameEncoder {
  readonly #context: CodecContext;
  readonly #rows: RowSender;
  readonly #sink: PacketSink;
  readonly #packet = new Packet();
  readonly #inside = new FramesInEncoder();
  readonly #quality: PacketQuality;
  readonly #frameTicks: bigint;
  packets = 0;
  bytes = 0;
  firstPacket: Buffer | null = null;

  /** @param frameTicks duration of a frame in ticks; 0 where it varies */
  constructor(name: string, context: CodecContext, rows: RowSender, sink: PacketSink, frameTicks: number) {
    this.#context = context;
    this.#rows = rows;
    this.#sink = sink;
    this.#quality = new PacketQuality(name);
    this.#frameTicks = BigInt(frameTicks);
    this.#packet.alloc();
  }

  /** Frames sent so far: the number of the next one. */
  get frames(): number {
    return this.#inside.count;
  }

  /** @param key asks for a keyframe */
  send(frame: Frame, pts: number, sourceFrame: number, key = false): void {
    frame.pts = BigInt(pts);
    frame.duration = this.#frameTicks;
    // A decoded frame carries its old type, which encoders would take for an order.
    frame.pictType = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    const startUs = monotonicUs();
    this.#inside.add(pts, sourceFrame, startUs);
    const code = this.#context.sendFrameSync(frame);
    this.#inside.addBusy(monotonicUs() - startUs);
    if (code < 0) throw failureOf(`the encoder fails on frame ${this.frames - 1}`, code);
    this.#drain();
  }

  /** Takes out what the encoder still holds. */
  flush(): void {
    const code = this.#context.sendFrameSync(null);
    if (code < 0 && code !== AVERROR_EOF) throw failureOf('the encoder fails at its end', code);
    this.#drain();
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  #drain(): void {
    for (;;) {
      const beforeUs = monotonicUs();
      const code = this.#context.receivePacketSync(this.#packet);
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
      if (code < 0) throw failureOf(`the encoder fails behind frame ${this.frames - 1}`, code);
      this.#record(beforeUs, monotonicUs());
      this.#packet.unref();
    }
  }

  #record(beforeUs: number, outUs: number): void {
    const packet = this.#packet;
    const pts = Number(packet.pts);
    const frame = this.#inside.find(pts);
    const size = packet.size;
    const key = packet.isKeyframe;
    this.#quality.read(packet);
    const sourceFrame = frame < 0 ? -1 : this.#inside.sourceFrame(frame);
    this.#rows.frame(frame, sourceFrame, pts, this.#quality.type, key, size, this.#quality.quantizer);
    if (frame >= 0) {
      const startUs = this.#inside.startUs(frame);
      const busyUs = this.#inside.busyUs(frame) + outUs - beforeUs;
      this.#rows.step(frame, STEP_ENCODE, startUs, outUs - startUs, busyUs, OUTCOME_OK);
      this.#inside.finish(frame);
    }
    this.packets++;
    this.bytes += size;
    if (this.firstPacket === null) this.firstPacket = packet.data === null ? Buffer.alloc(0) : Buffer.from(packet.data);
    if (packet.duration === 0n) packet.duration = this.#frameTicks;
    this.#sink.write(packet);
  }
}
