// The titles of a lab: added, found, told about and taken away. What is done with them is in work-on-titles.ts.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queue, TitleRecord, TitleToAdd } from '#core/queue';
import type { ItemResult, MadeRendition, Rendition, TitlePlan, TitleSummary } from '#core/title';
import { UserError } from '#core/user-error';
import { openQueue } from '#farm/queue/open-queue';
import type { Lab } from '#lab/lab';
import { hashFile } from '#media/content-hash';
import { newId } from '#system/clock';
import { isSameOfAnyFile, isSameRequest, readRequest, requestJson, type TitleRequest } from './title-request.ts';
import { publishedRoot } from './package/published-folder.ts';
import { readPlan } from './plan-file.ts';
import { TitleFolder } from './title-folder.ts';

/** In the lab's folder; not there before the first title. */
export const QUEUE_FILE = 'queue.sqlite';
const TITLES = 'titles';
/** The end of an id is random, its beginning a time. */
const ID_END = 8;
const MAX_NAME = 60;
/** Titles that are looked through for one that asks for the same. */
const MAX_LOOKED_THROUGH = 10_000;

/** Titles that one transaction adds: it holds the queue for some ten milliseconds. */
const TITLES_AT_ONCE = 500;

/** Priority of a title that somebody waits for, and of a catalogue's re-encode. */
export const NEW_TITLE_PRIORITY = 100;
export const CAMPAIGN_PRIORITY = 0;

export const INSPECT_ITEM = 'inspect';

export interface TitleWish {
  readonly name: string;
  readonly request: TitleRequest;
  readonly priority: number;
  readonly deadline: string | null;
  readonly campaign: string | null;
}

/** A server needs no more of a lab than where it is. */
export class Titles<L extends Pick<Lab, 'path'> = Lab> {
  readonly lab: L;
  readonly queue: Queue;

  constructor(lab: L, queue: Queue) {
    this.lab = lab;
    this.queue = queue;
  }

  folder(id: string): TitleFolder {
    return new TitleFolder(join(this.lab.path, TITLES, id));
  }

  /** Where a title is published when nobody says where. */
  publishedFolder({ id, name }: Pick<TitleRecord, 'id' | 'name'>): string {
    return join(publishedRoot(this.lab.path), `${folderName(name)}-${id.slice(-ID_END)}`);
  }

  /** Adds a title with the item that all others come from. */
  async add(wish: TitleWish): Promise<string> {
    const added = newTitle(wish);
    await this.folder(added.title.id).make();
    await this.queue.addTitle(added.title, added.items);
    return added.title.id;
  }

  /** Adds many titles in their order, in few transactions; their folders are made when they are begun. */
  async addAll(wishes: readonly TitleWish[]): Promise<string[]> {
    const ids: string[] = [];
    for (let from = 0; from < wishes.length; from += TITLES_AT_ONCE) {
      const added = wishes.slice(from, from + TITLES_AT_ONCE).map(newTitle);
      await this.queue.addTitles(added);
      ids.push(...added.map(({ title }) => title.id));
    }
    return ids;
  }

  /**
   * The newest title that asks for the same and was not cancelled; null where there is none. A source that was moved away and
   * back, or touched, is still the same where it holds what the title was planned from.
   */
  async findSame(request: TitleRequest): Promise<TitleRecord | null> {
    const titles = await this.queue.titles({ limit: MAX_LOOKED_THROUGH });
    const kept = titles.filter(({ state }) => state !== 'cancelled');
    const same = kept.find((title) => isSameRequest(readRequest(title.request), request));
    if (same !== undefined || request.identity === null) return same ?? null;
    let hash: string | null = null;
    for (const title of kept) {
      if (!isSameOfAnyFile(readRequest(title.request), request)) continue;
      const plan = await this.plan(title.id);
      if (plan === null) continue;
      hash ??= await hashFile(request.source);
      if (plan.source.hash === hash) return title;
    }
    return null;
  }

