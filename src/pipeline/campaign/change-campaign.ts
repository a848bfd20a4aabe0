// Pausing, resuming, cancelling and trying again a whole campaign: its titles, many at a time.

import type { TitleState } from '#core/title';
import type { Titles } from '../titles.ts';
import { everyTitle } from './catalogue.ts';

/** `running` while anything may be worked on; `ended` where nothing is left, cancelled titles included. */
export type CampaignState = 'running' | 'paused' | 'ended';

/** Titles that one transaction changes. */
const AT_ONCE = 500;

export async function campaignState({ queue }: Titles, campaign: string): Promise<CampaignState> {
  const hasAny = async (state: TitleState) => (await queue.titles({ campaign, state, limit: 1 })).length > 0;
  if (await hasAny('running')) return 'running';
  return (await hasAny('paused')) ? 'paused' : 'ended';
}

/** What runs is finished, and nothing more is begun. Returns how many titles it concerns, as all of these do. */
export function pauseCampaign(titles: Titles, campaign: string): Promise<number> {
  return change(titles, campaign, ['running'], (some) => titles.queue.changeTitles(some, { state: 'paused' }));
}

export function resumeCampaign(titles: Titles, campaign: string): Promise<number> {
  return change(titles, campaign, ['paused'], (some) => titles.queue.changeTitles(some, { state: 'running' }));
}

/** What was published stays as it is, old or new. */
export function cancelCampaign(titles: Titles, campaign: string): Promise<number> {
  const reason = 'its campaign was cancelled';
  return change(titles, campaign, ['running', 'paused'], (some) =>
    titles.queue.changeTitles(some, { state: 'cancelled', reason }),
  );
}

/** Failed titles are tried again. */
export function retryCampaign(titles: Titles, campaign: string): Promise<number> {
  return change(titles, campaign, ['failed'], async (some) => {
    for (const id of some) await titles.queue.retryFailed(id);
    return some.length;
  });
}

async function change(
  titles: Titles,
  campaign: string,
  states: readonly TitleState[],
  apply: (ids: readonly string[]) => Promise<number>,
): Promise<number> {
  const ids: string[] = [];
  for await (const title of everyTitle(titles, campaign)) if (states.includes(title.state)) ids.push(title.id);
  let count = 0;
  for (const some of campaignIds(ids)) count += await apply(some);
  return count;
}

/** Ids in pieces of what one transaction changes. */
export function* campaignIds(ids: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < ids.length; from += AT_ONCE) yield ids.slice(from, from + AT_ONCE);
}
