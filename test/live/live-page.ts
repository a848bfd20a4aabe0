// A live page without a browser: a WebSocket that asks, and keeps what comes.

import { setTimeout as sleep } from 'node:timers/promises';
import { Unpackr } from 'msgpackr';
import { WebSocket } from 'ws';
import { STREAM_PATH, type StreamMessage, type StreamPacket, type StreamRequest } from '#server/live-wire';

const LONGEST_MS = 10_000;
const unpackr = new Unpackr({ useRecords: false, moreTypes: true });

type Kind<K extends StreamMessage['type']> = Extract<StreamMessage, { type: K }>;

export class LivePage {
  readonly messages: StreamMessage[] = [];
  packets = 0;
  bytes = 0;
  readonly socket: WebSocket;

  constructor(serverUrl: string, headers: Readonly<Record<string, string>>) {
    this.socket = new WebSocket(serverUrl.replace('http', 'ws') + STREAM_PATH, { headers, perMessageDeflate: false });
    this.socket.on('message', (data) => {
      this.packets++;
      this.bytes += (data as Buffer).length;
      this.messages.push(...(unpackr.unpack(data as Buffer) as StreamPacket));
    });
  }

  async opened(): Promise<this> {
    await new Promise<void>((resolve, reject) => this.socket.once('open', resolve).once('error', reject));
    return this;
  }

  ask(request: Partial<Omit<StreamRequest, 'version'>>): void {
    const all = { version: 2, indicators: [], frames: false, pictures: false, pastS: 0, ...request };
    this.socket.send(JSON.stringify(all));
  }

  /** Everything of a kind that came. */
  all<K extends StreamMessage['type']>(type: K): Kind<K>[] {
    return this.messages.filter((message): message is Kind<K> => message.type === type);
  }

  /** Values of an indicator in the order in which they came. */
  values(key: string): number[] {
    return this.all('series').flatMap(({ agent, indicator, value }) =>
      `${agent}/${indicator}` === key ? [...value] : [],
    );
  }

  /** @throws Error with what was waited for */
  async until(what: string, test: () => boolean): Promise<void> {
    const end = Date.now() + LONGEST_MS;
    while (!test()) {
      if (Date.now() > end) throw new Error(`waited for ${what}`);
      await sleep(10);
    }
  }
}
