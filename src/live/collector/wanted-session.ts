// The session that is wanted, on disk: a collector that was killed goes on with it when it comes back.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '#core/settings';
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
  /** Streams that its senders had so far: the next is `video N + 1`. */
  readonly streams: number;
}

interface SessionMemory {
  readonly wanted: WantedSession | null;
  readonly ended: readonly string[];
}

const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.number())]));
const stored = z.object({
  version: z.literal(VERSION),
  wanted: z
    .object({ id: z.string(), settings, started: settings, token: z.string(), streams: z.number().int() })
    .nullable(),
  ended: z.array(z.string()),
});

/** What is remembered; nothing where the file is not there, damaged, or of another version: then the agents tell. */
export async function readSessionMemory(folder: string): Promise<SessionMemory> {
  const text = await readFile(join(folder, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  const found = text === null ? null : stored.safeParse(parsed(text));
  return found?.success === true ? found.data : { wanted: null, ended: [] };
}

export async function writeSessionMemory(folder: string, { wanted, ended }: SessionMemory): Promise<void> {
  const content = { version: VERSION, wanted, ended: ended.slice(-MAX_ENDED) };
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(content)}\n`, OWNER_ONLY);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A file that is no JSON is no memory.
    return null;
  }
}
