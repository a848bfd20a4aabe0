// Numbers pictures in the order of presentation while they come in the order of coding (child only).

import { Codec, CodecContext, Frame, Option } from 'node-av/lib';
import type { CodecParameters, Packet } from 'node-av/lib';
import { AVERROR_EAGAIN, AV_NOPTS_VALUE, AV_OPT_SEARCH_CHILDREN } from 'node-av/constants';

/** Takes a picture whose number is known. @param time from the first picture shown, in the file's ticks or in frames */
export type EmitPicture = (frame: number, time: number, type: number, key: boolean, bytes: number) => void;

export interface PictureOrder {
  /** Ticks from the first picture's time to the last one's. */
  readonly span: number;
  add(packet: Packet, type: number, key: boolean, bytes: number): void;
  finish(): void;
}

/** Pictures that are held until no earlier one can come: a codec reorders some sixteen. */
const WINDOW = 256;

/** By their times: a picture's number is the count of pictures that are shown before it. */
export class TimedOrder implements PictureOrder {
  readonly #emit: EmitPicture;
  readonly #time = new Float64Array(WINDOW);
  readonly #type = new Uint8Array(WINDOW);
  readonly #key = new Uint8Array(WINDOW);
  readonly #bytes = new Float64Array(WINDOW);
  /** Times of pictures that are out: later ones may still be shown before them. */
  readonly #past = new Float64Array(WINDOW).fill(-Infinity);
  #first = 0;
  #next = 0;
  #start = NaN;
  #last = -Infinity;
  #previous = 0;

  constructor(emit: EmitPicture) {
    this.#emit = emit;
  }

  get span(): number {
    return Number.isNaN(this.#start) ? 0 : this.#last - this.#start;
  }

  add(packet: Packet, type: number, key: boolean, bytes: number): void {
    if (this.#next - this.#first === WINDOW) this.#release();
    const told = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
    const time = told === AV_NOPTS_VALUE ? this.#previous + 1 : Number(told);
    this.#previous = time;
    this.#last = Math.max(this.#last, time);
    const slot = this.#next++ % WINDOW;
    this.#time[slot] = time;
    this.#type[slot] = type;
    this.#key[slot] = key ? 1 : 0;
    this.#bytes[slot] = bytes;
  }

  finish(): void {
    while (this.#first < this.#next) this.#release();
  }

  /** Lets the oldest out: all that are shown before it are here or out. */
  #release(): void {
    const slot = this.#first % WINDOW;
    const time = this.#time[slot]!;
    if (Number.isNaN(this.#start)) {
      this.#start = Infinity;
      for (let i = this.#first; i < this.#next; i++) this.#start = Math.min(this.#start, this.#time[i % WINDOW]!);
    }
    let number = this.#first;
    for (let i = 0; i < WINDOW; i++) if (this.#past[i]! > time) number--;
    for (let i = this.#first + 1; i < this.#next; i++) if (this.#time[i % WINDOW]! < time) number++;
    this.#past[slot] = time;
    this.#first++;
    this.#emit(number, time - this.#start, this.#type[slot]!, this.#key[slot] === 1, this.#bytes[slot]!);
  }
}

/**
 * Without times. Where the codec reorders only a decoder knows the order: each packet is given its number as its time and
 * decoded as cheaply as that goes. Otherwise pictures are shown as they come.
 */
export class DecodedOrder implements PictureOrder {
  readonly #emit: EmitPicture;
  readonly #decoder: CodecContext | null;
  readonly #frame = new Frame();
  readonly #number = new Int32Array(WINDOW);
  readonly #type = new Uint8Array(WINDOW);
  readonly #key = new Uint8Array(WINDOW);
  readonly #bytes = new Float64Array(WINDOW);
  #first = 0;
  #next = 0;
  #shown = 0;

  /** @param parameters of a stream that reorders; null where it does not */
  constructor(emit: EmitPicture, parameters: CodecParameters | null) {
    this.#emit = emit;
    this.#decoder = parameters === null ? null : openDecoder(parameters);
    this.#frame.alloc();
  }

  get span(): number {
    return Math.max(0, this.#next - 1);
  }

  add(packet: Packet, type: number, key: boolean, bytes: number): void {
    if (this.#next - this.#first === WINDOW) this.#release();
    const index = this.#next++;
    const slot = index % WINDOW;
    this.#number[slot] = this.#decoder === null ? index : -1;
    this.#type[slot] = type;
    this.#key[slot] = key ? 1 : 0;
    this.#bytes[slot] = bytes;
    if (this.#decoder !== null) {
      packet.pts = BigInt(index);
      packet.dts = AV_NOPTS_VALUE;
      this.#decode(packet);
    }
    this.#releaseKnown();
  }

  finish(): void {
    if (this.#decoder !== null) {
      this.#decode(null);
      this.#decoder.freeContext();
    }
    while (this.#first < this.#next) this.#release();
    this.#frame.free();
  }

  #decode(packet: Packet | null): void {
    // A picture that can't be decoded is not shown: it stays without a number.
    const sent = this.#decoder!.sendPacketSync(packet);
    if (sent === AVERROR_EAGAIN) this.#receive();
    this.#receive();
  }

  #receive(): void {
    while (this.#decoder!.receiveFrameSync(this.#frame) >= 0) {
      const index = Number(this.#frame.pts);
      if (index >= this.#first && index < this.#next) this.#number[index % WINDOW] = this.#shown;
      this.#shown++;
      this.#frame.unref();
    }
  }

  #releaseKnown(): void {
    while (this.#first < this.#next && this.#number[this.#first % WINDOW]! >= 0) this.#release();
  }

  #release(): void {
    const slot = this.#first++ % WINDOW;
    const number = this.#number[slot]!;
    this.#emit(number, Math.max(0, number), this.#type[slot]!, this.#key[slot] === 1, this.#bytes[slot]!);
  }
}

function openDecoder(parameters: CodecParameters): CodecContext | null {
  const codec = Codec.findDecoder(parameters.codecId);
  if (codec === null) return null;
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(parameters);
  decoder.threadCount = 1;
  // The pictures are not looked at.
  for (const what of ['skip_loop_filter', 'skip_idct'])
    Option.set(decoder.getNative(), what, 'all', AV_OPT_SEARCH_CHILDREN);
  if (decoder.open2Sync(codec, null) >= 0) return decoder;
  decoder.freeContext();
  return null;
}
