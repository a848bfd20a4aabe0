// Ctrl-C once: drain and keep what is done. Ctrl-C twice: stop now.

export interface Interrupt {
  /** Aborts at the first signal: begin nothing new. */
  readonly drain: AbortSignal;
  /** Aborts at the second: end what runs. */
  readonly stop: AbortSignal;
  release(): void;
}

/** What `tell` of a command says that does items of titles. */
export const ENDING_ITEMS = 'stopping after the items in work; Ctrl-C again stops now';

/** Listens for SIGINT (drain, then stop) and SIGTERM, SIGHUP (stop at once). @param tell says what the first Ctrl-C does */
export function onInterrupt(tell: () => void): Interrupt {
  const drain = new AbortController();
  const stop = new AbortController();
  const onInt = () => {
    if (drain.signal.aborted) {
      stop.abort();
      return;
    }
    tell();
    drain.abort();
  };
  const onTerm = () => {
    drain.abort();
    stop.abort();
  };
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  process.on('SIGHUP', onTerm);
  return {
    drain: drain.signal,
    stop: stop.signal,
    release: () => {
      process.off('SIGINT', onInt);
      process.off('SIGTERM', onTerm);
      process.off('SIGHUP', onTerm);
    },
  };
}
