// What the child that takes a growing profile tells, through a pipe: JSON, each with bytes behind it where they belong to it.

/** A told thing is no longer: a second of hundreds of busy CPUs is a tenth of it. */
const MAX_FRAME_BYTES = 64 * 2 ** 20;
const HEAD_BYTES = 8;

/** As bytes: the lengths of both parts as 32-bit numbers, little endian, and the parts. */
export function sliceFrame(told: object, bytes: Uint8Array = new Uint8Array()): Buffer {
  const json = Buffer.from(JSON.stringify(told));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(json.length, 0);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, json, bytes]);
}

/** Takes what comes out of the pipe, in pieces of any length. */
export class SliceFrames {
  readonly #hear: (told: unknown, bytes: Uint8Array<ArrayBuffer>) => void;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(hear: (told: unknown, bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#hear = hear;
  }

  /** @throws RangeError where that is no frame */
  take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#chunks[0]!.length < HEAD_BYTES) this.#chunks = [Buffer.concat(this.#chunks)];
    while (this.#length >= HEAD_BYTES) {
      const head = this.#chunks[0]!;
      const json = head.readUInt32LE(0);
      const end = HEAD_BYTES + json + head.readUInt32LE(4);
      if (end > MAX_FRAME_BYTES) throw new RangeError(`a part of a profile has ${end} bytes`);
      if (this.#length < end) return;
      const all = Buffer.concat(this.#chunks);
      this.#chunks = [all.subarray(end)];
      this.#length = all.length - end;
      const told: unknown = JSON.parse(all.toString('utf8', HEAD_BYTES, HEAD_BYTES + json));
      this.#hear(told, Uint8Array.from(all.subarray(HEAD_BYTES + json, end)));
    }
  }
}
