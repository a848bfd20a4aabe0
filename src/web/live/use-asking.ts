// A request that a button makes: whether it is under way, and why it failed.

import { useState } from 'preact/hooks';
import { RequestFailed } from '../shell/api.ts';

export interface Asking {
  readonly isBusy: boolean;
  readonly problem: string | null;
  /** Runs one request at a time; what it throws is shown. */
  readonly ask: (request: () => Promise<unknown>) => void;
}

export function useAsking(): Asking {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  return {
    isBusy,
    problem,
    ask(request) {
      if (isBusy) return;
      setBusy(true);
      setProblem(null);
      request()
        .catch((error: unknown) => setProblem(words(error)))
        .finally(() => setBusy(false));
    },
  };
}

function words(error: unknown): string {
  if (error instanceof RequestFailed)
    return [error.message, error.todo].filter((text) => text !== null && text !== '').join('; ');
  return error instanceof Error ? error.message : String(error);
}
