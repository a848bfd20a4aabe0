// The WebSocket of the live page: asks for what is shown, comes back by itself and asks again.

import { signal, type ReadonlySignal } from '@preact/signals';
import { Unpackr } from 'msgpackr/unpack';
import type { StreamMessage, StreamPacket, StreamRequest } from '#server/live-wire';

/** Kept equal to the server's: the web takes only types from there. */
const VERSION = 2;
const PATH = '/api/v1/stream';
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;
/** A server that says nothing for so long is gone: it sends the state at least once a second. */
const SILENCE_MS = 6_000;

export type StreamWish = Omit<StreamRequest, 'version'>;

export interface LiveStream {
  readonly connected: ReadonlySignal<boolean>;
  /** Sets what is sent from now on. */
  want(wish: StreamWish): void;
  close(): void;
}

/**
 * @param onMessage told in the order of their coming
 */
export function openStream(onMessage: (message: StreamMessage) => void): LiveStream {
  const connected = signal(false);
  const unpackr = new Unpackr({ useRecords: false, moreTypes: true, mapsAsObjects: true });
  let socket: WebSocket | null = null;
  let wish: StreamWish | null = null;
  let delayMs = FIRST_DELAY_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let heardAt = 0;
  let isClosed = false;

  const ask = () => {
    if (socket?.readyState !== WebSocket.OPEN || wish === null) return;
    socket.send(JSON.stringify({ version: VERSION, ...wish } satisfies StreamRequest));
  };
  const open = () => {
    const mine = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${PATH}`);
    mine.binaryType = 'arraybuffer';
    socket = mine;
    mine.onopen = () => {
      delayMs = FIRST_DELAY_MS;
      heardAt = performance.now();
      connected.value = true;
      ask();
    };
    mine.onmessage = (event) => {
      heardAt = performance.now();
      const packet = unpackr.unpack(new Uint8Array(event.data as ArrayBuffer)) as StreamPacket;
      for (const message of packet) onMessage(message);
    };
    mine.onclose = () => {
      if (socket !== mine) return;
      socket = null;
      connected.value = false;
      if (isClosed) return;
      retry = setTimeout(open, delayMs * (0.8 + Math.random() * 0.4));
      delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
    };
  };
  const watch = setInterval(() => {
    if (socket?.readyState === WebSocket.OPEN && performance.now() - heardAt > SILENCE_MS) socket.close();
  }, 1_000);
  open();
  return {
    connected,
    want(next) {
      if (JSON.stringify(next) === JSON.stringify(wish)) return;
      wish = next;
      ask();
    },
    close() {
      isClosed = true;
      clearInterval(watch);
      clearTimeout(retry);
      socket?.close();
    },
  };
}
