// What a campaign has to do: which titles of the catalogue are re-encoded, and why the others are not.

import type { TitleRecord } from '#core/queue';
import type { Ladder, Protection } from '#core/title';
import { fileIdentity } from '#media/inspect-cache';
import { readRequest, type TitleRequest } from '../title-request.ts';
import { CAMPAIGN_PRIORITY, type Titles, type TitleWish } from '../titles.ts';
import { catalogueOf, everyTitle, filterCatalogue, sourceFacts, type CatalogueEntry } from './catalogue.ts';
import { parseFilter } from './filter.ts';
import { ladderContent } from './ladder-content.ts';
import type { CampaignRecord } from './campaign-file.ts';

export interface CampaignDraft {
  /** Sources in the catalogue. */
  readonly sources: number;
  /** What is to be encoded again, in the order of the catalogue, the newest first. */
  readonly wishes: readonly TitleWish[];
  /** Sources that the filter let through and that are not encoded again, by the reason. */
  readonly skipped: {
    /** The newest title has this ladder already. */
    readonly current: number;
    /** A title with this ladder waits or is being made. */
    readonly underWay: number;
    /** They failed in this campaign before, and are tried again by `campaign retry`. */
    readonly failed: number;
  };
  /** Paths of sources that are gone. */
  readonly gone: readonly string[];
  /** Titles that stay encrypted although the ladder is not. */
  readonly keptProtection: number;
}

/** Files that are looked at at once. */
const AT_ONCE = 64;

/** Looks only. @throws UserError where the filter is wrong */
export async function draftCampaign(titles: Titles, campaign: CampaignRecord, nowMs: number): Promise<CampaignDraft> {
  const all: TitleRecord[] = [];
  for await (const title of everyTitle(titles)) all.push(title);
  const catalogue = catalogueOf(all);
  const chosen = await filterCatalogue(titles, catalogue, parseFilter([campaign.filter]), nowMs);
  const identities = await identitiesOf(chosen);
  const before = madeBefore(all, campaign.name);

  const wishes: TitleWish[] = [];
  const skipped = { current: 0, underWay: 0, failed: 0 };
  const gone: string[] = [];
  let keptProtection = 0;
  for (const [i, entry] of chosen.entries()) {
    const { request, title } = entry;
    const identity = identities[i]!;
    if (identity === null) {
      gone.push(request.source);
      continue;
    }
    const ladder = ladderFor(campaign, request.ladder.protection);
    const product = productOf(request.source, identity, ladder);
    const isCurrent = title.state === 'done' && productOf(request.source, request.identity, request.ladder) === product;
    const state = isCurrent ? 'current' : before.get(product);
    if (state !== undefined) {
      skipped[state]++;
      continue;
    }
    if (ladder.protection !== (campaign.protection ?? campaign.ladder.protection)) keptProtection++;
    const { durationS } = await sourceFacts(titles, title.id);
    wishes.push(wishFor(entry, campaign, { ladder, identity, durationS }));
  }
  return { sources: catalogue.length, wishes, skipped, gone, keptProtection };
}

/** The products that are under way, and those that failed in this campaign. */
function madeBefore(all: readonly TitleRecord[], campaign: string): Map<string, 'underWay' | 'failed'> {
  const before = new Map<string, 'underWay' | 'failed'>();
  for (const title of all) {
    const isUnderWay = title.state === 'running' || title.state === 'paused';
    if (!isUnderWay && !(title.state === 'failed' && title.campaign === campaign)) continue;
    const { source, identity, ladder } = readRequest(title.request);
    const product = productOf(source, identity, ladder);
    if (isUnderWay || !before.has(product)) before.set(product, isUnderWay ? 'underWay' : 'failed');
  }
  return before;
}

function productOf(source: string, identity: string | null, ladder: Ladder): string {
  return JSON.stringify([source, identity, ladderContent(ladder)]);
}

/** What was encrypted is never published in the clear by the way: only where somebody asks for it. */
function ladderFor({ ladder, protection }: CampaignRecord, old: Protection): Ladder {
  if (protection !== null) return { ...ladder, protection };
  return ladder.protection === 'none' && old !== 'none' ? { ...ladder, protection: old } : ladder;
}

function wishFor(
  { title, request: old }: CatalogueEntry,
  campaign: CampaignRecord,
  { ladder, identity, durationS }: { ladder: Ladder; identity: string; durationS: number | null },
): TitleWish {
  const request: TitleRequest = {
    version: 1,
    source: old.source,
    identity,
    ladder,
    chunkS: old.chunkS,
    out: old.out,
    accept: old.accept,
    replaces: old.replaces ?? { id: title.id, name: title.name },
    ...(durationS === null ? {} : { durationS }),
  };
  const { name, deadline } = campaign;
  return { name: title.name, request, priority: CAMPAIGN_PRIORITY, deadline, campaign: name };
}

async function identitiesOf(entries: readonly CatalogueEntry[]): Promise<(string | null)[]> {
  const identities: (string | null)[] = [];
  for (let from = 0; from < entries.length; from += AT_ONCE)
    identities.push(
      ...(await Promise.all(entries.slice(from, from + AT_ONCE).map(({ request }) => fileIdentity(request.source)))),
    );
  return identities;
}
