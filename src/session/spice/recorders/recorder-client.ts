// Listens to a patched SPICE process of 2020: connects, chooses its recorders, reads what it tells, and sends it messages.

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressText } from '#core/address-text';
import { UserError } from '#core/user-error';
import { RECORDERS, RecorderFacts, type RecorderFact } from './recorder-facts.ts';
import { RecorderReader } from './recorder-reader.ts';
import { shortText } from './shown-text.ts';

/** Bytes of a message to the process, its closing zero left out. */
const MOST_MESSAGE_BYTES = 127;
/** How long it may take to accept and to name its recorders, milliseconds. */
const GREETING_LIMIT_MS = 5_000;
/** After the process is gone, how long until it is tried again, milliseconds. */
export const RETRY_MS = 5_000;
/** Of a machine that vanished nothing is heard: the system asks after so long, milliseconds. */
const KEEP_ALIVE_MS = 10_000;

export interface RecorderEvents {
  /** @param isHere it is reached without leaving this machine */
  onConnected(recorders: readonly string[], isHere: boolean): void;
  onFact(fact: RecorderFact): void;
  /** What is not understood is told and passed over. */
  onUnread(why: string): void;
  /** It is gone; tried again after a while. */
  onGone(why: string): void;
}

export class RecorderClient {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #events: RecorderEvents;
  readonly #retryMs: number;
  readonly #ending = new AbortController();
  #socket: Socket | null = null;

  constructor(
    address: { readonly host: string; readonly port: number },
    events: RecorderEvents,
    retryMs: number = RETRY_MS,
  ) {
    this.#address = address;
    this.#events = events;
    this.#retryMs = retryMs;
  }

  /** Reads until it is closed; a process that dies is waited for. */
  async run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      this.#events.onGone(await this.#listen());
      await sleep(this.#retryMs, undefined, { signal: this.#ending.signal }).catch(() => {});
    }
  }

  close(): void {
    this.#ending.abort();
    this.#socket?.destroy();
  }

  /**
   * Sends a message to the process.
   * @throws UserError where it is too long, or nobody is there
   */
  send(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length > MOST_MESSAGE_BYTES || bytes.includes(0))
      throw new UserError({ what: `a message has ${MOST_MESSAGE_BYTES} bytes at most, and no zero`, where: text });
    if (this.#socket === null)
      throw new UserError({
        what: 'the process is not connected',
        where: addressText(this.#address),
      });
    this.#socket.write(Buffer.concat([bytes, Buffer.of(0)]));
  }

  /** @returns why it ended */
  #listen(): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect({
        ...this.#address,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      });
      let why = 'it closed the connection';
      const limit = setTimeout(() => {
        why = 'it did not name its recorders';
        socket.destroy();
      }, GREETING_LIMIT_MS);
      const facts = new RecorderFacts(
        (fact) => this.#events.onFact(fact),
        ({ name, message }) => this.#events.onUnread(`${shortText(name)}: ${shortText(message)}`),
      );
      const reader = new RecorderReader({
        names: (names) => {
          if (socket.destroyed) return;
          clearTimeout(limit);
          this.#socket = socket;
          const known: readonly string[] = RECORDERS;
          socket.write(names.map((name) => (known.includes(name) ? '1' : '0')).join(''));
          this.#events.onConnected(
            names.filter((name) => known.includes(name)),
            isHere(socket),
          );
        },
        entry: (entry) => {
          if (!socket.destroyed) facts.take(entry);
        },
        unread: (words) => {
          if (socket.destroyed) return;
          if (this.#socket === socket) return this.#events.onUnread(words);
          // Whoever begins with something else is no such process: what follows is not looked at.
          why = words;
          socket.destroy();
        },
      });
      socket.on('data', (chunk: Buffer) => {
        if (!socket.destroyed) reader.feed(chunk);
      });
      socket.on('error', (error: NodeJS.ErrnoException) => (why = error.code ?? error.message));
      socket.on('close', () => {
        clearTimeout(limit);
        this.#socket = null;
        resolve(why);
      });
      if (this.#ending.signal.aborted) socket.destroy();
    });
  }
}

/** A connection to an address of the same machine begins at that address, or on the loopback. */
function isHere({ localAddress, remoteAddress }: Socket): boolean {
  return remoteAddress !== undefined && (remoteAddress === localAddress || remoteAddress.startsWith('127.'));
}
