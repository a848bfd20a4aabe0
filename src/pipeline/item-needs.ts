// What items of titles need, for a worker that packs them: predicted from what is known of each, and corrected by the finished items of its title.

import type { ItemRecord } from '#core/queue';
import type { Prediction, WorkFeatures } from '#core/shape';
import type { ItemKind, PlannedItem, TitlePlan } from '#core/title';
import { chooseThreads, type Scaled } from '#farm/choose-threads';
import type { ItemNeed, Machine } from '#farm/packed-admission';
import { checkedOf, planOf } from './title-files.ts';
import { itemFeatures, sourceOnly } from './item-shape.ts';
import type { Titles } from './titles.ts';

/** What is reserved for an item of which nothing can be predicted: a node child with FFmpeg, and some pictures. */
const UNKNOWN_MEMORY_BYTES = 300_000_000;
const UNKNOWN_CORES = 1;
/** An item waits for the disk some of the time, but its reservation is never less than this. */
const LEAST_CORES = 0.25;

export interface ItemNeedsOptions {
  readonly titles: Titles;
  readonly machine: Machine;
  /** As shapes call it. */
  readonly machineName: string;
  /** What an item of a title will take with nothing beside it. */
  readonly predict: (features: WorkFeatures, title: string) => Prediction;
}

export class ItemNeeds {
  readonly #options: ItemNeedsOptions;

  constructor(options: ItemNeedsOptions) {
    this.#options = options;
  }

  /** Never fails: where nothing is known of an item, least of all its plan, a stated guess stands. */
  readonly needOf = async (item: ItemRecord): Promise<ItemNeed> => {
    const known = await this.#known(item).catch(() => null);
    if (known === null) return { cores: UNKNOWN_CORES, memoryBytes: UNKNOWN_MEMORY_BYTES };
    if (known.plan === null || item.kind !== 'encode') return this.#need(known.features(1), item.title);
    return this.#need(known.features(this.#threads(item, known.plan, known.features)), item.title);
  };

  /** Threads for an encoder: those that were fixed, else those with which the title's encodes are finished soonest. */
  async threadsOf(item: ItemRecord): Promise<number> {
    const known = await this.#known(item);
    return known.plan === null ? 1 : this.#threads(item, known.plan, known.features);
  }

  #threads(item: ItemRecord, plan: TitlePlan, features: (threads: number) => WorkFeatures): number {
    const fixed = (item.fixed as { readonly threads?: number } | null)?.threads;
    if (fixed !== undefined) return fixed;
    const { machine } = this.#options;
    const scaling: Scaled[] = [];
    for (let threads = 1; threads <= machine.cores; threads *= 2) {
      const given = features(threads);
      const { durationS } = this.#options.predict(given, item.title);
      if (durationS !== null) scaling.push({ threads, durationS: durationS.value, ...this.#need(given, item.title) });
    }
    const encodes = plan.items.filter(({ kind }) => kind === 'encode').length;
    // Nothing is known: many narrow ones beat few wide ones, and where there are fewer than cores each gets its share.
    if (scaling.length === 0) return Math.max(1, Math.floor(machine.cores / Math.max(1, encodes)));
    return chooseThreads(encodes, scaling, machine);
  }

  #need(features: WorkFeatures, title: string): ItemNeed {
    const { cpuS, durationS, memoryBytes } = this.#options.predict(features, title);
    // Shapes were measured beside others, who made them take longer: an encoder keeps its threads busy when it is let.
    const least = features.threads ?? LEAST_CORES;
    const mean = cpuS === null || durationS === null ? UNKNOWN_CORES : cpuS.value / Math.max(durationS.value, 1e-3);
    return {
      cores: Math.min(Math.max(mean, least), this.#options.machine.cores),
      memoryBytes: memoryBytes?.high ?? UNKNOWN_MEMORY_BYTES,
    };
  }

  async #known(
    item: ItemRecord,
  ): Promise<{ readonly plan: TitlePlan | null; readonly features: (threads: number) => WorkFeatures }> {
    const { titles, machineName } = this.#options;
    if (item.kind === 'inspect') return { plan: null, features: () => sourceOnly(item.kind, null, machineName) };
    const { planFile, checkedFile } = titles.folder(item.title);
    const plan = (await planOf(planFile))!;
    const { info } = await checkedOf(checkedFile);
    const planned = plannedItem(item);
    return {
      plan,
      features: (threads) => itemFeatures({ plan, info, item: planned, threads, machine: machineName }),
    };
  }
}

export function plannedItem({ key, kind, needs, payload, costS }: ItemRecord): PlannedItem {
  const { chunk, renditions } = payload as { chunk: number | null; renditions: string[] };
  return { key, kind: kind as ItemKind, needs, chunk, renditions, costS };
}
