// What is asked for again and again while somebody looks: the server answers that nothing has changed, or with all of it.

import { useEffect, useMemo } from 'preact/hooks';
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Unchanged } from '#server/titles-wire';
import { RequestFailed } from '../shell/api.ts';
import type { Loaded, Resource } from '../shell/resource.ts';

const EVERY_MS = 1_000;
/** After a failure; the page's own connection tells that the server is gone. */
const AFTER_FAILURE_MS = 4_000;

/**
 * @param load given the counter of what is here already, or null
 * @param key what is asked for: another one begins anew
 */
export function usePolled<T extends { readonly counter: number }>(
  load: (since: number | null) => Promise<T | Unchanged>,
  key: string,
): Resource<T> {
  const polled = useMemo(() => new Polled(load), [key]);
  useEffect(() => {
    polled.start();
    return () => polled.stop();
  }, [polled]);
  return polled;
}

class Polled<T extends { readonly counter: number }> implements Resource<T> {
  readonly value: ReadonlySignal<Loaded<T>>;
  readonly first: Promise<void>;
  readonly #value = signal<Loaded<T>>({ state: 'loading' });
  readonly #load: (since: number | null) => Promise<T | Unchanged>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = true;
  #asked = 0;

  constructor(load: (since: number | null) => Promise<T | Unchanged>) {
    this.value = this.#value;
    this.#load = load;
    this.first = this.#ask();
  }

  start(): void {
    this.#isStopped = false;
    document.addEventListener('visibilitychange', this.#onSight);
    this.#next(EVERY_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#onSight);
  }

  reload(): Promise<void> {
    return this.#ask();
  }

  /** A page that nobody sees asks for nothing. */
  readonly #onSight = () => {
    if (document.visibilityState === 'visible') this.#next(0);
    else clearTimeout(this.#timer);
  };

  #next(delayMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#ask(), delayMs);
  }

  async #ask(): Promise<void> {
    const mine = ++this.#asked;
    const before = this.#value.peek();
    try {
      const answer = await this.#load(before.state === 'ready' ? before.data.counter : null);
      if (mine !== this.#asked) return;
      if (!('unchanged' in answer)) this.#value.value = { state: 'ready', data: answer };
      this.#next(EVERY_MS);
    } catch (error) {
      if (mine !== this.#asked) return;
      const isGone = error instanceof RequestFailed && error.status === 404;
      // What is shown stays while the server is away.
      if (before.state !== 'ready' || isGone) this.#value.value = { state: 'failed', error: error as Error };
      if (!isGone) this.#next(AFTER_FAILURE_MS);
    }
  }
}
