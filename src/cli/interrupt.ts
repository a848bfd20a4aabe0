// Ctrl-C once: drain and keep what is done. Ctrl-C twice: stop now.

export interface Interrupt {
  /** Aborts at the first signal: begin nothing new. */
  readonly drain: AbortSignal;
  /** Aborts at the second: end what runs. */
  readonly stop: AbortSignal;
  release(): void;
}

/** Listens for SIGINT (drain, then stop) and SIGTERM, SIGHUP (stop at once). */
export function onInterrupt(tell: (text: string) => void): Interrupt {
  const drain = new AbortController();
  const stop = new AbortController();
  const onInt = () => {
    if (drain.signal.aborted) {
      stop.abort();
      return;
    }
    tell('stopping after the run in progress; Ctrl-C again stops now');
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
