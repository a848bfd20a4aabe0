// The titles of a lab as pages show them: a list, and one with its pipeline. Nothing is opened or made before there is a title.

import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { ItemRecord, ItemState, TitleRecord } from '#core/queue';
import type { ItemKind, ItemResult, TitleState } from '#core/title';
import { UserError } from '#core/user-error';
import { publishedRoot } from '#pipeline/package/published-folder';
import { TitleProgress } from '#pipeline/progress/title-progress';
import { readRequest } from '#pipeline/title-request';
import { openTitles, QUEUE_FILE, type Titles } from '#pipeline/titles';
import type { LabView } from './lab-view.ts';
import { licenceToken, readPublishedTitle } from './licences.ts';
import { laneView, wayTimes } from './title-lane-view.ts';
import { digestOf, renditionView, type PlanDigest } from './title-renditions.ts';
import { titleTimeline, type TimelineRange } from './title-timeline.ts';
import {
  TITLES_VERSION,
  type ItemLine,
  type ItemLines,
  type Playable,
  type TitleAction,
  type TitleLine,
  type TitleList,
  type TitleTimeline,
  type TitleView,
  type Unchanged,
} from './titles-wire.ts';

/** Titles of which the progress is kept, those that were looked at last. */
const MAX_KEPT = 4;
/** Lengths of sources that are kept: they never change. */
const MAX_LENGTHS = 10_000;
const MAX_FAILED = 20;
const MAX_RUNNING = 64;
/** Of a failure's text, its end. */
const ERROR_TAIL = 4_000;
/** Variants of a title that may be published beside it. */
const CLEAR = 'none';

interface Kept {
  readonly progress: TitleProgress;
  plan: PlanDigest | null;
}

interface ListWish {
  readonly limit: number;
  readonly offset: number;
  /** What the page has. */
  readonly since: number | null;
}

interface ItemsWish {
  readonly limit: number;
  readonly offset: number;
  readonly state?: ItemState | undefined;
  readonly kind?: string | undefined;
}

export class TitlePages {
  readonly #lab: Pick<LabView, 'path'>;
  readonly #serverToken: string;
  #opened: Promise<Titles<Pick<LabView, 'path'>>> | null = null;
  readonly #kept = new Map<string, Kept>();
  readonly #lengths = new Map<string, number>();

  /** @param serverToken from which those of licences are derived */
  constructor(lab: Pick<LabView, 'path'>, serverToken: string) {
    this.#lab = lab;
    this.#serverToken = serverToken;
  }

