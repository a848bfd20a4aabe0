// What becomes of items that have ended: recorded as done or failed, in the order of ending, or given back.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from '#core/queue';
import { UserError } from '#core/user-error';
import type { EndedItem, Hands } from './hands.ts';
import type { ItemOutcome, WorkerEvent } from './worker.ts';

/** A result is worth some patience: how often it is tried to be recorded, and the wait before the second time. */
const RECORD_TRIES = 4;
const RECORD_WAIT_MS = 250;

type OnEvent = ((event: WorkerEvent) => void) | undefined;
type Done = EndedItem & { readonly end: { readonly kind: 'done'; readonly outcome: ItemOutcome } };
type BrokenOff = EndedItem & { readonly end: { readonly kind: 'broken-off'; readonly reason: string | null } };
type Failed = EndedItem & { readonly end: { readonly kind: 'error'; readonly error: unknown } };

/** @throws what the queue throws when it can't be written */
export async function recordEnds(queue: Queue, hands: Hands, onEvent: OnEvent): Promise<void> {
  const ended = hands.takeEnded();
  const kept = ended.filter(({ item }) => !item.isLost);
  const done = kept.filter((one): one is Done => one.end.kind === 'done');
  const failed = kept.filter((one): one is Failed => one.end.kind === 'error');
  const brokenOff = kept.filter((one): one is BrokenOff => one.end.kind === 'broken-off');
  if (done.length > 0) await complete(queue, done, onEvent);
  if (failed.length > 0) await fail(queue, failed, onEvent);
  if (brokenOff.length > 0) {
    await queue.release(brokenOff.map(({ item }) => item.leased.lease));
    for (const { item, end } of brokenOff) onEvent?.({ kind: 'released', leased: item.leased, reason: end.reason });
  }
  for (const { item } of ended) hands.letGo(item);
}

async function complete(queue: Queue, done: readonly Done[], onEvent: OnEvent): Promise<void> {
  let lost;
  try {
    lost = await insist(() =>
      queue.complete(
        done.map(({ item, end: { outcome } }) => ({
          lease: item.leased.lease,
          result: outcome.result,
          ...(outcome.add === undefined ? {} : { add: outcome.add }),
        })),
      ),
    );
  } catch (error) {
    if (error instanceof UserError) throw error;
    // One of the results can't be recorded, and nobody should suffer for it but its own item.
    if (done.length > 1) for (const one of done) await complete(queue, [one], onEvent);
    else await fail(queue, [{ ...done[0]!, end: { kind: 'error', error } }], onEvent);
    return;
  }
  const epochs = new Set(lost.map(({ epoch }) => epoch));
  for (const { item, durationMs, end } of done)
    onEvent?.(
      epochs.has(item.leased.lease.epoch)
        ? { kind: 'lost', leased: item.leased }
        : { kind: 'done', leased: item.leased, outcome: end.outcome, durationMs },
    );
}

async function fail(queue: Queue, failed: readonly Failed[], onEvent: OnEvent): Promise<void> {
  const failures = failed.map(({ item, end: { error } }) => ({
    lease: item.leased.lease,
    reason: error instanceof Error ? error.message : String(error),
    blame: error instanceof UserError ? ('final' as const) : ('own' as const),
  }));
  const lost = new Set((await insist(() => queue.fail(failures))).map(({ epoch }) => epoch));
  for (const [i, { item, durationMs }] of failed.entries()) {
    const { reason, blame } = failures[i]!;
    onEvent?.(
      lost.has(item.leased.lease.epoch)
        ? { kind: 'lost', leased: item.leased }
        : { kind: 'failed', leased: item.leased, reason, blame, durationMs },
    );
  }
}

/** A full disk may be emptied, a medium come back. */
async function insist<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UserError) || tries === RECORD_TRIES) throw error;
      await sleep(RECORD_WAIT_MS * 2 ** (tries - 1));
    }
}
