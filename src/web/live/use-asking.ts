// A request that a button makes: whether it is under way, and why it failed.

import { useState } from 'preact/hooks';
import { problemWords } from '../shell/api.ts';

export interface Asking {
  readonly isBusy: boolean;
  readonly problem: string | null;
  /** What it throws is shown. */
  readonly ask: (request: () => Promise<unknown>) => void;
}

/** One request at a time: another one is not made meanwhile. */
export function useAsking(): Asking {
  const { isBusy, problem, ask } = useAskingOften();
  return { isBusy, problem, ask: (request) => (isBusy ? undefined : ask(request)) };
}

/** Requests that need not wait for each other. */
export function useAskingOften(): Asking {
  const [running, setRunning] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  return {
    isBusy: running > 0,
    problem,
    ask(request) {
      setRunning((count) => count + 1);
      setProblem(null);
      request()
        .catch((error: unknown) => setProblem(problemWords(error)))
        .finally(() => setRunning((count) => count - 1));
    },
  };
}
