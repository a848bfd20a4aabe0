// A campaign is started, or started again for what came to the catalogue since.

import type { Ladder, Protection } from '#core/title';
import { UserError } from '#core/user-error';
import { ownIdentity } from '#system/process-identity';
import type { Titles } from '../titles.ts';
import { readCampaign, writeCampaign, type CampaignRecord } from './campaign-file.ts';
import { campaignIds, campaignState } from './change-campaign.ts';
import { draftCampaign, type CampaignDraft } from './draft-campaign.ts';
import { filterText, parseFilter } from './filter.ts';
import { ladderContent } from './ladder-content.ts';

export interface CampaignWish {
  readonly name: string;
  /** The one that it was started with where it is left out. */
  readonly ladder?: Ladder | undefined;
  /** Terms; those that it was started with last where they are left out. */
  readonly filter?: readonly string[] | undefined;
  readonly protection?: Protection | undefined;
  readonly deadline?: string | undefined;
  /** Tells what would be done, and writes nothing. */
  readonly dryRun: boolean;
}

export interface StartedCampaign {
  readonly campaign: CampaignRecord;
  readonly draft: CampaignDraft;
  /** True where it was paused, and with it what was added. */
  readonly isPaused: boolean;
}

/**
 * Adds a title for everything that is not current. Done again it adds only what is new.
 * @throws UserError where the filter is wrong, the campaign has another ladder, or is being started by another process
 */
export async function startCampaign(titles: Titles, wish: CampaignWish): Promise<StartedCampaign> {
  if (wish.dryRun) {
    const campaign = await recordOf(titles, wish);
    return { campaign, draft: await draftCampaign(titles, campaign, Date.now()), isPaused: false };
  }
  const { catalogue } = titles.lab;
  const holder = { ...ownIdentity(), what: `encodelab campaign start (process ${process.pid})` };
  // Two that start at once would each add what the other adds.
  const other = await catalogue.lock(LOCK, holder);
  if (other !== null)
    throw new UserError({ what: `${other.what} starts a campaign in this lab`, todo: 'Try again when it has ended.' });
  try {
    const campaign = await recordOf(titles, wish);
    const draft = await draftCampaign(titles, campaign, Date.now());
    const isPaused = (await campaignState(titles, wish.name)) === 'paused';
    await writeCampaign(titles.lab, campaign);
    const ids = await titles.addAll(draft.wishes);
    if (isPaused) for (const some of campaignIds(ids)) await titles.queue.changeTitles(some, { state: 'paused' });
    return { campaign, draft, isPaused };
  } finally {
    await catalogue.unlock(LOCK, holder);
  }
}

const LOCK = 'campaigns';

async function recordOf({ lab }: Titles, wish: CampaignWish): Promise<CampaignRecord> {
  const known = await readCampaign(lab, wish.name);
  const ladder = wish.ladder ?? known?.ladder;
  if (ladder === undefined)
    throw new UserError({
      what: `the campaign ${wish.name} has no ladder yet`,
      todo: 'Name the one that everything is to have: --ladder FILE',
    });
  if (known !== null && ladderContent(known.ladder) !== ladderContent(ladder))
    throw new UserError({
      what: `the campaign ${wish.name} was started with another ladder (${known.ladder.name})`,
      todo: 'Start one of another name, or leave out --ladder.',
    });
  return {
    version: 1,
    name: wish.name,
    ladder,
    filter: wish.filter === undefined ? (known?.filter ?? '') : filterText(parseFilter(wish.filter)),
    protection: wish.protection ?? known?.protection ?? null,
    deadline: wish.deadline ?? known?.deadline ?? null,
    startedAt: known?.startedAt ?? new Date().toISOString(),
  };
}
