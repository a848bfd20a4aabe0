// A profile of the collector's own machine while a session goes on: one at a time, bounded in time, and gone with its process.

import type { LiveProfile } from '#core/live';
import { USUAL_PROFILE } from '#core/profile';
import { UserError } from '#core/user-error';
import { takeSlices, type TakenSlices } from '#perf/take-slices';
import { monotonicUs } from '#system/clock';
import type { AgentHub } from './agent-hub.ts';

/** It ends by itself then: nobody pays for a profile that was forgotten. */
const MAX_SECONDS = 600;
/** What perf may tell; a large machine tells 10 MB a second. */
const MAX_PERF_BYTES = 8 * 2 ** 30;
/** Slices that are kept for pages that come later: two minutes. */
const MAX_SLICES = 120;
const MAX_SLICE_BYTES = 64 * 2 ** 20;
/** A recording waits so long at its end for the last second of its profile: mostly less than two seconds, on a full machine many. */
const LAST_SLICE_MS = 30_000;

export interface ProfileSlice {
  readonly number: number;
  readonly packed: Uint8Array<ArrayBuffer>;
}

export interface LiveProfilingOptions {
  readonly hub: AgentHub;
  readonly hostId: string;
  readonly epochUs: number;
  readonly tell: (source: string, text: string) => void;
  readonly changed: () => void;
  /** Whatever is recorded keeps it. */
  readonly onSlice: (packed: Uint8Array) => void;
  /** The run that is recorded right now. */
  readonly run: () => string | null;
}

type Told = Omit<LiveProfile, 'run' | 'elsewhere' | 'slice'>;

export class LiveProfiling {
  readonly #options: LiveProfilingOptions;
  #told: Told | null = null;
  #taken: TakenSlices | null = null;
  #beginning: Promise<void> = Promise.resolve();
  /** Its end is seen to; resolves never to a failure. */
  #ending: Promise<void> = Promise.resolve();
  #slices: ProfileSlice[] = [];
  #sliceBytes = 0;
  #number = 0;
  #endNs = 0;
  /** Wake up with the next slice. */
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(options: LiveProfilingOptions) {
    this.#options = options;
  }

  state(): LiveProfile | null {
    if (this.#told === null) return null;
    const run = this.#told.state === 'ended' ? null : this.#options.run();
    return { ...this.#told, run, elsewhere: this.#elsewhere(), slice: this.#number };
  }

  /** @throws UserError where one is taken already, or this user may take none: with the line that would allow it */
  async start(operator: string): Promise<void> {
    if (this.#closed || (this.#told !== null && this.#told.state !== 'ended'))
      throw new UserError({ what: 'a profile is being taken', todo: 'Stop it first, or wait until it ends.' });
    this.#beginning = this.#begin(operator);
    return this.#beginning;
  }

  async #begin(operator: string): Promise<void> {
    const { epochUs, tell } = this.#options;
    this.#forget();
    const elsewhere = this.#elsewhere();
    this.#told = {
      state: 'starting',
      startedS: this.#nowS(),
      forS: MAX_SECONDS,
      zeroNs: epochUs * 1e3,
      scope: null,
      absent: [],
      overheadCpuS: 0,
      problem: null,
    };
    this.#options.changed();
    const taken = await takeSlices(
      {
        wanted: USUAL_PROFILE,
        pids: this.#pids(),
        maxBytes: MAX_PERF_BYTES,
        maxSeconds: MAX_SECONDS,
        absent: elsewhere.map((agent) => `agent ${agent}: it runs on another machine, and is not profiled`),
      },
      ({ endNs, overheadCpuS }, packed) => this.#take(endNs, overheadCpuS, packed),
    );
    if ('reason' in taken) {
      this.#change({ state: 'ended', problem: taken.reason });
      throw notAllowed(taken.reason);
    }
    this.#taken = taken;
    const { scope, absent } = taken.begun;
    this.#change({ state: 'running', startedS: this.#nowS(), scope, absent });
    tell(operator, 'profile started');
    this.#ending = taken.ended.then((problem) => {
      this.#taken = null;
      this.#change({ state: 'ended', problem });
      tell('system', problem === null ? 'The profile has ended.' : `The profile has ended: ${problem}.`);
      this.#wake();
    });
  }

  /** Ends it, and resolves when perf is gone. */
  async stop(): Promise<void> {
    // Whoever began it hears why it could not.
    await this.#beginning.catch(() => undefined);
    this.#taken?.stop();
    await this.#ending;
  }

  /** Slices after that one, oldest first. */
  after(number: number): readonly ProfileSlice[] {
    return this.#slices.filter((slice) => slice.number > number);
  }

  /** Resolves when the profile has come to that time, or none is taken, or that takes too long. */
  async until(timeUs: number): Promise<void> {
    const deadline = performance.now() + LAST_SLICE_MS;
    while (this.#taken !== null && this.#endNs < timeUs * 1e3) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        setTimeout(resolve, leftMs).unref();
      });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.stop();
  }

  #take(endNs: number, overheadCpuS: number | null, packed: Uint8Array<ArrayBuffer>): void {
    this.#endNs = endNs;
    this.#slices.push({ number: ++this.#number, packed });
    this.#sliceBytes += packed.length;
    while (this.#slices.length > MAX_SLICES || this.#sliceBytes > MAX_SLICE_BYTES)
      this.#sliceBytes -= this.#slices.shift()!.packed.length;
    this.#options.onSlice(packed);
    const before = this.#told?.overheadCpuS ?? null;
    this.#change({ overheadCpuS: before === null || overheadCpuS === null ? null : before + overheadCpuS });
    this.#wake();
  }

  #forget(): void {
    this.#slices = [];
    this.#sliceBytes = 0;
    this.#endNs = 0;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #change(change: Partial<Told>): void {
    if (this.#told !== null) this.#told = { ...this.#told, ...change };
    this.#options.changed();
  }

  /** Those of encodelab on this machine, where not all of it can be watched: this process, agents, parts of the session. */
  #pids(): number[] {
    const here = [...this.#options.hub.agents].filter(
      ({ connected, hello }) => connected && this.#isHere(hello.hostId),
    );
    const parts = here.flatMap(({ parts: all }) => [...all.values()].map(({ state }) => state.pid));
    return [...new Set([process.pid, ...here.map(({ hello }) => hello.pid), ...parts.filter((pid) => pid !== null)])];
  }

  #elsewhere(): string[] {
    return [...this.#options.hub.agents]
      .filter(({ connected, parts, hello }) => connected && parts.size > 0 && !this.#isHere(hello.hostId))
      .map(({ name }) => name);
  }

  #isHere(hostId: string): boolean {
    return hostId === this.#options.hostId;
  }

  #nowS(): number {
    return (monotonicUs() - this.#options.epochUs) / 1e6;
  }
}

/** The line that would allow it stands behind a colon where it is known. */
function notAllowed(reason: string): UserError {
  return new UserError({ what: `no profile can be taken: ${reason}` });
}
