// Finding out which parameters an encoder takes while it works: asked for on the page, one encoder at a time.

import type { EncoderInfo, LiveChange } from '#core/encoder';
import { UserError } from '#core/user-error';
import type { ProofState } from './encoders-wire.ts';

/** Each parameter takes a few small encodes; what is found until then is kept. */
const MAX_PROOF_MS = 10 * 60_000;

export interface ProveOptions {
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Resolves with what became of each parameter, by its name. */
export type ProveLive = (encoder: EncoderInfo, options: ProveOptions) => Promise<ReadonlyMap<string, LiveChange>>;

interface Proof {
  readonly encoder: EncoderInfo;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  state: ProofState;
}

export class LiveProofs {
  readonly #cacheFolder: string;
  readonly #prove: ProveLive;
  readonly #found = new Map<string, ReadonlyMap<string, LiveChange>>();
  #proof: Proof | null = null;

  constructor(cacheFolder: string, prove: ProveLive) {
    this.#cacheFolder = cacheFolder;
    this.#prove = prove;
  }

  /** The one at work, or the last; null before the first. */
  state(): ProofState | null {
    return this.#proof?.state ?? null;
  }

  /** The encoder with what was found out since it was discovered. */
  withProof(encoder: EncoderInfo): EncoderInfo {
    const found = this.#found.get(keyOf(encoder));
    if (found === undefined) return encoder;
    const parameters = encoder.parameters.map((parameter) => ({
      ...parameter,
      live: found.get(parameter.name) ?? parameter.live,
    }));
    return { ...encoder, parameters };
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
      encoder,
      stop,
      ended: Promise.resolve().then(() => this.#run(proof, signal)),
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

  async #run(proof: Proof, signal: AbortSignal): Promise<void> {
    const { encoder, stop } = proof;
    try {
      const found = await this.#prove(encoder, {
        cacheFolder: this.#cacheFolder,
        signal,
        onProgress: (done, total) => (proof.state = { ...proof.state, done, total }),
      });
      this.#found.set(keyOf(encoder), found);
      proof.state = { ...proof.state, state: stop.signal.aborted ? 'stopped' : 'done' };
    } catch (error) {
      const failure: ProofState = signal.aborted
        ? {
            ...proof.state,
            state: stop.signal.aborted ? 'stopped' : 'failed',
            problem: stop.signal.aborted ? null : `it took longer than ${MAX_PROOF_MS / 60_000} minutes`,
          }
        : { ...proof.state, state: 'failed', problem: error instanceof Error ? error.message : String(error) };
      proof.state = failure;
    }
  }
}

function keyOf({ engine, name }: EncoderInfo): string {
  return `${engine}\0${name}`;
}
