// Works until a campaign has nothing left that can be worked on; a title that somebody waits for goes first.

import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '#core/user-error';
import { workOnTitles, type WorkOptions } from '../work-on-titles.ts';
import { campaignState, type CampaignState } from './change-campaign.ts';

/** How often the campaign is looked at. */
const LOOK_MS = 500;

export interface RunCampaignOptions extends Omit<WorkOptions, 'title'> {
  readonly campaign: string;
}

/**
 * @returns how the campaign stands when nothing is worked on any more
 * @throws UserError where it is paused, or the queue can't be written
 */
export async function runCampaign(options: RunCampaignOptions): Promise<CampaignState> {
  const { titles, campaign } = options;
  const state = await campaignState(titles, campaign);
  if (state === 'paused')
    throw new UserError({ what: `the campaign ${campaign} is paused`, todo: `encodelab campaign resume ${campaign}` });
  if (state === 'ended') return state;
  const ended = new AbortController();
  const watch = watchFor(options, ended);
  // Told below: nobody awaits it before.
  watch.catch(() => ended.abort());
  try {
    await workOnTitles({ ...options, drain: AbortSignal.any([options.drain, ended.signal]) });
  } finally {
    ended.abort();
    await watch;
  }
  return campaignState(titles, campaign);
}

/** Aborts when nothing of the campaign may be worked on. */
async function watchFor({ titles, campaign }: RunCampaignOptions, ended: AbortController): Promise<void> {
  while (!ended.signal.aborted) {
    await sleep(LOOK_MS, undefined, { signal: ended.signal }).catch(ignoreAbort);
    if (!ended.signal.aborted && (await campaignState(titles, campaign)) !== 'running') ended.abort();
  }
}

function ignoreAbort(error: Error): void {
  if (error.name !== 'AbortError') throw error;
}
