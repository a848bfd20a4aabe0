// Whether the SPICE server behind a tap is there: asked when a client has gone, or could not get through, and again until it answers.

import { connect } from 'node:net';
import { addressText } from '#core/address-text';

const AGAIN_MS = 1_000;
/** A machine that is gone answers nothing at all. */
const LIMIT_MS = 3_000;

export class ServerPresence {
  readonly #server: { readonly host: string; readonly port: number };
  readonly #onChanged: () => void;
  readonly #againMs: number;
  #gone: string | null = null;
  #looking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /** @param onChanged it went, or came back */
  constructor(server: { readonly host: string; readonly port: number }, onChanged: () => void, againMs = AGAIN_MS) {
    this.#server = server;
    this.#onChanged = onChanged;
    this.#againMs = againMs;
  }

  /** That it is gone, in words; null while nothing speaks against it. */
  get gone(): string | null {
    return this.#gone;
  }

  /** Resolves when it is known whether somebody accepts connections there. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    return this.#looking;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const { host, port } = this.#server;
    const why = await refusal(host, port);
    if (this.#isClosed) return;
    const gone = why === null ? null : `the SPICE server at ${addressText({ host, port })} is gone (${why})`;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = gone === null ? null : setTimeout(() => void this.look(), this.#againMs);
    if (gone === this.#gone) return;
    this.#gone = gone;
    this.#onChanged();
  }
}

/** Null where the connection is accepted: nothing is said over it. */
function refusal(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (why: string | null) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(LIMIT_MS, () => end('no answer'));
    socket.once('connect', () => end(null));
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => end(REASONS[code ?? ''] ?? code ?? message));
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
};
