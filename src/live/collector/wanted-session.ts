// The session that is wanted, on disk: a collector that was killed goes on with it when it comes back.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import { writeFileAtomic } from '#system/atomic-file';

const FILE = 'live-session.json';
const VERSION = 1;
/** It holds the token of the relay. */
const OWNER_ONLY = 0o600;
/** Ids of sessions that were ended, so that a part that comes back later is not taken for a session of its own. */
const MAX_ENDED = 100;

export interface WantedSession {
  readonly id: string;
  /** As the operator wants them now, and as it was started. */
  readonly settings: Settings;
  readonly started: Settings;
  /** That its parts know each other by. */
  readonly token: string;
  /** Of a SPICE desktop: whether our sender encodes in the guest. */
  readonly hasDevice: boolean;
  /** Streams that its senders had so far: the next is `video N + 1`. */
  readonly streams: number;
}

/** What is remembered of sessions. */
export interface Remembered {
  readonly wanted: WantedSession | null;
  readonly ended: readonly string[];
}

const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.number())]));
const stored = z.object({
  version: z.literal(VERSION),
  wanted: z
    .object({
      id: z.string(),
      settings,
      started: settings,
      token: z.string(),
      hasDevice: z.boolean().default(false),
      streams: z.number().int(),
    })
    .nullable(),
  ended: z.array(z.string()),
});

export class SessionMemory {
  readonly #path: string;
  /** One write after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#path = join(folder, FILE);
  }

  /** Nothing where the file is not there, damaged, or of another version: then the agents tell. */
  async read(): Promise<Remembered> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    const found = text === null ? null : stored.safeParse(parsed(text));
    return found?.success === true ? found.data : { wanted: null, ended: [] };
  }

  /** @throws UserError where the disk does not take it */
  write({ wanted, ended }: Remembered): Promise<void> {
    const content = `${JSON.stringify({ version: VERSION, wanted, ended: ended.slice(-MAX_ENDED) })}\n`;
    // One that failed was told to whoever wanted it.
    this.#last = this.#last.catch(() => undefined).then(() => this.#write(content));
    return this.#last;
  }

  async #write(content: string): Promise<void> {
    try {
      await writeFileAtomic(this.#path, content, OWNER_ONLY);
    } catch (error) {
      throw new UserError(
        {
          what: `the session can't be remembered: ${(error as Error).message}`,
          where: this.#path,
          todo: 'Make it possible to write there, and try again.',
        },
        { cause: error },
      );
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A file that is no JSON is no memory.
    return null;
  }
}
