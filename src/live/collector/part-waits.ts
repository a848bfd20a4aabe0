// Waiting for parts of a session: until all of them run, and before one is tried again.

import type { PartState } from '#core/live';
import type { SessionPart } from '#core/session';
import { UserError } from '#core/user-error';

/** From the order to parts that all run: an encoder on a slow machine takes seconds to open. */
const START_MS = 45_000;
/** Between attempts to start a part, or to move it to another relay. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Until all parts run, one fails, or it takes too long. */
export class PartsWait {
  readonly #done = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout;

  /** @param missing parts that don't run yet */
  constructor(missing: () => readonly SessionPart[]) {
    this.#timer = setTimeout(() => {
      const left = missing();
      this.end(left.length === 0 ? null : tooLate(left));
    }, START_MS);
  }

  /** Rejects with a UserError. */
  get promise(): Promise<void> {
    return this.#done.promise;
  }

  /** @param error null where all of them run */
  end(error: UserError | null): void {
    clearTimeout(this.#timer);
    if (error === null) this.#done.resolve();
    else this.#done.reject(error);
  }
}

function tooLate(missing: readonly SessionPart[]): UserError {
  return new UserError({
    what: `the session did not start in ${START_MS / 1000} s: ${missing.join(' and ')} did not come to work`,
    todo: 'The feed and the agents themselves tell more.',
  });
}

/** What its agent says of trying again is not true of a session that did not start. */
export function partFailure({ part, agent, note }: PartState): UserError {
  const what = note?.replace(/; it is started again in [\d.]+ s$/, '') ?? `the ${part} failed`;
  return new UserError({ what, where: `${part} at ${agent}` });
}

/** When a part that could not be started is tried again, later and later. */
export class PartRetries {
  readonly #failures = new Map<SessionPart, { count: number; notBeforeMs: number; told: string }>();

  isTime(part: SessionPart): boolean {
    return performance.now() >= (this.#failures.get(part)?.notBeforeMs ?? 0);
  }

  /** @returns whether that is news */
  failed(part: SessionPart, reason: string): boolean {
    const before = this.#failures.get(part);
    const count = (before?.count ?? 0) + 1;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS);
    this.#failures.set(part, { count, notBeforeMs: performance.now() + waitMs, told: reason });
    return before?.told !== reason;
  }

  worked(part: SessionPart): void {
    this.#failures.delete(part);
  }

  clear(): void {
    this.#failures.clear();
  }
}
