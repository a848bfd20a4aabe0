// Something that is read from the server: while it loads, when it is there, when it failed.

import { signal, type ReadonlySignal } from '@preact/signals';

export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly data: T }
  | { readonly state: 'failed'; readonly error: Error };

export interface Resource<T> {
  readonly value: ReadonlySignal<Loaded<T>>;
  /** Reads again; what is shown stays until the answer is there. */
  reload(): Promise<void>;
  /** When the first answer is there, whatever it is. */
  readonly first: Promise<void>;
}

export function resource<T>(load: () => Promise<T>): Resource<T> {
  const value = signal<Loaded<T>>({ state: 'loading' });
  let latest = 0;
  async function reload(): Promise<void> {
    const mine = ++latest;
    const result = await load().then(
      (data): Loaded<T> => ({ state: 'ready', data }),
      (error: unknown): Loaded<T> => ({
        state: 'failed',
        error: error instanceof Error ? error : new Error(String(error)),
      }),
    );
    // A slow answer must not replace that of a later question; a failed refresh must not take away what is shown.
    if (mine !== latest || (result.state === 'failed' && value.peek().state === 'ready')) return;
    value.value = result;
  }
  return { value, reload, first: reload() };
}
