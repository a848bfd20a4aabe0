// One item of a title, done: whatever its kind, with what it needs, and never on a source that has changed.

import type { ItemRecord, Json, LeasedItem, NewItem, Queue } from '#core/queue';

import type { ItemKind, ItemResult } from '#core/title';
import { UserError } from '#core/user-error';
import type { ItemRuns } from '#run/item-runs';
import type { ItemShape } from '#run/item-shape';
import { checkedOf, planOf } from './title-files.ts';
import { plannedItem } from './item-needs.ts';
import { itemFeatures, sourceOnly, withShape } from './item-shape.ts';
import { checkSourceIsSame } from './source-identity.ts';
import type { ItemContext, ItemWork } from './item-work.ts';
import { assembleItem } from './items/assemble.ts';
import { audioItem } from './items/audio.ts';
import { encodeItem } from './items/encode.ts';
import { inspectItem } from './items/inspect.ts';
import { packageItem } from './items/package.ts';
import { publishItem } from './items/publish.ts';
import { textItem } from './items/text.ts';
import { thumbnailsItem } from './items/thumbnails.ts';
import { readRequest } from './title-request.ts';
import type { Titles } from './titles.ts';

const WORKS: Readonly<Record<Exclude<ItemKind, 'inspect'>, ItemWork>> = {
  encode: encodeItem,
  audio: audioItem,
  text: textItem,
  thumbnails: thumbnailsItem,
  assemble: assembleItem,
  package: packageItem,
  publish: publishItem,
};

/** Kinds that read the source. */
const READS_SOURCE: readonly string[] = ['encode', 'audio', 'text', 'thumbnails', 'assemble'] satisfies ItemKind[];

export interface DoItemOptions {
  readonly titles: Titles;
  readonly runs: ItemRuns;
  /** Threads for an encoder whose item is leased for the first time. */
  readonly threadsFor: (item: ItemRecord) => Promise<number>;
  /** What the item uses, while it is done. */
  readonly onShape: (shape: ItemShape) => void;
  readonly signal: AbortSignal;
  readonly stallMs?: number | undefined;
  /** What a person should know of a long item. */
  readonly onNote: (text: string) => void;
}

/**
 * @throws UserError where the item can't be done, whoever tries it again; Error for what another try may mend
 */
export async function doItem(
  leased: LeasedItem,
  { titles, runs, threadsFor, onShape, signal, stallMs, onNote }: DoItemOptions,
): Promise<{ result: Json; add?: NewItem[] }> {
  const { lease, item } = leased;
  const { queue, lab } = titles;
  const title = (await queue.title(item.title))!;
  const request = readRequest(title.request);
  const folder = titles.folder(item.title);
  if (item.kind === 'inspect') {
    const known = async () => {
      const info = await checkedOf(folder.checkedFile).then(
        (checked) => checked.info,
        () => null,
      );
      return { features: sourceOnly(item.kind, info, runs.machine), source: info?.hash ?? null };
    };
    const done = await withShape(runs, leased, signal, known, (shape) => {
      onShape(shape);
      return inspectItem({ request, folder, cacheFolder: lab.cacheFolder, shape, signal, onNote });
    });
    return { result: done.result as unknown as Json, add: done.add };
  }
  const plan = await planOf(folder.planFile);
  if (plan === null) throw new UserError({ what: 'the plan of the title is gone', where: folder.planFile });
  const readsSource = READS_SOURCE.includes(item.kind);
  const fix = (value: Json) => queue.fix(lease, value);
  const threads = item.kind === 'encode' ? threadsOf(await fix({ threads: await threadsFor(item) })) : 1;
  const checked = await checkedOf(folder.checkedFile);
  const planned = plannedItem(item);
  const context: Omit<ItemContext, 'shape'> = {
    lab,
    title: item.title,
    folder,
    source: request.source,
    checked,
    plan,
    item: planned,
    publishTo: request.out ?? titles.publishedFolder(request.replaces ?? title),
    runs,
    threads,
    resultOf: (key) => resultOf(queue, item.title, key),
    fix,
    stallMs,
    signal,
  };
  const known = async () => ({
    features: itemFeatures({ plan, info: checked.info, item: planned, threads, machine: runs.machine }),
    source: plan.source.hash,
  });
  const { result } = await withShape(runs, leased, signal, known, async (shape) => {
    onShape(shape);
    if (readsSource) await checkSourceIsSame(request, plan.source.hash, signal);
    const made = await WORKS[item.kind as keyof typeof WORKS]({ ...context, shape });
    if (readsSource) await checkSourceIsSame(request, plan.source.hash, signal);
    return { result: made };
  });
  return { result: result as unknown as Json };
}

/** @throws Error where the lease was lost meanwhile: then it is not for us to say */
function threadsOf(fixed: Json): number {
  const threads = (fixed as { readonly threads?: Json } | null)?.threads;
  if (typeof threads !== 'number') throw new Error('the item was taken over by another worker');
  return threads;
}

async function resultOf(queue: Queue, title: string, key: string): Promise<ItemResult> {
  const item = await queue.item(title, key);
  if (item?.state !== 'done') throw new Error(`${key} has no result yet`);
  return item.result as unknown as ItemResult;
}
