// Opening the queue of a lab.

import type { Queue } from '#core/queue';
import { openQueueFile } from './queue-file.ts';
import { DEFAULT_RULES, type QueueRules } from './queue-rules.ts';
import { SqliteQueue } from './sqlite-queue.ts';

export interface OpenQueueOptions {
  /** Opens only what is there; whatever would write fails. */
  readonly readonly?: boolean | undefined;
  /** How often an item is tried, and when. Every process that opens the same queue should have the same. */
  readonly rules?: Partial<QueueRules> | undefined;
}

/**
 * Opens the queue in a file, or makes it. Several processes may have it open.
 * @throws UserError where it is no queue, one of a newer encodelab, damaged, or can't be written
 */
export async function openQueue(path: string, options: OpenQueueOptions = {}): Promise<Queue> {
  const database = await openQueueFile(path, options.readonly ?? false);
  return new SqliteQueue(path, database, { ...DEFAULT_RULES, ...options.rules });
}
