// Load on purpose: cores kept busy, memory held, GPUs that encode, all by children of ours, for as long as somebody renews
// the lease.

import os from 'node:os';
import { UserError } from '#core/user-error';
import { listGpus } from '#measure/gpu/gpu-list';
import { startChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { monotonicUs } from '#system/clock';
import type { StressLoad } from '../agent-wire.ts';
import { EncodeLoad, findGpuEncoder } from './encode-load.ts';

const LONGEST_LEASE_MS = 10 * 60_000;
/** More than this for each core is a mistake. */
const MAX_BURNERS_PER_CORE = 4;
const MAX_ENCODES = 16;

/** One child at work. */
interface Load {
  kill(): void;
  /** With why, where it ended by itself. */
  readonly result: Promise<string | null>;
}

export class Stress {
  readonly #onMessage: (text: string) => void;
  readonly #folder: string;
  #load: StressLoad | null = null;
  #children: Load[] = [];
  #lease: NodeJS.Timeout | undefined;

  /**
   * @param folder where encodes may write
   * @param onMessage for the feed
   */
  constructor(folder: string, onMessage: (text: string) => void) {
    this.#folder = folder;
    this.#onMessage = onMessage;
  }

  /**
   * Loads the machine like this from now on, or with null no more; resolves when the load before is gone. The same load once
   * more only renews the lease.
   * @throws UserError where this machine can't carry it
   */
  async set(load: StressLoad | null, leaseMs: number): Promise<void> {
    if (load !== null) check(load);
    const encoder = load !== null && load.gpu > 0 ? await findGpuEncoder() : null;
    clearTimeout(this.#lease);
    if (load === null) return this.#end();
    if (!isSame(load, this.#load)) {
      await this.#end();
      this.#begin(load);
      if (encoder !== null) for (let i = 0; i < load.gpu; i++) this.#add('GPU', new EncodeLoad(encoder, this.#folder));
    }
    clearTimeout(this.#lease);
    this.#lease = setTimeout(() => this.#expire(), Math.min(leaseMs, LONGEST_LEASE_MS));
  }

  close(): Promise<void> {
    clearTimeout(this.#lease);
    return this.#end();
  }

  #begin(load: StressLoad): void {
    this.#load = load;
    const whole = Math.floor(load.cpu);
    const shares = Array.from({ length: whole }, () => 1);
    if (load.cpu > whole) shares.push(load.cpu - whole);
    for (const share of shares) this.#start('cpu', share);
    if (load.memoryBytes > 0) this.#start('memory', load.memoryBytes);
  }

  #start(kind: 'cpu' | 'memory', amount: number): void {
    const args = [...ownModuleArgs(import.meta.url, './stress-child'), kind, String(amount)];
    const child = startChild(process.execPath, args, { openInput: true });
    child.stdin?.on('error', () => {
      // It died: its end is told below.
    });
    const result = child.result.then(({ signal, code }) => signal ?? `exit status ${code}`);
    this.#add(kind, { kill: () => child.kill(), result });
  }

  #add(kind: 'cpu' | 'memory' | 'GPU', child: Load): void {
    this.#children.push(child);
    void child.result.then((why) => {
      if (!this.#children.includes(child)) return;
      this.#children = this.#children.filter((one) => one !== child);
      this.#onMessage(`a load ended by itself: ${kind}, ${why ?? 'without a reason'}`);
    });
  }

  #expire(): void {
    this.#onMessage('the load on this machine ended: nobody renewed it');
    void this.#end();
  }

  async #end(): Promise<void> {
    const children = this.#children;
    this.#children = [];
    this.#load = null;
    for (const child of children) child.kill();
    await Promise.all(children.map(({ result }) => result));
  }
}

function check({ cpu, memoryBytes, gpu }: StressLoad): void {
  const cores = os.availableParallelism();
  if (!(cpu >= 0 && cpu <= cores * MAX_BURNERS_PER_CORE))
    throw new UserError({ what: `a load of ${cpu} cores on a machine that has ${cores}` });
  const total = os.totalmem();
  if (!(memoryBytes >= 0 && memoryBytes < total)) {
    throw new UserError({ what: `a load of ${memoryBytes} bytes of memory on a machine that has ${total}` });
  }
  if (!(gpu > 0)) return;
  const path = process.env['PATH'] ?? '';
  const gpus = listGpus({ proc: '/proc', sys: '/sys', dev: '/dev', path, clock: monotonicUs });
  if (gpus.length === 0) throw new UserError({ what: 'there is no GPU on this machine to load' });
  if (!(gpu <= MAX_ENCODES)) throw new UserError({ what: `${gpu} encodes at once are more than ${MAX_ENCODES}` });
}

function isSame(a: StressLoad, b: StressLoad | null): boolean {
  return b !== null && a.cpu === b.cpu && a.memoryBytes === b.memoryBytes && a.gpu === b.gpu;
}
