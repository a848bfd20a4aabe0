// Cuts bytes that come in any pieces into records, and keeps what belongs to none.

import { PIECE_BYTES, RECORD_MAX_BYTES, type Piece, type RecordQueue } from './record-queue.ts';

/** Bytes that follow a record and are not a record: given to `take` at once, or passed over. */
export interface Following {
  readonly bytes: number;
  readonly take: ((all: DataView) => void) | null;
}

/** What a record asks for: nothing, that its compressed bytes are fed before the next record, or the bytes that follow it. */
export type Asked = null | Uint8Array | Following;

export class Splitter {
  readonly #queue: RecordQueue;
  readonly #record: (piece: Piece, offset: number, size: number) => Asked;
  #piece: Piece;
  /** Where in the piece the next record begins. */
  #from = 0;
  /** Bytes of what follows a record that are still to come, and what has come of it. */
  #followLeft = 0;
  #followed: Uint8Array[] = [];
  #take: ((all: DataView) => void) | null = null;

  constructor(queue: RecordQueue, record: (piece: Piece, offset: number, size: number) => Asked) {
    this.#queue = queue;
    this.#record = record;
    this.#piece = queue.piece();
  }

  /** Bytes of a record that has begun and not ended. */
  get left(): number {
    return this.#piece.used - this.#from + (this.#followLeft > 0 ? 1 : 0);
  }

  /** Takes bytes from `at` on. @returns how many */
  fill(bytes: Uint8Array, at: number): number {
    if (PIECE_BYTES - this.#piece.used < RECORD_MAX_BYTES) this.#turn();
    const taken = Math.min(bytes.length - at, PIECE_BYTES - this.#piece.used);
    this.#piece.bytes.set(bytes.subarray(at, at + taken), this.#piece.used);
    this.#piece.used += taken;
    return taken;
  }

  /** Goes through what has come. @returns compressed bytes to feed before it goes on, why it can't, or null for want of bytes */
  scan(): Uint8Array | string | null {
    const piece = this.#piece;
    for (;;) {
      if (this.#followLeft > 0) this.#follow();
      if (piece.used - this.#from < 8) return null;
      const offset = this.#from;
      const size = piece.view.getUint16(offset + 6, true);
      if (size < 8) return 'it holds something that is not a record';
      if (piece.used - offset < size) return null;
      this.#from += size;
      const asked = this.#record(piece, offset, size);
      if (asked === null) continue;
      if (asked instanceof Uint8Array) return asked;
      this.#followLeft = asked.bytes;
      this.#take = asked.take;
    }
  }

  #follow(): void {
    const bytes = Math.min(this.#followLeft, this.#piece.used - this.#from);
    if (this.#take !== null) this.#followed.push(this.#piece.bytes.slice(this.#from, this.#from + bytes));
    this.#from += bytes;
    this.#followLeft -= bytes;
    if (this.#followLeft > 0) return;
    const all = Buffer.concat(this.#followed);
    this.#followed = [];
    this.#take?.(new DataView(all.buffer, all.byteOffset, all.length));
    this.#take = null;
  }

  /** The next piece begins with the record that has begun. */
  #turn(): void {
    const full = this.#piece;
    this.#piece = this.#queue.piece();
    this.#piece.bytes.set(full.bytes.subarray(this.#from, full.used));
    this.#piece.used = full.used - this.#from;
    this.#from = 0;
    this.#queue.leave(full);
  }
}
