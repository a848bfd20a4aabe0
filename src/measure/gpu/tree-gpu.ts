// What the followed processes use of GPUs: /proc/PID/fdinfo of their open DRM devices, the same for every driver.

import { readdirSync, readlinkSync } from 'node:fs';
import type { Indicator } from '#core/indicator';
import type { ByteCursor } from '../byte-cursor.ts';
import { codeOf, HeldFile } from '../held-file.ts';
import type { Opened, Probe, ProbePlace } from '../probe.ts';
import type { SeriesBuffer } from '../series-buffer.ts';
import { ENGINE_KINDS, ENGINE_WORK } from './engine-kind.ts';
import { newDrmUsage, parseFdinfo, type DrmUsage } from './fdinfo.ts';

/** The kernel asks the driver, which may ask the hardware: not at 10 ms. */
const READ_INTERVAL_US = 100_000;
/** Finding new devices reads a link for each descriptor of each process. */
const SEARCH_INTERVAL_US = 500_000;
/** An encoder opens its device soon after it began: until then every reading searches. */
const EAGER_US = 2_000_000;
/** A descriptor each. */
const MAX_CLIENTS = 64;
/** Descriptors looked at in one process. */
const MAX_DESCRIPTORS = 1024;

/** The processes whose use is wanted. */
export interface Followed {
  pids(into: number[]): void;
}

interface Client {
  readonly pid: number;
  readonly descriptor: string;
  readonly file: HeldFile;
  readonly clientId: number;
  readonly device: number;
  readonly before: DrmUsage;
  readUs: number;
}

