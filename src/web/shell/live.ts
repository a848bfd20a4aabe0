// Changes as they happen, by one WebSocket for the whole page; it comes back by itself.

import { signal } from '@preact/signals';
import type { LiveMessage, LiveRequest } from '#server/wire';

/** Kept equal to the server's: the web takes only types from there. */
const VERSION = 1;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;

/** `signed-out` where the server is there and no longer knows this browser. */
export type Connection = 'connecting' | 'open' | 'lost' | 'signed-out';

export const connection = signal<Connection>('connecting');

type Subject = Omit<LiveRequest, 'version'>;
type Handler = (message: LiveMessage) => void;

let socket: WebSocket | null = null;
let subject: Subject = {};
let handler: Handler = () => {};
let onReconnect: () => void = () => {};
let delayMs = FIRST_DELAY_MS;
let retry: ReturnType<typeof setTimeout> | undefined;
let wasOpen = false;

/**
 * Sets what the page looks at; a page does so once, when it appears.
 * @param reload reads everything again, after a time without connection
 * @returns takes it back
 */
export function watchLive(wanted: Subject, onMessage: Handler, reload: () => void): () => void {
  subject = wanted;
  handler = onMessage;
  onReconnect = reload;
  sendSubject();
  return () => {
    if (handler !== onMessage) return;
    subject = {};
    handler = () => {};
    onReconnect = () => {};
    sendSubject();
  };
}

export function connectLive(): void {
  open();
  // A computer that wakes up, or a network that is back, should not wait for the next try.
  addEventListener('online', retryNow);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && retryNow());
}

export function retryNow(): void {
  if (socket !== null) return;
  clearTimeout(retry);
  delayMs = FIRST_DELAY_MS;
  open();
}

function open(): void {
  const mine = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/api/v1/live`);
  let opened = false;
  socket = mine;
  mine.onopen = () => {
    opened = true;
    delayMs = FIRST_DELAY_MS;
    connection.value = 'open';
    sendSubject();
    if (wasOpen) onReconnect();
    wasOpen = true;
  };
  mine.onmessage = (event) => handler(JSON.parse(event.data as string) as LiveMessage);
  mine.onclose = () => {
    socket = null;
    if (connection.peek() !== 'signed-out') connection.value = 'lost';
    // A refused upgrade looks like a missing server: an ordinary request tells them apart.
    if (!opened) void findOutWhy();
    retry = setTimeout(open, delayMs * (0.8 + Math.random() * 0.4));
    delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
  };
}

async function findOutWhy(): Promise<void> {
  const status = await fetch('/api/v1/scripts').then(
    (response) => response.status,
    () => 0,
  );
  if (socket?.readyState !== WebSocket.OPEN) connection.value = status === 401 ? 'signed-out' : 'lost';
}

function sendSubject(): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ version: VERSION, ...subject }));
}
