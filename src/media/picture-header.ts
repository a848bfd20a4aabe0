// The type of a coded picture from the first bits of its header, decoding nothing. Pure.

import { FRAME_TYPES } from '#core/recording';

const UNKNOWN = FRAME_TYPES.indexOf('unknown');
const I = FRAME_TYPES.indexOf('I');
const P = FRAME_TYPES.indexOf('P');
const B = FRAME_TYPES.indexOf('B');

/** Bytes of a packet in which its first picture header must begin: parameter sets and user data stand before it. */
const SEARCH_BYTES = 256 * 1024;

/** Reads the packets of one stream, in the order of coding. */
export class PictureReader {
  readonly #codec: string;
  /** Bytes of the length before each unit (ISO 14496-15); 0 for start codes (Annex B). */
  readonly #lengthBytes: number;
  /** Of HEVC's picture parameter sets, by id: extra bits before the slice type. */
  readonly #extraBits = new Map<number, number>();
  /** Of AV1's sequence header: pictures come with a short header. */
  #av1Reduced = false;
  /** Of the packet read last: a code of FRAME_TYPES. */
  type = UNKNOWN;
  /** True where its picture is only a reference for later ones and never shown. */
  hidden = false;

  /**
   * @param codec FFmpeg's name
   * @param extra the stream's extra data
   */
  constructor(codec: string, extra: Uint8Array | null) {
    this.#codec = codec;
    const packed = extra !== null && extra.length > 22 && extra[0] === 1;
    if (codec === 'h264' && extra !== null && extra.length > 6 && extra[0] === 1)
      this.#lengthBytes = (extra[4]! & 3) + 1;
    else if (codec === 'hevc' && packed) this.#lengthBytes = (extra[21]! & 3) + 1;
    else this.#lengthBytes = 0;
    if (extra === null) return;
    if (codec === 'hevc') {
      if (packed) this.#readHvcC(extra);
      else this.read(extra);
    } else if (codec === 'av1') this.read(extra[0] === 0x81 ? extra.subarray(4) : extra);
  }

  read(packet: Uint8Array): void {
    this.type = UNKNOWN;
    this.hidden = false;
    const data = packet.length > SEARCH_BYTES ? packet.subarray(0, SEARCH_BYTES) : packet;
    switch (this.#codec) {
      case 'h264':
        return this.#units(data, (unit) => this.#h264(unit));
      case 'hevc':
        return this.#units(data, (unit) => this.#hevc(unit));
      case 'av1':
        return this.#av1(data);
      case 'vp8':
        this.type = (data[0]! & 1) === 0 ? I : P;
        this.hidden = (data[0]! & 0x10) === 0;
        return;
      case 'vp9':
        this.type = vp9Type(new Bits(data));
        return;
      case 'mpeg1video':
      case 'mpeg2video':
        return this.#startCode(data, 0x00, (bits) => [UNKNOWN, I, P, B][(bits.skip(10), bits.read(3))] ?? UNKNOWN);
      case 'mpeg4':
        return this.#startCode(data, 0xb6, (bits) => [I, P, B, P][bits.read(2)]!);
    }
  }

  /** Hands each unit to a function, until one holds a slice. */
  #units(data: Uint8Array, take: (unit: Uint8Array) => boolean): void {
    if (this.#lengthBytes > 0) {
      for (let at = 0; at + this.#lengthBytes < data.length;) {
        let length = 0;
        for (let i = 0; i < this.#lengthBytes; i++) length = length * 256 + data[at + i]!;
        at += this.#lengthBytes;
        if (length === 0 || take(data.subarray(at, at + length))) return;
        at += length;
      }
      return;
    }
    let at = nextStartCode(data, 0);
    while (at >= 0) {
      const next = nextStartCode(data, at);
      if (take(data.subarray(at, next < 0 ? data.length : next - 3))) return;
      at = next;
    }
  }