export class TreeGpuProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #place: ProbePlace;
  readonly #cursor: ByteCursor;
  readonly #followed: Followed;
  readonly #pids: number[] = [];
  readonly #now = newDrmUsage();
  readonly #shares = new Float64Array(ENGINE_KINDS.length);
  readonly #nodes: string;
  #clients: Client[] = [];
  #memoryBytes = NaN;
  #nextReadUs = -Infinity;
  #nextSearchUs = -Infinity;
  #eagerUntilUs = NaN;
  #failure: string | null = null;

  private constructor(place: ProbePlace, cursor: ByteCursor, prefix: string, followed: Followed) {
    this.#place = place;
    this.#cursor = cursor;
    this.#followed = followed;
    this.#nodes = `${place.dev}/dri/`;
    this.indicators = [
      ...ENGINE_KINDS.map((kind) => ({
        name: `${prefix}.gpu.${kind}`,
        unit: '1',
        description: `engines that worked for its processes: ${ENGINE_WORK[kind]}; two at work all the time are 2`,
      })),
      { name: `${prefix}.gpu.memory`, unit: 'byte', description: 'buffers of its processes on GPUs' },
    ];
  }

  /** @param prefix of the names: `encoder` */
  static open(place: ProbePlace, cursor: ByteCursor, prefix: string, followed: Followed): Opened<TreeGpuProbe> {
    const failure = driFailure(place.dev);
    if (failure !== null) return { absent: [`${prefix}.gpu: ${failure}`] };
    return { probe: new TreeGpuProbe(place, cursor, prefix, followed), absent: [] };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    const nowUs = this.#place.clock();
    if (nowUs < this.#nextReadUs) return null;
    this.#nextReadUs = nowUs + READ_INTERVAL_US;
    this.#pids.length = 0;
    this.#followed.pids(this.#pids);
    if (this.#pids.length === 0 && this.#clients.length === 0) return null;
    if (Number.isNaN(this.#eagerUntilUs)) this.#eagerUntilUs = nowUs + EAGER_US;
    this.#readClients();
    if (nowUs >= this.#nextSearchUs || (this.#clients.length === 0 && nowUs < this.#eagerUntilUs)) {
      this.#nextSearchUs = nowUs + SEARCH_INTERVAL_US;
      for (const pid of this.#pids) this.#search(pid);
    }
    for (let kind = 0; kind < ENGINE_KINDS.length; kind++) buffer.put(first + kind, this.#shares[kind]!);
    buffer.put(first + ENGINE_KINDS.length, this.#memoryBytes);
    return this.#failure;
  }

  #readClients(): void {
    this.#shares.fill(NaN);
    this.#memoryBytes = NaN;
    let gone = false;
    for (const client of this.#clients) {
      if (!this.#readClient(client)) {
        client.file.close();
        gone = true;
      }
    }
    if (gone) this.#clients = this.#clients.filter(({ file }) => file.failure === null);
  }

  /** False where the descriptor was closed, or is another client by now. */
  #readClient(client: Client): boolean {
    const { file, before } = client;
    const now = this.#now;
    const readUs = this.#place.clock();
    if (!file.read(this.#cursor)) return false;
    if (!parseFdinfo(this.#cursor, now) || !isSame(client, now)) {
      file.failure = 'EBADF';
      return false;
    }
    const elapsedNs = (readUs - client.readUs) * 1000;
    client.readUs = readUs;
    for (let kind = 0; kind < ENGINE_KINDS.length; kind++) {
      const share = Number.isNaN(now.busyNs[kind]!)
        ? grown(now.cycles, before.cycles, kind) / grown(now.totalCycles, before.totalCycles, kind)
        : grown(now.busyNs, before.busyNs, kind) / elapsedNs;
      if (!Number.isFinite(share)) continue;
      this.#shares[kind] = Number.isNaN(this.#shares[kind]!) ? share : this.#shares[kind]! + share;
    }
    this.#addMemory(now.memoryBytes);
    return true;
  }

  #addMemory(bytes: number): void {
    if (Number.isNaN(bytes)) return;
    this.#memoryBytes = (Number.isNaN(this.#memoryBytes) ? 0 : this.#memoryBytes) + bytes;
  }

  #search(pid: number): void {
    const folder = `${this.#place.proc}/${pid}/fd`;
    let descriptors: string[];
    try {
      descriptors = readdirSync(folder);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT' && code !== 'ESRCH') this.#failure = `${this.#prefix}: ${folder}: ${code}`;
      return;
    }
    const looked = Math.min(descriptors.length, MAX_DESCRIPTORS);
    for (let i = 0; i < looked; i++) {
      if (linkOf(`${folder}/${descriptors[i]!}`)?.startsWith(this.#nodes) === true) this.#found(pid, descriptors[i]!);
    }
  }

  /** What a client used before it was found is not counted: it may be from before the processes were followed. */
  #found(pid: number, descriptor: string): void {
    if (this.#clients.some((client) => client.pid === pid && client.descriptor === descriptor)) return;
    const path = `${this.#place.proc}/${pid}/fdinfo/${descriptor}`;
    const file = HeldFile.open(path);
    if (typeof file === 'string') {
      if (file !== 'ENOENT' && file !== 'ESRCH') this.#failure = `${this.#prefix}: ${path}: ${file}`;
      return;
    }
    const usage = newDrmUsage();
    const readUs = this.#place.clock();
    const isClient = file.read(this.#cursor) && parseFdinfo(this.#cursor, usage);
    const { clientId, device } = usage;
    // Without a number two descriptors of one client can't be told from two clients: drivers that old tell no engines.
    const isNew = isClient && !Number.isNaN(clientId) && !this.#clients.some((client) => isSame(client, usage));
    if (!isNew || this.#clients.length >= MAX_CLIENTS) {
      if (isNew) this.#failure = `${this.#prefix}: more than ${MAX_CLIENTS} clients of GPUs: the others are left out`;
      file.close();
      return;
    }
    this.#clients.push({ pid, descriptor, file, clientId, device, before: usage, readUs });
    this.#addMemory(usage.memoryBytes);
  }

  get #prefix(): string {
    return this.indicators[0]!.name.replace(/\.[^.]+$/, '');
  }

  close(): void {
    for (const { file } of this.#clients) file.close();
    this.#clients = [];
  }
}

function isSame(client: Client, usage: DrmUsage): boolean {
  return client.clientId === usage.clientId && Object.is(client.device, usage.device);
}

/** Growth since the reading before. A driver may tell less than before for a while: the larger value holds until then. */
function grown(now: Float64Array, before: Float64Array, kind: number): number {
  const value = Math.max(now[kind]!, before[kind]!);
  const growth = value - before[kind]!;
  before[kind] = Number.isNaN(value) ? now[kind]! : value;
  return growth;
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    codeOf(error);
    return null;
  }
}

/** Why no process can have a DRM device open here; null where there is one. */
export function driFailure(dev: string): string | null {
  try {
    const nodes = readdirSync(`${dev}/dri`).filter((name) => /^(card|renderD)\d+$/.test(name));
    return nodes.length > 0 ? null : `there is no device in ${dev}/dri`;
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? `there is no ${dev}/dri` : `${dev}/dri: ${code}`;
  }
}