  /** @throws UserError where no title, or more than one, has an id that begins so */
  async find(id: string): Promise<TitleRecord> {
    const ids = await this.queue.titlesByPrefix(id);
    const exact = ids.includes(id) ? id : ids.length === 1 ? ids[0]! : null;
    const found = exact === null ? null : await this.queue.title(exact);
    if (found !== null) return found;
    throw new UserError(
      ids.length === 0
        ? { what: `there is no title ${id} in this lab`, todo: 'encodelab titles list shows them' }
        : { what: `${id} begins more than one title`, todo: `one of: ${ids.join(', ')}` },
    );
  }

  /** The plan; null while there is none. */
  plan(id: string): Promise<TitlePlan | null> {
    return readPlan(this.folder(id).planFile);
  }

  /** What became of a title: the last line of `encode --json`. */
  async summary(id: string): Promise<TitleSummary> {
    const title = await this.queue.title(id);
    if (title === null) throw new UserError({ what: `there is no title ${id} in this lab` });
    const ended = title.state === 'done' || title.state === 'failed' || title.state === 'cancelled';
    const plan = await this.plan(id);
    const renditions: MadeRendition[] = [];
    for (const rendition of plan?.renditions ?? []) {
      const made = await this.#made(id, rendition, plan!);
      if (made !== null) renditions.push(made);
    }
    const published = await this.#result(id, 'publish');
    const { hls, dash } = (published?.facts ?? {}) as { hls?: string; dash?: string };
    return {
      title: id,
      outcome: ended ? (title.state as TitleSummary['outcome']) : 'interrupted',
      reason: await this.#wholeReason(title),
      renditions,
      manifests: hls === undefined || dash === undefined ? null : { hls, dash },
    };
  }

  /** Takes a title away with all that was made for it, but not what was published. */
  async delete(id: string): Promise<void> {
    await this.queue.deleteTitle(id);
    await rm(this.folder(id).path, { recursive: true, force: true });
  }

  close(): Promise<void> {
    return this.queue.close();
  }

  /** With all that its first failed item says: the remedy stands behind the line that the list of titles shows. */
  async #wholeReason({ id, state, reason }: TitleRecord): Promise<string | null> {
    if (state !== 'failed' || reason === null) return reason;
    const [item] = await this.queue.items(id, { state: 'failed', limit: 1 });
    const [line, ...more] = item?.error?.split('\n') ?? [];
    return more.length > 0 && reason.includes(line!) ? [reason, ...more].join('\n') : reason;
  }

  async #made(id: string, rendition: Rendition, plan: TitlePlan): Promise<MadeRendition | null> {
    const kind = rendition.kind === 'video' ? 'assemble' : rendition.kind;
    const output = (await this.#result(id, `${kind}/${rendition.id}`))?.outputs[0];
    if (output === undefined || rendition.kind === 'text') return null;
    const seconds = plan.source.duration;
    const isVideo = rendition.kind === 'video';
    return {
      codec: rendition.codec,
      width: isVideo ? rendition.width : null,
      height: isVideo ? rendition.height : null,
      bitrate: seconds > 0 ? Math.round((output.bytes * 8) / seconds) : 0,
      frames: isVideo ? output.frames : null,
      bytes: output.bytes,
    };
  }

  async #result(id: string, key: string): Promise<ItemResult | null> {
    return ((await this.queue.item(id, key))?.result ?? null) as unknown as ItemResult | null;
  }
}

/** Opens the titles of a lab; close them with `close`. @throws UserError where the queue can't be opened */
export async function openTitles<L extends Pick<Lab, 'path'>>(
  lab: L,
  options: { readonly readonly?: boolean } = {},
): Promise<Titles<L>> {
  return new Titles(lab, await openQueue(join(lab.path, QUEUE_FILE), options));
}

function newTitle({ name, request, priority, deadline, campaign }: TitleWish): TitleToAdd {
  return {
    title: { id: newId(), name, priority, deadline, campaign, request: requestJson(request) },
    items: [{ key: INSPECT_ITEM, kind: 'inspect', needs: [], payload: null, costS: null }],
  };
}

/** A name that is good in an address and in a file system: `Big Buck Bunny (2008)` → `big-buck-bunny-2008`. */
function folderName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_NAME)
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? 'title' : plain;
}
