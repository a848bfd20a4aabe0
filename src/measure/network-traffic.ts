// /proc/net/dev: bytes that came and went over the network, the loopback apart. Format: proc_pid_net(5).

import { existsSync } from 'node:fs';
import type { Indicator } from '#core/indicator';
import type { ByteCursor } from './byte-cursor.ts';
import { HeldFile } from './held-file.ts';
import { Interval, rate, type Opened, type Probe, type ProbePlace } from './probe.ts';
import type { SeriesBuffer } from './series-buffer.ts';

const LOOPBACK = 'lo';
const COLON = 58;
const HEADER_LINES = 2;

/** Reads bytes received and sent of the named interfaces, a pair each. */
export function parseInterfaces(cursor: ByteCursor, names: readonly Uint8Array[], into: Float64Array): void {
  for (let line = 0; line < HEADER_LINES; line++) cursor.skipLine();
  while (!cursor.done) {
    cursor.skipBlanks();
    const index = indexOfName(cursor, names);
    if (index !== -1) {
      cursor.at += names[index]!.length + 1;
      into[index * 2] = cursor.number();
      cursor.skipFields(7);
      into[index * 2 + 1] = cursor.number();
    }
    cursor.skipLine();
  }
}

function indexOfName(cursor: ByteCursor, names: readonly Uint8Array[]): number {
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (cursor.startsWith(name) && cursor.bytes[cursor.at + name.length] === COLON) return i;
  }
  return -1;
}

/**
 * Interfaces that lead out of this host. Those of real devices where there are any: bridges, tunnels and their like
 * carry the same bytes once more. In a container, which has none of these, all but the loopback.
 */
function outwardInterfaces(place: ProbePlace, netDev: string): string[] {
  const all = [...netDev.matchAll(/^\s*([^\s:]+):/gm)].map((match) => match[1]!).filter((name) => name !== LOOPBACK);
  const real = all.filter((name) => existsSync(`${place.sys}/class/net/${name}/device`));
  return real.length > 0 ? real : all;
}

export class NetworkProbe implements Probe {
  readonly indicators: readonly Indicator[] = [
    { name: 'network.receive', unit: 'byte/s', description: 'received over the network, loopback apart' },
    { name: 'network.transmit', unit: 'byte/s', description: 'sent over the network, loopback apart' },
    { name: 'network.loopback', unit: 'byte/s', description: 'sent from this host to itself' },
  ];
  readonly #place: ProbePlace;
  readonly #cursor: ByteCursor;
  readonly #file: HeldFile;
  /** The loopback comes first. */
  readonly #names: readonly Uint8Array[];
  readonly #interval = new Interval();
  readonly #now: Float64Array;
  readonly #before: Float64Array;

  private constructor(place: ProbePlace, cursor: ByteCursor, file: HeldFile, names: readonly string[]) {
    this.#place = place;
    this.#cursor = cursor;
    this.#file = file;
    this.#names = [LOOPBACK, ...names].map((name) => Buffer.from(name));
    this.#now = new Float64Array(this.#names.length * 2).fill(NaN);
    this.#before = new Float64Array(this.#names.length * 2).fill(NaN);
  }

  static open(place: ProbePlace, cursor: ByteCursor): Opened<NetworkProbe> {
    const path = `${place.proc}/net/dev`;
    const file = HeldFile.open(path);
    if (typeof file === 'string') return { absent: [`network: ${path}: ${file}`] };
    if (!file.readRecords(cursor)) {
      file.close();
      return { absent: [`network: ${path}: ${file.failure}`] };
    }
    const names = outwardInterfaces(place, cursor.bytes.toString('latin1', 0, cursor.end));
    return { probe: new NetworkProbe(place, cursor, file, names), absent: [] };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    const seconds = this.#interval.step(this.#place.clock());
    if (!this.#file.readRecords(this.#cursor)) {
      this.#before.fill(NaN);
      return `network: ${this.#file.path}: ${this.#file.failure}`;
    }
    parseInterfaces(this.#cursor, this.#names, this.#now);
    let received = 0;
    let sent = 0;
    for (let i = 2; i < this.#now.length; i += 2) {
      received += rate(this.#now[i]!, this.#before[i]!, seconds);
      sent += rate(this.#now[i + 1]!, this.#before[i + 1]!, seconds);
    }
    buffer.put(first, received);
    buffer.put(first + 1, sent);
    buffer.put(first + 2, rate(this.#now[1]!, this.#before[1]!, seconds));
    this.#before.set(this.#now);
    return null;
  }

  close(): void {
    this.#file.close();
  }
}
