// Brings the spool's batches to the collector in order: those that wait first, and never so many at once that pings, answers
// and pictures would wait behind them.

import { packAgentMessage } from '../agent-packing.ts';
import { BatchRows } from './batch-rows.ts';
import type { Connection } from './connection.ts';
import type { Spool } from './spool.ts';

/** Sent and not acknowledged: more than a minute of live data, should the collector take so long to commit. */
const MAX_UNACKNOWLEDGED = 1_024;
const MAX_UNACKNOWLEDGED_BYTES = 8 * 1024 * 1024;
/** Not yet taken by the network. */
const MAX_BUFFERED_BYTES = 512 * 1024;
/** A batch that is refused so often is given up: it would keep all others from the collector for ever. */
const MAX_REFUSALS = 3;

export class Delivery {
  readonly #spool: Spool;
  readonly #connection: Connection;
  readonly #rows = new BatchRows();
  /** Number of the last batch that was sent over this connection. */
  #sent = 0;
  #unacknowledgedBytes = 0;
  /** The first batch of this connection, and how often in a row a connection that began with it was refused. */
  #first = 0;
  #refusals = 0;
  /** Bytes of the batches on their way, oldest first. */
  readonly #sizes: number[] = [];
  #onAcknowledged: (() => void)[] = [];

  constructor(spool: Spool, connection: Connection) {
    this.#spool = spool;
    this.#connection = connection;
  }

  /** For what is measured: the caller puts rows in, `flush` makes a batch of them. */
  get rows(): BatchRows {
    return this.#rows;
  }

  /** Makes a batch of the rows so far and sends what may be sent. */
  flush(): void {
    const spool = this.#spool;
    const { rows } = this.#rows;
    const batch = this.#rows.take(spool.next, spool.lostRows);
    if (batch !== null) spool.push(packAgentMessage(batch), rows);
    this.#pump();
  }

  /** Rows that came in one rush do not wait for the next flush. */
  flushFull(): void {
    if (this.#rows.full) this.flush();
  }

  /** A new connection. What is older than `nextBatch` has come, but only an acknowledgement says that it is kept. */
  begin(nextBatch: number): void {
    this.#sent = Math.min(Math.max(nextBatch, this.#spool.oldest), this.#spool.next) - 1;
    this.#sizes.length = 0;
    this.#unacknowledgedBytes = 0;
    const first = this.#sent + 1;
    if (first !== this.#first) this.#refusals = 0;
    this.#first = first;
    if (this.#refusals >= MAX_REFUSALS) this.#spool.skip(first);
    this.#pump();
  }

  /** The collector ended a connection since it does not take what came. */
  refused(): void {
    if (this.#sent >= this.#first) this.#refusals++;
  }

  acknowledge(number: number): void {
    const before = this.#sent - this.#sizes.length;
    const known = Math.max(0, Math.min(number - before, this.#sizes.length));
    for (const bytes of this.#sizes.splice(0, known)) this.#unacknowledgedBytes -= bytes;
    this.#spool.acknowledge(Math.min(number, this.#sent));
    this.#pump();
    if (this.#spool.oldest === this.#spool.next) for (const tell of this.#onAcknowledged.splice(0)) tell();
  }

  /** There is room again. */
  drained(): void {
    this.#pump();
  }

  /** Resolves when the collector has all, or after that time. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.#spool.oldest === this.#spool.next) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#onAcknowledged.push(resolve);
    await promise;
    clearTimeout(timer);
  }

  #pump(): void {
    const connection = this.#connection;
    if (!connection.ready) return;
    if (this.#spool.oldest > this.#sent + 1) {
      // The oldest had to be given up before they were sent: the collector learns it from a new hello.
      connection.restart();
      return;
    }
    while (
      this.#sent + 1 < this.#spool.next &&
      this.#sizes.length < MAX_UNACKNOWLEDGED &&
      this.#unacknowledgedBytes < MAX_UNACKNOWLEDGED_BYTES &&
      connection.bufferedBytes < MAX_BUFFERED_BYTES
    ) {
      const bytes = this.#spool.read(this.#sent + 1);
      if (bytes === null) {
        this.#spool.giveUpTo(this.#sent + 1);
        connection.restart();
        return;
      }
      this.#sent++;
      this.#sizes.push(bytes.length);
      this.#unacknowledgedBytes += bytes.length;
      connection.sendPacked(bytes);
    }
  }
}
