// The objects of a stream of JSON, one after the other, whatever stands between them: intel_gpu_top prints an array that
// it never closes, older versions print objects without commas.

/** Bytes of one object: a client of the GPU takes half a kilobyte. */
export const MAX_OBJECT_BYTES = 256 * 1024;

const OPENING = 123;
const CLOSING = 125;
const QUOTE = 34;
const BACKSLASH = 92;

export class JsonObjects {
  readonly #onObject: (text: string) => void;
  #parts: Buffer[] = [];
  #bytes = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;

  constructor(onObject: (text: string) => void) {
    this.#onObject = onObject;
  }

  /** Takes the next piece; false where an object grows beyond its bound. Text outside of objects is skipped. */
  push(chunk: Buffer): boolean {
    let first = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inText = false;
      } else if (byte === QUOTE && this.#depth > 0) {
        this.#inText = true;
      } else if (byte === OPENING) {
        if (this.#depth++ === 0) first = at;
      } else if (byte === CLOSING && this.#depth > 0 && --this.#depth === 0) {
        this.#onObject(Buffer.concat([...this.#parts, chunk.subarray(first, at + 1)]).toString('utf8'));
        this.#parts = [];
        this.#bytes = 0;
      }
    }
    if (this.#depth > 0) {
      this.#parts.push(chunk.subarray(first));
      this.#bytes += chunk.length - first;
    }
    return this.#bytes <= MAX_OBJECT_BYTES;
  }
}
