// Requests to a lab's server about its live system: JSON over HTTP with the lab's token; what it refuses is told in its words.

import { z } from 'zod';
import { UserError, type Problem } from '#core/user-error';

/** Any answer that is no long poll comes within this time. */
const ANSWER_MS = 30_000;
/** A server that is being started anew is asked again for so long. */
const AWAY_MS = 30_000;
const RETRY_MS = 500;

export interface LiveServer {
  /** `http://127.0.0.1:4600` */
  readonly url: string;
  /** Of the lab that it serves. */
  readonly token: string;
}

interface Ask {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Seconds that the server may wait before it answers. */
  readonly waitS?: number;
  /** True where it may be asked again when nobody answers. */
  readonly again?: boolean;
}

const PROBLEMS = z.object({
  problems: z.array(z.object({ what: z.string(), where: z.string().optional(), todo: z.string().optional() })).min(1),
});

export class LiveConnection {
  readonly #base: URL;
  readonly #token: string;

  /** @throws UserError where that is no address */
  constructor({ url, token }: LiveServer) {
    const base = URL.parse(url);
    if (base === null || !/^https?:$/.test(base.protocol))
      throw new UserError({
        what: `"${url}" is no address of a server`,
        where: '--collector',
        todo: 'as http://127.0.0.1:4600',
      });
    this.#base = base;
    this.#token = token;
  }

  get url(): string {
    return this.#base.origin;
  }

  /**
   * @param path below /api/v1/live/
   * @throws UserError where the server can't be reached or refuses; the signal's reason where it is aborted
   */
  async ask<Answer>(path: string, ask: Ask = {}): Promise<Answer> {
    const untilMs = performance.now() + (ask.again === true ? AWAY_MS : 0);
    for (;;) {
      try {
        return await this.#askOnce<Answer>(path, ask);
      } catch (error) {
        if (!(error instanceof ServerAway) || performance.now() >= untilMs) throw error;
        await pause(RETRY_MS, ask.signal);
      }
    }
  }

  async #askOnce<Answer>(path: string, { method = 'GET', body, signal, waitS = 0 }: Ask): Promise<Answer> {
    const limit = AbortSignal.timeout(ANSWER_MS + waitS * 1000);
    const response = await fetch(new URL(`/api/v1/live/${path}`, this.#base), {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    }).catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw new ServerAway(this.url, cause);
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer as Answer;
    throw new UserError(refusal(answer, response.status, this.url));
  }
}

/** Nobody answers at that address. */
class ServerAway extends UserError {
  constructor(url: string, cause: unknown) {
    super({ what: `no server answers at ${url}`, todo: 'start one: encodelab serve' }, { cause });
  }
}

function refusal(answer: unknown, status: number, url: string): Problem[] {
  const parsed = PROBLEMS.safeParse(answer);
  return parsed.success ? parsed.data.problems : [{ what: `what listens at ${url} answered with status ${status}` }];
}

/** @throws the signal's reason where it is aborted */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
