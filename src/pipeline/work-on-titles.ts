// A worker on titles: takes items from the queue and does them, several at once, until there is nothing to do or it is told to stop.

import type { ItemRecord } from '#core/queue';
import { bySlots } from '#farm/admission';
import { PackedAdmission } from '#farm/packed-admission';
import { trainIfGrown } from '#farm/predict/learn';
import { runWorker, type WorkerEvent } from '#farm/worker';
import { completeRolling } from '#lab/complete-rolling';
import { FreeMemory } from '#measure/free-memory';
import { ItemRuns } from '#run/item-runs';
import type { ItemShape } from '#run/item-shape';
import { doItem } from './do-item.ts';
import { ItemForecasts } from './item-forecasts.ts';
import { ItemNeeds } from './item-needs.ts';
import { IdleCores, itemLimitBytes, ownMachine } from './machine.ts';
import type { Titles } from './titles.ts';
import { ownWorkerName } from './worker-name.ts';

/** An item whose worker says nothing for so long is anybody's. */
const LEASE_MS = 15_000;
/** How often a worker that goes on looks whether there is more to learn from. */
const LEARN_MS = 3_600_000;

export interface WorkOptions {
  readonly titles: Titles;
  /** Only items of this title, and until it has ended; all titles, for ever, where it is left out. */
  readonly title?: string | undefined;
  /** Items at work at once, whatever they need; as many as this machine has room for where it is left out. */
  readonly slots?: number | undefined;
  /** Cores and bytes of memory that items may take together; all cores, and most of the memory that is free, where left out. */
  readonly cpus?: number | undefined;
  readonly memory?: number | undefined;
  /** Nothing new is begun. */
  readonly drain: AbortSignal;
  /** What runs is given back. */
  readonly stop: AbortSignal;
  /** Milliseconds without progress after which an encoder is taken for hung; the engine's own limit where it is left out. */
  readonly stallMs?: number | undefined;
  /** Of encodelab. */
  readonly version: string;
  /** What a person should know. */
  readonly onNote: (text: string) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** @throws UserError where the queue can't be written */
export async function workOnTitles(options: WorkOptions): Promise<void> {
  const { titles, title, slots } = options;
  await completeRolling(titles.lab, options.onNote);
  const runs = await ItemRuns.start({ lab: titles.lab, version: options.version });
  const machine = ownMachine(options);
  const forecasts = new ItemForecasts(titles.lab.path);
  for (const problem of await forecasts.read()) options.onNote(problem);
  const needs = new ItemNeeds({ titles, machine, machineName: runs.machine, predict: forecasts.predict });
  const shapes = new WeakMap<ItemRecord, ItemShape>();
  const idle = new IdleCores();
  const free = new FreeMemory();
  // A worker on all titles goes on for months.
  const learning = title === undefined ? setInterval(() => void learnBeside(options, forecasts), LEARN_MS) : undefined;
  const packed = new PackedAdmission({
    machine,
    itemLimitBytes: itemLimitBytes(options),
    needOf: needs.needOf,
    memoryOf: (item) => shapes.get(item)?.memoryNow ?? null,
    idleCores: () => idle.read(),
    freeMemory: () => free.read(),
  });
  try {
    await runWorker({
      queue: titles.queue,
      name: ownWorkerName(),
      admission: slots === undefined ? packed : bySlots(slots),
      leaseMs: LEASE_MS,
      title,
      drain: options.drain,
      stop: options.stop,
      onEvent: (event) => {
        options.onEvent(event);
        if (event.kind !== 'released' || event.reason === null) return;
        const { title: of, key } = event.leased.item;
        options.onNote(`given back, to be done again with more: ${key} of ${of}: ${event.reason}`);
      },
      execute: async (leased, { signal }) => {
        const done = await doItem(leased, {
          titles,
          runs,
          threadsFor: (item) => needs.threadsOf(item),
          onShape: (shape) => shapes.set(leased.item, shape),
          signal,
          stallMs: options.stallMs,
          onNote: options.onNote,
        });
        const whole = shapes.get(leased.item)?.whole ?? null;
        if (whole !== null) forecasts.learn(whole);
        return done;
      },
    });
  } catch (error) {
    // What ended the work is worth more than what could not be written of it any more.
    await runs.close().catch((later: Error) => options.onNote(later.message));
    throw error;
  } finally {
    clearInterval(learning);
  }
  await runs.close();
  if (!options.drain.aborted) await learn(options);
}

async function learnBeside(options: WorkOptions, forecasts: ItemForecasts): Promise<void> {
  await learn(options, true);
  for (const problem of await forecasts.read()) options.onNote(problem);
}

/** What was done is learned from, where it is enough to learn something new. */
async function learn({ titles, stop, onNote }: WorkOptions, isBackground = false): Promise<void> {
  try {
    const model = await trainIfGrown(titles.lab, { signal: stop, isBackground });
    if (model !== null) onNote(`learned from ${model.rows} pieces of work of ${model.titles} titles`);
  } catch (error) {
    // The title is made all the same.
    if (!stop.aborted) onNote(`nothing was learned: ${(error as Error).message}`);
  }
}
