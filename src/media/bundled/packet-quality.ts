// Picture type and quantizer of a packet, as its encoder tells them.

import type { Packet } from 'node-av/lib';
import { AV_PKT_DATA_QUALITY_STATS } from 'node-av/constants';
import { FRAME_TYPES } from '#core/recording';
import { describedOptions, selfDescription } from '../encoder-text.ts';

/** FFmpeg's unit of quality (FF_QP2LAMBDA, libavutil/avutil.h). */
const QUALITY_PER_QUANTIZER = 118;
/** Encoders that tell a quantizer of 0 and mean it (lossless); the others mean that they do not tell. */
const TELLS_ZERO = /^libx26[45]/;
const TYPE_UNKNOWN = FRAME_TYPES.indexOf('unknown');
const TYPE_I = FRAME_TYPES.indexOf('I');
/** Quality as i32, picture type as u8 (libavcodec/packet.h). */
const STATS_BYTES = 5;

export class PacketQuality {
  readonly #zeroIsKnown: boolean;
  readonly #late: boolean;
  #delay: Float32Array | null = null;
  #packets = 0;
  /** Of the packet read last: a code of FRAME_TYPES, and the quantizer or NaN. */
  type = TYPE_UNKNOWN;
  quantizer = NaN;

  constructor(encoder: string) {
    this.#zeroIsKnown = TELLS_ZERO.test(encoder);
    this.#late = encoder.startsWith('libx264');
  }

  read(packet: Packet): void {
    const stats = packet.getSideData(AV_PKT_DATA_QUALITY_STATS);
    const told = stats !== null && stats.length >= STATS_BYTES;
    const quality = told ? stats.readInt32LE(0) : -1;
    // FFmpeg numbers its picture types I, P, B as we do; the rarer ones behind them have no name here.
    const type = told ? stats[4]! : TYPE_UNKNOWN;
    this.type = type > TYPE_UNKNOWN && type < FRAME_TYPES.length ? type : packet.isKeyframe ? TYPE_I : TYPE_UNKNOWN;
    const quantizer = quality > 0 || (quality === 0 && this.#zeroIsKnown) ? quality / QUALITY_PER_QUANTIZER : NaN;
    this.quantizer = this.#late ? this.#ofThisPacket(packet, quantizer) : quantizer;
  }

  /**
   * With frame threads x264 tells with each packet the quantizer of the frame that it *begins* then, which comes out
   * threads - 1 packets later (x264_encoder_encode sets i_qpplus1 before it waits for the oldest thread). So what
   * came with an earlier packet is taken, and the first packets' quantizers are not known.
   */
  #ofThisPacket(packet: Packet, quantizer: number): number {
    this.#delay ??= new Float32Array(frameThreads(packet.data) - 1).fill(NaN);
    const slots = this.#delay.length;
    if (slots === 0) return quantizer;
    const slot = this.#packets++ % slots;
    const earlier = this.#delay[slot]!;
    this.#delay[slot] = quantizer;
    return earlier;
  }
}

/** Frames that x264 encodes at once, from what it writes about itself into the first packet. */
function frameThreads(first: Buffer | null): number {
  const options = describedOptions((first === null ? null : selfDescription(first)) ?? '');
  const threads = Number(options.get('threads') ?? 1);
  return options.get('sliced_threads') === '1' || !(threads >= 1) ? 1 : threads;
}
