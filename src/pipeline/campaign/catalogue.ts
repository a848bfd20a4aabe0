// The catalogue of a lab: for each source the newest title that is done, or, where none is, the newest that has ended.

import type { TitleRecord } from '#core/queue';
import type { ItemResult } from '#core/title';
import { readRequest, type TitleRequest } from '../title-request.ts';
import { INSPECT_ITEM, type Titles } from '../titles.ts';
import { matches, type Filtered } from './matches.ts';
import type { Filter } from './filter.ts';

export interface CatalogueEntry {
  readonly title: TitleRecord;
  readonly request: TitleRequest;
}

/** What the first item of a title found; null where it was not done. */
export interface SourceFacts {
  readonly durationS: number | null;
  readonly video: readonly { readonly codec: string; readonly height: number }[] | null;
}

/** Titles that are read at once. */
const PAGE = 1_000;

/** All titles of a lab, or of one campaign, the newest first. */
export async function* everyTitle({ queue }: Titles, campaign?: string): AsyncGenerator<TitleRecord> {
  for (let offset = 0; ; offset += PAGE) {
    const page = await queue.titles({ limit: PAGE, offset, ...(campaign === undefined ? {} : { campaign }) });
    yield* page;
    if (page.length < PAGE) return;
  }
}

/** @param all titles, the newest first */
export function catalogueOf(all: readonly TitleRecord[]): CatalogueEntry[] {
  const bySource = new Map<string, CatalogueEntry>();
  for (const title of all) {
    if (title.state === 'running' || title.state === 'paused') continue;
    const request = readRequest(title.request);
    const known = bySource.get(request.source);
    if (known === undefined || (title.state === 'done' && known.title.state !== 'done'))
      bySource.set(request.source, { title, request });
  }
  return [...bySource.values()];
}

/** Entries that the filter lets through; those that are not done only where it asks for a state. */
export async function filterCatalogue(
  titles: Titles,
  entries: readonly CatalogueEntry[],
  filter: Filter,
  nowMs: number,
): Promise<CatalogueEntry[]> {
  const whole: Filter = filter.some(({ field }) => field === 'state')
    ? filter
    : [...filter, { field: 'state', op: '=', values: ['done'] }];
  const isFound = whole.some(({ field }) => field === 'codec' || field === 'height' || field === 'duration');
  const found: CatalogueEntry[] = [];
  for (const entry of entries) {
    const facts = isFound ? await sourceFacts(titles, entry.title.id) : NOTHING;
    if (matches(whole, filtered(entry, facts, nowMs))) found.push(entry);
  }
  return found;
}

const NOTHING: SourceFacts = { durationS: null, video: null };

/** Of the source and the renditions of a title. */
export async function sourceFacts({ queue }: Titles, id: string): Promise<SourceFacts> {
  const item = await queue.item(id, INSPECT_ITEM);
  const facts = (item?.result as unknown as ItemResult | null)?.facts as Partial<SourceFacts> | undefined;
  return { durationS: facts?.durationS ?? null, video: facts?.video ?? null };
}

function filtered({ title, request }: CatalogueEntry, { durationS, video }: SourceFacts, nowMs: number): Filtered {
  return {
    name: title.name,
    source: request.source,
    ladder: request.ladder.name,
    state: title.state,
    protection: request.ladder.protection,
    codecs: video === null ? null : video.map(({ codec }) => codec),
    height: video === null || video.length === 0 ? null : Math.max(...video.map(({ height }) => height)),
    durationS,
    ageS: (nowMs - Date.parse(title.endedAt ?? title.createdAt)) / 1000,
  };
}
