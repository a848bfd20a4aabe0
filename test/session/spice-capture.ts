// What tshark sees of a SPICE session on the loopback device, told by its own reading of the protocol.

import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { runChild, startChild, type RunningChild } from '#system/child-process';
import { until } from './loopback.ts';

export const TSHARK = '/usr/bin/tshark';
/** A port to which words for the capture's file are sent; nobody listens there. */
const WORD_PORT = 9;
/** What carries something that was not carried before. */
const WANTED = 'tcp.len > 0 && !tcp.analysis.retransmission';

/** What one side of one connection sent. */
export interface CapturedSide {
  /** Of all its messages, by what TCP carried less what comes before the first one. */
  readonly bytes: number;
  /** As tshark reads them, with their heads of six bytes. It leaves some out beside large ones: not of a server's display channel. */
  readonly messages: number;
  readonly messageBytes: number;
  readonly frames: number;
  readonly frameBytes: number;
}

export class SpiceCapture {
  readonly #file: string;
  readonly #port: number;
  readonly #child: RunningChild;

  private constructor(file: string, port: number, child: RunningChild) {
    this.#file = file;
    this.#port = port;
    this.#child = child;
  }

  /** @throws where nothing can be captured here */
  static async start(port: number, file: string): Promise<SpiceCapture> {
    const filter = `tcp port ${port} or (udp port ${WORD_PORT} and dst host 127.0.0.1)`;
    const child = startChild(TSHARK, ['-q', '-i', 'lo', '-B', '64', '-f', filter, '-w', file]);
    const capture = new SpiceCapture(file, port, child);
    await capture.#wordComesThrough();
    return capture;
  }

  /** Ends when all that was sent before is in its file. @returns by connection, in the order of their beginning */
  async end(): Promise<{ readonly client: CapturedSide; readonly server: CapturedSide }[]> {
    await this.#wordComesThrough();
    this.#child.end();
    const { stderr } = await this.#child.result;
    if (/packets? dropped/.test(stderr)) throw new Error(`the capture is not whole: ${stderr}`);
    const rows = await this.#read(WANTED, FIELDS);
    return sum(
      rows,
      await this.#read(`${WANTED} && tcp.seq == 1`, ['tcp.stream', 'tcp.srcport', 'tcp.payload']),
      this.#port,
    );
  }

  kill(): void {
    this.#child.kill();
  }

  async #read(filter: string, fields: readonly string[]): Promise<string[][]> {
    const text: string[] = [];
    const args = [
      '-r',
      this.#file,
      '-d',
      `tcp.port==${this.#port},spice`,
      '-Y',
      filter,
      '-T',
      'fields',
      '-E',
      'aggregator= ',
    ];
    const { code, stderr } = await runChild(TSHARK, [...args, ...fields.flatMap((field) => ['-e', field])], {
      onStdout: (chunk) => text.push(String(chunk)),
    });
    if (code !== 0) throw new Error(`tshark can't read it: ${stderr}`);
    return text
      .join('')
      .split('\n')
      .filter((row) => row !== '')
      .map((row) => row.split('\t'));
  }

  async #wordComesThrough(): Promise<void> {
    const word = randomUUID();
    const socket = createSocket('udp4');
    let seen = false;
    let ended = false;
    void this.#child.result.then(() => (ended = true));
    try {
      await until(() => {
        if (ended) throw new Error('tshark captures nothing here');
        socket.send(word, WORD_PORT, '127.0.0.1');
        void readFile(this.#file, 'latin1').then(
          (text) => (seen ||= text.includes(word)),
          () => {},
        );
        return seen;
      });
    } finally {
      socket.close();
    }
  }
}

/** What follows a link message before the first other one: mechanism and ticket of a client, the result of a server. */
const AFTER_LINK = { client: 132, server: 4 };
const LINK_HEADER_BYTES = 16;
const FIELDS = [
  'tcp.stream',
  'tcp.srcport',
  'tcp.len',
  'spice.message_type',
  'spice.message_size',
  'spice.display_stream_data_size',
];

function sum(rows: readonly string[][], openings: readonly string[][], port: number) {
  const none = () => ({ bytes: 0, messages: 0, messageBytes: 0, frames: 0, frameBytes: 0 });
  const connections: { client: ReturnType<typeof none>; server: ReturnType<typeof none> }[] = [];
  const sideOf = (from: string) => (Number(from) === port ? 'server' : 'client');
  for (const [stream, from, length, types = '', sizes = '', frames = ''] of rows) {
    const connection = (connections[Number(stream)] ??= { client: none(), server: none() });
    const side = connection[sideOf(from!)];
    side.bytes += Number(length);
    // Link messages have a size and no type.
    if (types === '') continue;
    const count = types.split(' ').length;
    side.messages += count;
    for (const size of sizes.split(' ')) side.messageBytes += Number(size);
    side.messageBytes += 6 * count;
    for (const size of frames === '' ? [] : frames.split(' ')) {
      side.frames++;
      side.frameBytes += Number(size);
    }
  }
  for (const [stream, from, payload] of openings) {
    const side = sideOf(from!);
    const size = Buffer.from(payload!, 'hex').readUInt32LE(12);
    connections[Number(stream)]![side].bytes -= LINK_HEADER_BYTES + size + AFTER_LINK[side];
  }
  return connections.filter((connection) => connection !== undefined);
}