  /** ITU-T H.264, 7.3.3: first_mb_in_slice, slice_type. */
  #h264(unit: Uint8Array): boolean {
    const kind = unit[0]! & 31;
    if (kind !== 1 && kind !== 5 && kind !== 2) return false;
    const bits = new Bits(unescaped(unit, 1));
    bits.exponential();
    const slice = bits.exponential() % 5;
    this.type = slice === 2 || slice === 4 ? I : slice === 1 ? B : P;
    return true;
  }

  /** ITU-T H.265, 7.3.2.3 and 7.3.6.1. */
  #hevc(unit: Uint8Array): boolean {
    const kind = (unit[0]! >> 1) & 63;
    if (kind === 34) {
      const bits = new Bits(unescaped(unit, 2));
      const id = bits.exponential();
      bits.exponential();
      bits.skip(2);
      this.#extraBits.set(id, bits.read(3));
    }
    if (kind > 21) return false;
    const bits = new Bits(unescaped(unit, 2));
    if (bits.read(1) === 0) return false;
    if (kind >= 16) bits.skip(1);
    bits.skip(this.#extraBits.get(bits.exponential()) ?? 0);
    this.type = [B, P, I][bits.exponential()] ?? UNKNOWN;
    return true;
  }

  /** ISO 14496-15, 8.3.3.1: arrays of parameter sets. */
  #readHvcC(extra: Uint8Array): void {
    let at = 23;
    for (let array = 0; array < extra[22]! && at + 3 <= extra.length; array++) {
      const count = extra[at + 1]! * 256 + extra[at + 2]!;
      at += 3;
      for (let i = 0; i < count && at + 2 <= extra.length; i++) {
        const length = extra[at]! * 256 + extra[at + 1]!;
        at += 2;
        if (length > 2) this.#hevc(extra.subarray(at, at + length));
        at += length;
      }
    }
  }

  /** AV1 bitstream specification, 5.3 and 5.9.2: the type of the picture that the temporal unit shows. */
  #av1(data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      const header = data[at++]!;
      if ((header & 4) !== 0) at++;
      let size = data.length - at;
      if ((header & 2) !== 0) {
        size = 0;
        for (let i = 0; i < 8 && at < data.length; i++) {
          const byte = data[at++]!;
          size += (byte & 127) * 2 ** (7 * i);
          if (byte < 128) break;
        }
      }
      const kind = (header >> 3) & 15;
      // reduced_still_picture_header stands behind the profile and still_picture.
      if (kind === 1 && at < data.length) this.#av1Reduced = (data[at]! & 8) !== 0;
      if ((kind === 3 || kind === 6) && at < data.length) {
        const bits = new Bits(data.subarray(at));
        if (this.#av1Reduced) this.type = I;
        // A picture that was coded earlier is shown: nothing of it is predicted here.
        else if (bits.read(1) === 1) this.type = this.type === UNKNOWN ? P : this.type;
        else this.type = [I, P, I, P][bits.read(2)]!;
      }
      at += size;
    }
  }

  #startCode(data: Uint8Array, code: number, type: (bits: Bits) => number): void {
    for (let at = nextStartCode(data, 0); at >= 0 && at < data.length; at = nextStartCode(data, at))
      if (data[at] === code) {
        this.type = type(new Bits(data.subarray(at + 1)));
        return;
      }
  }
}

/** VP9 bitstream specification, 6.2. */
function vp9Type(bits: Bits): number {
  bits.skip(2);
  const profile = bits.read(1) + 2 * bits.read(1);
  if (profile === 3) bits.skip(1);
  if (bits.read(1) === 1) return P;
  if (bits.read(1) === 0) return I;
  const shown = bits.read(1) === 1;
  bits.skip(1);
  // intra_only stands only where the picture is not shown by itself.
  return !shown && bits.read(1) === 1 ? I : P;
}

/** Position behind the next `00 00 01`; -1 where there is none. */
function nextStartCode(data: Uint8Array, from: number): number {
  for (let at = from; at + 3 < data.length; at++)
    if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1) return at + 3;
  return -1;
}

/** Bytes that a header needs at most. */
const HEADER_BYTES = 64;

/** The beginning of a unit without its emulation prevention bytes (`00 00 03`). */
function unescaped(unit: Uint8Array, from: number): Uint8Array {
  const clean = new Uint8Array(HEADER_BYTES);
  let length = 0;
  for (let at = from; at < unit.length && length < HEADER_BYTES; at++) {
    if (unit[at] === 3 && at >= from + 2 && unit[at - 1] === 0 && unit[at - 2] === 0) continue;
    clean[length++] = unit[at]!;
  }
  return clean.subarray(0, length);
}

/** Reads bits, the highest of each byte first; zeros behind the end. */
class Bits {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++)
      value = value * 2 + (((this.#data[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Exp-Golomb code, ue(v). */
  exponential(): number {
    let zeros = 0;
    while (zeros < 32 && this.read(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.read(zeros);
  }
}
