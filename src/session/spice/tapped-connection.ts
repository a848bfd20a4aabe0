// One connection through the tap: bytes go from each side to the other as they came, and are read on their way.

import { connect, type Socket } from 'node:net';
import { addressText } from '#core/address-text';
import { monotonicUs } from '#system/clock';
import { ChannelWatch, type ChannelSink } from './channel-watch.ts';
import { wishMessages, type ClientWish } from './client-wish.ts';
import type { Side } from './direction-reader.ts';
import { DISPLAY_CAPABILITY } from './protocol.ts';
import type { TapLine } from './tap-line.ts';

/** How long the server may take to accept, milliseconds. */
const CONNECT_LIMIT_MS = 10_000;
/** Of the server's bytes, at once. */
const READ_BYTES = 256 * 1024;

export interface ConnectionEvents extends ChannelSink {
  /** It has ended; why, where it did not end by itself. */
  ended(why: string | null): void;
  /** What the client was to prefer has been put in. */
  wished(wish: ClientWish): void;
  /** It can't be put in here. */
  notWished(wish: ClientWish, why: string): void;
}

export class TappedConnection {
  readonly number: number;
  readonly watch: ChannelWatch;
  readonly #events: ConnectionEvents;
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #line: TapLine;
  #wish: ClientWish | null = null;
  /** What the server's bytes are read into: memory that is used again, where it can be, is there at once. */
  #fresh: Uint8Array | null = null;
  #free: Uint8Array | null = null;
  #hasEnded = false;

  constructor(
    number: number,
    client: Socket,
    server: { readonly host: string; readonly port: number },
    line: TapLine,
    events: ConnectionEvents,
  ) {
    this.number = number;
    this.#events = events;
    this.#line = line;
    this.watch = new ChannelWatch(events);
    const upstream = connect({
      host: server.host,
      port: server.port,
      noDelay: true,
      allowHalfOpen: true,
      onread: {
        buffer: () => {
          this.#fresh = this.#free ?? new Uint8Array(READ_BYTES);
          return this.#fresh.subarray(0, this.#line.readableBytes('server'));
        },
        callback: (bytes) => this.#fromServer(this.#fresh!.subarray(0, bytes)),
      },
    });
    client.setNoDelay(true);
    this.#sockets = { client, server: upstream };
    upstream.setTimeout(CONNECT_LIMIT_MS, () => this.#end(`the server at ${addressText(server)} does not answer`));
    upstream.once('connect', () => upstream.setTimeout(0));
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk));
    this.#carry('client', client, upstream);
    this.#carry('server', upstream, client);
  }

  /** Asks the server for this as soon as the client's own messages leave room. The newest wish holds. */
  wish(wish: ClientWish): void {
    this.#wish = { ...this.#wish, ...wish };
    this.#insertWish();
  }

  /** What could not be put in yet is not put in any more. */
  forgetWish(): void {
    this.#wish = null;
  }

  close(): void {
    this.#end(null);
  }

  #carry(side: Side, from: Socket, to: Socket): void {
    from.on('end', () => this.#line.finish(side, to));
    from.on('error', (error: NodeJS.ErrnoException) => this.#end(`${side}: ${error.code ?? error.message}`));
    from.on('close', () => {
      // What the other side has not taken yet is still its own.
      if (to.writableFinished || this.#hasEnded) this.#end(null);
      else this.#line.finish(side, to);
    });
    to.on('drain', () => from.resume());
  }

  #fromClient(chunk: Uint8Array): void {
    const boundary = this.watch.feed('client', chunk, monotonicUs());
    const wish = boundary >= 0 ? this.#readyWish() : null;
    if (wish === null) {
      this.#sendToServer(chunk);
      return;
    }
    this.#sendToServer(chunk.subarray(0, boundary));
    this.#put(wish);
    if (boundary < chunk.length) this.#sendToServer(chunk.subarray(boundary));
  }

  /** Sent on before it is read: nothing is ever put in here, and reading takes time. @returns false where no more is wanted for now */
  #fromServer(chunk: Uint8Array): boolean {
    const nowUs = monotonicUs();
    const { client, server } = this.#sockets;
    // What has to wait for others waits as a copy of its own size: many small messages would keep much memory.
    const isDirect = this.#line.isOpen('server') && client.writableLength === 0;
    const mayGoOn = this.#line.send('server', server, client, isDirect ? chunk : chunk.slice());
    this.watch.feed('server', chunk, nowUs);
    this.#insertWish();
    // What the kernel has taken, or was copied, is free again; what the client left must stay as it is.
    this.#free = isDirect && client.writableLength > 0 ? null : this.#fresh;
    return mayGoOn;
  }

  #sendToServer(bytes: Uint8Array): void {
    const { client, server } = this.#sockets;
    if (!this.#line.send('client', client, server, bytes)) client.pause();
  }

  /** Between two messages that have both passed already. */
  #insertWish(): void {
    if (this.#wish === null || !this.watch.canInsert) return;
    const wish = this.#readyWish();
    if (wish !== null) this.#put(wish);
  }

  /** The wish, where this is a channel that can take it now; one that it never can take is told and dropped. */
  #readyWish(): ClientWish | null {
    const wish = this.#wish;
    if (wish === null || !this.watch.hasDisplayBegun) return null;
    if (!this.watch.link.hasMiniHeader)
      return this.#refuse(wish, 'this channel numbers its messages: none can be put in');
    const { link } = this.watch;
    if (wish.codecs !== undefined && !link.serverCan(DISPLAY_CAPABILITY.preferredVideoCodecs))
      return this.#refuse(wish, 'this server does not let a client prefer a video codec');
    if (wish.compression !== undefined && !link.serverCan(DISPLAY_CAPABILITY.preferredCompression))
      return this.#refuse(wish, 'this server does not let a client prefer a compression');
    return wish;
  }

  #refuse(wish: ClientWish, why: string): null {
    this.#wish = null;
    this.#events.notWished(wish, why);
    return null;
  }

  #put(wish: ClientWish): void {
    this.#wish = null;
    this.#sendToServer(wishMessages(wish));
    this.#events.wished(wish);
  }

  #end(why: string | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.watch.streams.end(monotonicUs());
    this.#sockets.client.destroy();
    this.#sockets.server.destroy();
    this.#events.ended(why);
  }
}
