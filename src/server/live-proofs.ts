// Finding out which parameters an encoder takes while it works: asked for on the page, one encoder at a time.

import type { EncoderInfo } from '#core/encoder';
import { UserError } from '#core/user-error';
import type { ProofState } from './encoders-wire.ts';

/** A proof bounds itself, and sooner; this ends one that hangs. */
const MAX_PROOF_MS = 5 * 60_000;

export interface ProveOptions {
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Keeps what it finds out in the cache folder, where discovery reads it; also what was found when it is stopped. */
export type ProveLive = (encoder: EncoderInfo, options: ProveOptions) => Promise<unknown>;

interface Proof {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  state: ProofState;
}

export class LiveProofs {
  readonly #cacheFolder: string;
  readonly #prove: ProveLive;
  readonly #onEnd: (encoder: EncoderInfo) => void;
  #proof: Proof | null = null;

  /** @param onEnd told when there may be something new to read */
  constructor(cacheFolder: string, prove: ProveLive, onEnd: (encoder: EncoderInfo) => void) {
    this.#cacheFolder = cacheFolder;
    this.#prove = prove;
    this.#onEnd = onEnd;
  }

  /** The one at work, or the last; null before the first. */
  state(): ProofState | null {
    return this.#proof?.state ?? null;
  }

  /** @throws UserError where the encoder does not work here, or another is being looked at */
  start(encoder: EncoderInfo): ProofState {
    if (!encoder.available)
      throw new UserError({ what: `${encoder.name} does not work here: ${encoder.reason}`, todo: 'choose another' });
    if (this.#proof?.state.state === 'running')
      throw new UserError({
        what: `${this.#proof.state.encoder} is being looked at`,
        todo: 'stop that first, or wait until it has ended',
      });
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(MAX_PROOF_MS)]);
    const proof: Proof = {
      stop,
      ended: Promise.resolve().then(() => this.#run(proof, encoder, signal)),
      state: {
        engine: encoder.engine,
        encoder: encoder.name,
        state: 'running',
        done: null,
        total: null,
        problem: null,
      },
    };
    this.#proof = proof;
    return proof.state;
  }

  stop(): ProofState | null {
    this.#proof?.stop.abort();
    return this.state();
  }

  async close(): Promise<void> {
    this.#proof?.stop.abort();
    await this.#proof?.ended;
  }

  async #run(proof: Proof, encoder: EncoderInfo, signal: AbortSignal): Promise<void> {
    const end = await this.#prove(encoder, {
      cacheFolder: this.#cacheFolder,
      signal,
      onProgress: (done, total) => (proof.state = { ...proof.state, done, total }),
    }).then(
      () => ({ state: 'done', problem: null }) as const,
      (error: unknown) => {
        if (proof.stop.signal.aborted) return { state: 'stopped', problem: null } as const;
        const late = `it took longer than ${MAX_PROOF_MS / 60_000} minutes`;
        const problem = signal.aborted ? late : error instanceof Error ? error.message : String(error);
        return { state: 'failed', problem } as const;
      },
    );
    this.#onEnd(encoder);
    proof.state = { ...proof.state, ...end };
  }
}