  /** Newest first. */
  async list({ limit, offset, since }: ListWish): Promise<TitleList | Unchanged> {
    const titles = await this.#titles();
    if (titles === null) return { version: TITLES_VERSION, counter: 0, titles: [], more: false };
    const counter = await titles.queue.changeCounter();
    if (counter === since) return { version: TITLES_VERSION, counter, unchanged: true };
    const found = await titles.queue.titles({ limit: limit + 1, offset });
    const lines: TitleLine[] = [];
    for (const title of found.slice(0, limit)) lines.push(await this.#line(titles, title));
    return { version: TITLES_VERSION, counter, titles: lines, more: found.length > limit };
  }

  /** Null where there is no such title. */
  async title(id: string, since: number | null): Promise<TitleView | Unchanged | null> {
    const titles = await this.#titles();
    const title = (await titles?.queue.title(id)) ?? null;
    if (titles === null || title === null) return null;
    const kept = this.#keep(titles, id);
    const { progress } = kept;
    await progress.update();
    const { counter, tries } = progress;
    if (counter === since) return { version: TITLES_VERSION, counter, unchanged: true };
    kept.plan ??= await this.#digest(titles, id);
    const { plan } = kept;
    const nowMs = Date.now();
    const { queue } = titles;
    const [failed, published] = await Promise.all([
      title.items.failed === 0 ? [] : queue.items(id, { state: 'failed', limit: MAX_FAILED }),
      queue.item(id, 'publish'),
    ]);
    const manifests = manifestsOf(published);
    return {
      version: TITLES_VERSION,
      counter,
      nowMs,
      title: await this.#line(titles, title),
      source: readRequest(title.request).source,
      ladder: plan?.ladder ?? null,
      lanes: progress.lanes.map(laneView),
      way: wayTimes(tries),
      renditions:
        plan === null ? [] : await Promise.all(plan.renditions.map((each) => renditionView(queue, id, each, plan))),
      seamsS: plan?.seamsS ?? [],
      notes: plan?.notes ?? [],
      leftS: title.state === 'running' ? progress.timeLeft(nowMs) : null,
      running: tries.running.slice(0, MAX_RUNNING).map((row) => ({
        key: keyOf(tries.lanes[tries.lane[row]!]!, tries.chunk[row]!),
        worker: tries.slots[tries.slot[row]!]!.worker,
        beganMs: tries.beganAt[row]!,
      })),
      failed: failed.map(({ key, error, failures }) => ({ key, error: tail(error ?? ''), failures })),
      playable: manifests === null ? [] : await this.#playable(id, manifests.dash),
      manifests,
    };
  }

  /** Null where there is no such title. */
  async timeline(id: string, range: TimelineRange): Promise<TitleTimeline | null> {
    const titles = await this.#titles();
    if (titles === null || (await titles.queue.title(id)) === null) return null;
    const { progress } = this.#keep(titles, id);
    await progress.update();
    return titleTimeline(progress.tries, range, Date.now());
  }

  async items(id: string, { limit, offset, state, kind }: ItemsWish): Promise<ItemLines> {
    const titles = await this.#titles();
    const filter = { ...(state !== undefined && { state }), ...(kind !== undefined && { kind }) };
    const found = (await titles?.queue.items(id, { limit: limit + 1, offset, ...filter })) ?? [];
    return {
      version: TITLES_VERSION,
      items: found.slice(0, limit).map(itemLine),
      more: found.length > limit,
    };
  }

  /** Null where there is no such item. */
  async item(id: string, key: string): Promise<ItemLine | null> {
    const item = (await (await this.#titles())?.queue.item(id, key)) ?? null;
    return item === null ? null : itemLine(item);
  }

  /**
   * False where there is no such title.
   * @throws UserError where it is in no state for that
   */
  async act(id: string, action: TitleAction): Promise<boolean> {
    const titles = await this.#titles();
    const title = (await titles?.queue.title(id)) ?? null;
    if (titles === null || title === null) return false;
    if (!FROM[action].includes(title.state))
      throw new UserError({ what: `a title that is ${title.state} can't be asked to ${action}`, where: title.name });
    if (action === 'retry') await titles.queue.retryFailed(id);
    else await titles.queue.changeTitle(id, CHANGES[action]);
    return true;
  }

  /**
   * With all that was made for it; what was published stays. False where there is no such title.
   * @throws UserError while it is being made
   */
  async delete(id: string): Promise<boolean> {
    const titles = await this.#titles();
    const title = (await titles?.queue.title(id)) ?? null;
    if (titles === null || title === null) return false;
    if (title.state === 'running')
      throw new UserError({ what: 'this title is being made', where: title.name, todo: 'cancel it first' });
    this.#kept.delete(id);
    await titles.delete(id);
    return true;
  }

  async close(): Promise<void> {
    await (await this.#opened?.catch(() => null))?.close();
  }

  /** Null while the lab has no queue. */
  async #titles(): Promise<Titles<Pick<LabView, 'path'>> | null> {
    if (this.#opened === null) {
      if (!existsSync(join(this.#lab.path, QUEUE_FILE))) return null;
      this.#opened = openTitles(this.#lab);
      this.#opened.catch(() => (this.#opened = null));
    }
    return this.#opened;
  }

  #keep(titles: Titles<Pick<LabView, 'path'>>, id: string): Kept {
    const kept = this.#kept.get(id) ?? { progress: new TitleProgress(titles.queue, id), plan: null };
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return kept;
  }

  async #digest(titles: Titles<Pick<LabView, 'path'>>, id: string): Promise<PlanDigest | null> {
    // Before it was inspected there is no plan; a file that is there already may belong to a try that is not done.
    if ((await titles.queue.item(id, 'inspect'))?.state !== 'done') return null;
    const plan = await titles.plan(id);
    return plan === null ? null : digestOf(plan);
  }

  async #line(titles: Titles<Pick<LabView, 'path'>>, title: TitleRecord): Promise<TitleLine> {
    const { id, name, state, reason, campaign, createdAt, endedAt, items } = title;
    return {
      id,
      name,
      state,
      reason,
      campaign,
      createdAt,
      endedAt,
      items,
      sourceS: await this.#sourceS(titles, id),
    };
  }

  async #sourceS(titles: Titles<Pick<LabView, 'path'>>, id: string): Promise<number | null> {
    const known = this.#lengths.get(id);
    if (known !== undefined) return known;
    const inspected = (await titles.queue.item(id, 'inspect'))?.result as unknown as ItemResult | null | undefined;
    const length = inspected?.facts['durationS'];
    if (typeof length !== 'number') return null;
    if (this.#lengths.size >= MAX_LENGTHS) this.#lengths.clear();
    this.#lengths.set(id, length);
    return length;
  }

  /** What of it is served by this server's origin: nothing where it was published elsewhere. */
  async #playable(id: string, dash: string): Promise<Playable[]> {
    const names = relative(publishedRoot(this.#lab.path), dash).split(sep);
    const [name, ...rest] = names;
    if (name === undefined || name === '..' || rest.length !== 1) return [];
    const published = await readPublishedTitle(publishedRoot(this.#lab.path), name);
    if (published?.title !== id) return [];
    const folder = `/media/${encodeURIComponent(name)}`;
    const { protection } = published;
    const licence =
      protection === 'none'
        ? null
        : { url: `/licences/${encodeURIComponent(name)}`, token: licenceToken(this.#serverToken, name) };
    const variants: Playable[] = [{ dash: `${folder}/${published.dash}`, protection, licence }];
    if (existsSync(join(publishedRoot(this.#lab.path), name, CLEAR, published.dash)) && protection !== 'none')
      variants.push({ dash: `${folder}/${CLEAR}/${published.dash}`, protection: 'none', licence: null });
    return variants;
  }
}

const FROM: Readonly<Record<TitleAction, readonly TitleState[]>> = {
  pause: ['running'],
  resume: ['paused'],
  retry: ['failed', 'running', 'paused'],
  cancel: ['running', 'paused', 'failed'],
};

const CHANGES = {
  pause: { state: 'paused' },
  resume: { state: 'running' },
  cancel: { state: 'cancelled', reason: 'cancelled by its user' },
} as const;

/** The key of the item of a chunk: as the plan names them. */
function keyOf({ kind, group }: { readonly kind: string; readonly group: string }, chunk: number): string {
  if (kind === ENCODE) return `${kind}/${String(chunk).padStart(5, '0')}/${group}`;
  return group === '' ? kind : `${kind}/${group}`;
}

const ENCODE: ItemKind = 'encode';

function itemLine({ key, kind, state, failures, worker, error, result }: ItemRecord): ItemLine {
  const made = result as unknown as ItemResult | null;
  return {
    key,
    kind,
    state,
    failures,
    worker,
    error: error === null ? null : tail(error),
    bytes: made === null ? null : made.outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    cpuS: made?.cpuS ?? null,
    checkCpuS: made?.checkCpuS ?? null,
    runs: made?.outputs.flatMap(({ run }) => (run === null ? [] : [run])) ?? [],
  };
}

function manifestsOf(published: ItemRecord | null): TitleView['manifests'] {
  if (published?.state !== 'done') return null;
  const { hls, dash } = ((published.result as unknown as ItemResult | null)?.facts ?? {}) as Record<string, unknown>;
  return typeof hls === 'string' && typeof dash === 'string' ? { hls, dash } : null;
}

function tail(text: string): string {
  return text.length <= ERROR_TAIL ? text : `…${text.slice(-ERROR_TAIL)}`;
}
